// What a file is, by its content. A name can be wrong, and a file that is no picture should not
// leave this computer only to be refused elsewhere.
import { Problem } from './api.js';

const START = 4096;
const PNG_DEPTH_AT = 24;

function has(bytes, at, text) {
  for (let i = 0; i < text.length; ++i) {
    if (bytes[at + i] !== text.charCodeAt(i)) { return false; }
  }
  return true;
}

// The value of Modality (0008,0060) in its usual place, '' when it is not seen there. Its length follows
// the tag, after the letters CS where the file names the kind of each value.
function dicomModality(bytes) {
  for (let i = 132; i + 16 < bytes.length; ++i) {
    if (has(bytes, i, '\x08\x00\x60\x00')) {
      const length = has(bytes, i + 4, 'CS') ? bytes[i + 6] : bytes[i + 4];
      return String.fromCharCode(...bytes.subarray(i + 8, i + 8 + length)).trim();
    }
  }
  return '';
}

function isVideo(bytes) {
  const marks = [[4, 'ftyp'], [4, 'moov'], [4, 'mdat'], [8, 'AVI '], [0, '\x1a\x45\xdf\xa3'], [0, '\x00\x00\x01\xba'],
    [0, '\x00\x00\x01\xb3'], [0, 'OggS'], [0, '\x30\x26\xb2\x75\x8e\x66\xcf\x11'], [0, 'FLV\x01']];
  return marks.some(([at, text]) => has(bytes, at, text)) || (bytes[0] === 0x47 && bytes[188] === 0x47);
}

function wrongFile(name, why) {
  return new Problem({
    code: 'WRONG_FILE',
    sentence: why || `“${name}” is neither a picture nor a video that can be read.`,
    advice: 'Choose a chest X-ray or an endoscopy picture as PNG, JPEG or DICOM, or a video. The file was not sent anywhere.',
  });
}

function checkSize(file, kind, about) {
  const most = !about ? Infinity : kind === 'video' ? about.max_video_bytes : about.max_image_bytes;
  if (file.size > most) {
    throw new Problem({
      code: 'TOO_LARGE',
      sentence: `“${file.name}” has ${Math.ceil(file.size / 2 ** 20)} MB; ${kind === 'video' ? 'a video' : 'a picture'} may have ${Math.floor(most / 2 ** 20)}.`,
      advice: kind === 'video' ? 'Cut the video, or let somebody run “lingula stream” on it, which takes any length.'
        : 'Export a smaller picture. The file was not sent anywhere.',
    });
  }
}

// {kind, modality}. kind: 'picture' the browser shows it itself, 'served' the server has to show what
// it sees (DICOM, 16 bits a value), 'video'. modality: that of a DICOM file. Throws a Problem.
export async function kindOf(file, about) {
  const bytes = new Uint8Array(await file.slice(0, START).arrayBuffer());
  if (bytes.length === 0) { throw wrongFile(file.name, `“${file.name}” is empty.`); }
  let found = null;
  if (has(bytes, 128, 'DICM')) {
    found = { kind: 'served', modality: dicomModality(bytes) };
  } else if (has(bytes, 0, '\x89PNG\r\n')) {
    const turned = String.fromCharCode(...bytes).includes('eXIf');  // see stored.js
    found = { kind: bytes[PNG_DEPTH_AT] === 16 || turned ? 'served' : 'picture', modality: '' };
  } else if (has(bytes, 0, '\xff\xd8\xff')) {
    const motion = /\.mjpe?g$/i.test(file.name);
    found = { kind: motion ? 'video' : 'picture', modality: '' };
  } else if (isVideo(bytes)) {
    found = { kind: 'video', modality: '' };
  } else {
    throw wrongFile(file.name);
  }
  checkSize(file, found.kind, about);
  return found;
}

// Endoscopy shows colours, X-rays do not; black margins and a little tint count for nothing.
export async function looksColoured(bitmap) {
  const side = 32;
  const tiny = await createImageBitmap(bitmap, { resizeWidth: side, resizeHeight: side });
  const context = new OffscreenCanvas(side, side).getContext('2d', { willReadFrequently: true });
  context.drawImage(tiny, 0, 0);
  tiny.close();
  const { data } = context.getImageData(0, 0, side, side);
  let coloured = 0;
  for (let i = 0; i < data.length; i += 4) {
    const most = Math.max(data[i], data[i + 1], data[i + 2]);
    const least = Math.min(data[i], data[i + 1], data[i + 2]);
    coloured += most - least > 24 ? 1 : 0;
  }
  return coloured > side * side / 10;
}

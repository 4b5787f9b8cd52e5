// Pictures with their pixels where they are stored. Browsers turn a JPEG as its EXIF note says, and offer
// no way not to; the server does not, and the mask lies on the pixels as they are.

const HEAD = 1 << 20;
const [SOS, APP1] = [0xda, 0xe1];

// A JPEG file without its EXIF notes; any other as it is. Nothing is copied: the parts are slices.
async function withoutNotes(file) {
  const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  if (head[0] !== 0xff || head[1] !== 0xd8) { return file; }
  const parts = [file.slice(0, 2)];
  let at = 2;
  while (at + 4 <= head.length && head[at] === 0xff && head[at + 1] !== SOS) {
    const end = at + 2 + head[at + 2] * 256 + head[at + 3];
    if (head[at + 1] !== APP1) { parts.push(file.slice(at, end)); }
    at = end;
  }
  return new Blob([...parts, file.slice(at)], { type: 'image/jpeg' });
}

// Null where the browser cannot: the server then says what is wrong with the file.
export async function decode(file) {
  try {
    return await createImageBitmap(await withoutNotes(file));
  } catch {
    return null;
  }
}

// One picture: chosen model, request, and the answer put on the screen.
import { pictureAsServed, segment } from './api.js';
import { looksColoured } from './kinds.js';
import { defaultModel, modalityOf } from './server.js';
import { decode } from './stored.js';

export const XRAY = 'MODALITY_CHEST_XRAY';
export const ENDOSCOPY = 'MODALITY_ENDOSCOPY';
const ENDOSCOPY_DICOM = ['ES', 'GM', 'XC'];
const WORDS = { [XRAY]: 'a chest X-ray', [ENDOSCOPY]: 'endoscopy' };

// The model for a picture when nobody chose one, and why.
export async function modelFor(found, bitmap) {
  let modality;
  let why;
  if (found.kind === 'video') {
    [modality, why] = [ENDOSCOPY, 'a video'];
  } else if (found.modality) {
    modality = ENDOSCOPY_DICOM.includes(found.modality) ? ENDOSCOPY : XRAY;
    why = `DICOM modality ${found.modality}`;
  } else {
    const coloured = bitmap !== null && await looksColoured(bitmap);
    [modality, why] = coloured ? [ENDOSCOPY, 'the picture is in colour'] : [XRAY, bitmap === null ? 'nothing says otherwise' : 'the picture is grey'];
  }
  const model = defaultModel(modality);
  if (model === '') { return { model, note: `The server has no model for ${WORDS[modality]} (${why}); its default answered.` }; }
  return { model, note: `Taken for ${WORDS[modality]}, since ${why}. Another model can be chosen at the top.` };
}

// What people see of the file: the browser's own reading of it, else the server's.
async function pictureOf(job, own, parameters) {
  if (job.found.kind === 'picture' && own) { return own; }
  own?.close();
  return decode(await pictureAsServed(job.file, parameters, job.signal));
}

// Segments `job` {file, found, frame, model, left, signal}; `show` gets the picture as soon as it is
// there, and is waited for. Returns {page, probabilities, note, modality}.
export async function segmentStill(job, show) {
  const own = job.found.modality ? null : await decode(job.file);
  const chosen = job.model ? { model: job.model, note: '' } : await modelFor(job.found, own);
  const parameters = { model: chosen.model, frame: job.frame, left: job.left };
  const asked = segment(job.file, parameters, job.signal);
  asked.catch(() => {});  // awaited below, after the picture
  const bitmap = await Promise.race([pictureOf(job, own, parameters), asked.then(() => new Promise(() => {}))]);
  if (job.signal.aborted) { bitmap?.close(); } else { await show(bitmap); }
  return { ...await asked, note: chosen.note, modality: modalityOf(chosen.model) };
}

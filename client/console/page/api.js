// Calls of the console's own program, and how its answers are taken apart (page_answer.h).

// What went wrong, in words for whoever sits here.
export class Problem extends Error {
  constructor({ code, sentence, advice, detail }) {
    super(sentence);
    this.code = code;
    this.sentence = sentence;
    this.advice = advice || '';
    this.detail = detail || '';
  }
}

const GONE = {
  code: 'CONSOLE_GONE',
  sentence: 'The console itself does not answer.',
  advice: 'Start lingula-console again on this computer; the page goes on by itself then.',
};

// What `pending` resolves to; a connection that breaks is a Problem, too.
async function arrived(pending) {
  try {
    return await pending;
  } catch (error) {
    throw error.name === 'AbortError' ? error : new Problem(GONE);
  }
}

async function call(path, options) {
  const response = await arrived(fetch(path, { cache: 'no-store', ...options }));
  if (response.ok) { return response; }
  const text = await arrived(response.text());
  let told = null;
  try { told = JSON.parse(text); } catch { /* not from our handlers */ }
  throw new Problem(told || { code: String(response.status), sentence: 'The console refused this.', detail: text.trim() });
}

function query(parameters) {
  const used = Object.entries(parameters).filter(([, value]) => value);
  return used.length ? '?' + new URLSearchParams(used) : '';
}

export async function getJson(path, parameters = {}) {
  return arrived((await call(path + query(parameters))).json());
}

const decoder = new TextDecoder();

// One envelope at `at` of `bytes`: {page, parts, end}, or null when it is not all there.
function takeEnvelope(bytes, at) {
  if (bytes.length < at + 4) { return null; }
  const size = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true);
  let end = at + 4 + size;
  if (bytes.length < end) { return null; }
  const page = JSON.parse(decoder.decode(bytes.subarray(at + 4, end)));
  const parts = [];
  for (const length of page.parts) {
    if (bytes.length < end + length) { return null; }
    parts.push(bytes.subarray(end, end + length));
    end += length;
  }
  return { page, parts, end };
}

// {page, probabilities}, with the moment of its arrival marked.
export async function segment(file, parameters, signal) {
  const response = await call('/api/segment' + query(parameters), { method: 'POST', body: file, signal });
  const bytes = new Uint8Array(await arrived(response.arrayBuffer()));
  performance.mark('answer');
  const { page, parts } = takeEnvelope(bytes, 0);
  return { page, probabilities: parts[0] };
}

export async function pictureAsServed(file, parameters, signal) {
  const response = await call('/api/picture' + query(parameters), { method: 'POST', body: file, signal });
  return arrived(response.blob());
}

// The envelopes of a video, one after the other. Reads no faster than the caller takes them: that
// holds the program back, and the program the server.
export async function* playVideo(file, parameters, signal) {
  const response = await call('/api/video' + query(parameters), { method: 'POST', body: file, signal });
  const reader = response.body.getReader();
  let waiting = new Uint8Array(0);
  for (;;) {
    const piece = await arrived(reader.read());
    if (piece.done) { return; }
    const bytes = new Uint8Array(waiting.length + piece.value.length);
    bytes.set(waiting);
    bytes.set(piece.value, waiting.length);
    let at = 0;
    for (let one = takeEnvelope(bytes, at); one; one = takeEnvelope(bytes, at)) {
      at = one.end;
      if (one.page.problem) { throw new Problem(one.page.problem); }
      yield one;
    }
    waiting = bytes.slice(at);
  }
}

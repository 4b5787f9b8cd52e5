// The page as a whole: what is open, what is asked, what is shown.
import { showCard } from './card.js';
import { drawRamp, probabilityCanvas } from './colours.js';
import { wireControls, wireFiles } from './controls.js';
import { byId, say } from './dom.js';
import { kindOf } from './kinds.js';
import { answerPanels, problemContent } from './panels.js';
import { defaultModel, server, watchServer } from './server.js';
import { ENDOSCOPY, XRAY, modelFor, segmentStill } from './still.js';
import { VideoView, videoPanels } from './video.js';
import { PAINTS, Viewer, smallCopy } from './viewer.js';

const AWAY = ['UNAVAILABLE', 'CANCELLED', 'CONSOLE_GONE'];

const viewer = new Viewer([
  { canvas: byId('first'), layer: 'mask' },
  { canvas: byId('second'), layer: 'second' },
], () => { byId('zoom-words').textContent = `${Math.round(100 * viewer.scale)} %`; });
const video = new VideoView(viewer);

let opened = null;   // {file, found, frame}
let answer = null;   // what segmentStill returned
let running = null;  // AbortController of the request under way
let waiting = false;  // for the server, to ask again

function busy(words) {
  byId('busy').hidden = !words;
  byId('busy-words').textContent = words || '';
}

// `again`: what a button offers, unless the page asks again by itself.
function showProblem(problem, again) {
  const box = byId('problem');
  box.hidden = !problem;
  waiting = Boolean(problem) && AWAY.includes(problem.code);
  if (!problem) { return; }
  const told = problem.sentence ? problem : { sentence: 'The page has a fault.', advice: 'Load it again.', detail: String(problem) };
  box.replaceChildren(...problemContent(told, waiting ? null : again));
  byId('results').scrollTop = 0;
}

function showStage(kind) {
  byId('empty').hidden = true;
  for (const id of ['panes', 'tools', 'zoom']) { byId(id).hidden = false; }
  byId('video').hidden = kind !== 'video';
  if (kind === 'video') { byId('frames').hidden = true; }
  for (const choice of document.querySelectorAll('input[name=view]')) {
    choice.disabled = choice.value !== 'overlay' && (kind === 'video' || !answer || (choice.value === 'pair' && !answer.page.answer.second_opinion));
  }
}

function showView(view) {
  const pair = view === 'pair';
  byId('second-pane').hidden = !pair;
  byId('ramp').hidden = view !== 'probability';
  byId('opacity-field').hidden = view === 'probability';
  viewer.probabilities = null;
  if (view === 'probability') {
    const { width, height } = answer.page;
    answer.coloured ||= probabilityCanvas(answer.probabilities, width, height, server.about.ramp);
    viewer.probabilities = answer.coloured;
    drawRamp(byId('ramp-colours'), server.about.ramp);
  }
  viewer.resized();
}

function chosenView() { return document.querySelector('input[name=view]:checked').value; }

function showSides() {
  const left = answer?.page.answer.dicom?.viewer_left || { 'patient-right': 'VIEWER_LEFT_IS_PATIENT_RIGHT', 'patient-left': 'VIEWER_LEFT_IS_PATIENT_LEFT' }[byId('left').value];
  const whose = { VIEWER_LEFT_IS_PATIENT_RIGHT: ['right', 'left'], VIEWER_LEFT_IS_PATIENT_LEFT: ['left', 'right'] }[left];
  byId('side-left').textContent = `image left${whose ? `, patient's ${whose[0]}` : ''}`;
  byId('side-right').textContent = `image right${whose ? `, patient's ${whose[1]}` : ''}`;
  byId('sides').hidden = answer?.modality !== XRAY;
}

function showFrames() {
  const dicom = answer.page.answer.dicom;
  byId('frames').hidden = !dicom || dicom.frame_count < 2;
  if (!dicom) { return; }
  const slider = byId('frame');
  slider.max = dicom.frame_count;
  if (document.activeElement !== slider) { slider.value = dicom.frame_number; }
  byId('frame-words').textContent = `frame ${dicom.frame_number} of ${dicom.frame_count}`;
}

// The answer on the screen; returns once it is drawn.
async function showAnswer(got) {
  const { page } = got;
  answer = got;
  viewer.layers = { mask: new Path2D(page.path), second: new Path2D(page.second_path) };
  const zones = page.answer.guidance.zones || [];
  viewer.paint = got.modality === ENDOSCOPY ? PAINTS.endoscopy : PAINTS.xray;
  viewer.zones = zones.length === 6 ? { places: server.about.zones, probabilities: zones.map((zone) => zone.probability) } : null;
  byId('zones-field').hidden = viewer.zones === null;
  showStage('still');
  if (document.querySelector('input[name=view]:checked').disabled) { document.querySelector('input[name=view]').checked = true; }
  showView(chosenView());
  await viewer.shown();
  const drawn = performance.measure('answer to screen', 'answer').duration;
  performance.clearMarks('answer');
  if (answer !== got) { return; }
  const notes = [got.note, viewer.zones ? 'Zones are drawn where they lie in most pictures; the lungs of this one were not measured.' : ''].filter(Boolean);
  byId('panels').replaceChildren(...answerPanels(page, notes, drawn, () => { document.querySelector('input[value=pair]').click(); }));
  byId('notice').textContent = page.answer.notice;
  showSides();
  showFrames();
  const sentence = page.answer.location?.sentence || '';
  say(`Segmented. ${sentence}`);
}

async function askStill(job) {
  const got = await segmentStill(job, async (bitmap) => {
    const small = await smallCopy(bitmap);
    if (job.signal.aborted) { return; }
    const same = viewer.picture && answer && opened.shown && viewer.picture.width === bitmap.width && viewer.picture.height === bitmap.height;
    if (!same) { forgetAnswer(); }
    viewer.setPicture(bitmap, small, same);
    opened.shown = true;
    showStage('still');
    byId('first-words').textContent = `${job.file.name}, ${bitmap.width} × ${bitmap.height}`;
  });
  if (!job.signal.aborted) { await showAnswer(got); }
}

async function playVideo(job) {
  forgetAnswer();
  viewer.paint = PAINTS.endoscopy;
  document.querySelector('input[name=view]').checked = true;
  showStage('video');
  showView('overlay');
  byId('zones-field').hidden = true;
  byId('panels').replaceChildren(...videoPanels());
  const model = job.model || (await modelFor(job.found, null)).model;
  byId('video-note').textContent = `${opened.file.name}, ${model || "the server's default model"}`;
  byId('play').textContent = 'Pause';
  byId('panels').removeAttribute('aria-busy');
  busy('');
  await video.play(job.file, { model, policy: byId('policy').value }, job.signal);
  if (!job.signal.aborted) { byId('play').textContent = 'Play again'; say('The video has ended'); }
}

// Results of one file or model must never stand beside another one.
function forgetAnswer() {
  answer = null;
  Object.assign(viewer, { layers: {}, zones: null, probabilities: null });
  byId('panels').replaceChildren();
  for (const id of ['sides', 'ramp', 'frames']) { byId(id).hidden = true; }
  viewer.redraw();
}

// Asks about what is open; whatever was asked before counts no more.
async function ask() {
  running?.abort();
  const controller = new AbortController();
  running = controller;
  showProblem(null);
  const isVideo = opened.found.kind === 'video';
  busy(isVideo ? 'Reading the video…' : 'Segmenting…');
  byId('panels').setAttribute('aria-busy', 'true');
  const job = { ...opened, model: byId('model').value, left: byId('left').value, signal: controller.signal };
  try {
    await (isVideo ? playVideo(job) : askStill(job));
  } catch (problem) {
    if (running !== controller) { return; }
    if (!isVideo) { forgetAnswer(); }
    if (problem.name !== 'AbortError') { showProblem(problem, ask); }
    if (isVideo) { byId('play').textContent = 'Play again'; }
  }
  if (running === controller) {
    running = null;
    busy('');
    byId('panels').removeAttribute('aria-busy');
  }
}

async function take(file) {
  running?.abort();
  running = null;
  video.goOn();
  busy('');
  try {
    opened = { file, found: await kindOf(file, server.about), frame: 0, shown: false };
  } catch (problem) {
    byId('play').textContent = 'Play again';
    showProblem(problem);
    return;
  }
  forgetAnswer();
  byId('results').scrollTop = 0;
  await ask();
}

function goToFrame(number) {
  const { frame_count: count } = answer.page.answer.dicom;
  opened.frame = Math.min(count, Math.max(1, number));
  byId('frame').value = opened.frame;
  ask();
}

function pauseOrPlay() {
  if (running === null) {
    ask();
  } else if (video.paused) {
    video.goOn();
    byId('play').textContent = 'Pause';
  } else {
    video.pause();
    byId('play').textContent = 'Go on';
  }
}

function wire() {
  const open = wireFiles(take);
  wireControls(viewer, { open, view: showView });
  byId('cancel').addEventListener('click', () => running?.abort());
  byId('card').addEventListener('click', () => {
    const name = byId('model').value || (answer && `${answer.page.answer.model.name}@${answer.page.answer.model.version}`) || defaultModel(XRAY);
    if (name) { showCard(name); }
  });
  byId('card-close').addEventListener('click', () => byId('card-dialog').close());
  for (const id of ['model', 'left', 'policy']) { byId(id).addEventListener('change', () => opened && ask()); }
  byId('frame').addEventListener('change', () => goToFrame(Number(byId('frame').value)));
  byId('frame-back').addEventListener('click', () => goToFrame(answer.page.answer.dicom.frame_number - 1));
  byId('frame-on').addEventListener('click', () => goToFrame(answer.page.answer.dicom.frame_number + 1));
  byId('play').addEventListener('click', pauseOrPlay);
}

wire();
watchServer((serving) => { if (serving && waiting && opened) { ask(); } });
document.documentElement.dataset.ready = 'true';
performance.mark('ready');

// What the answer says, beside the picture.
import { bar, gauge, stacked, swatch } from './charts.js';
import { el } from './dom.js';

const percent = (share, digits = 0) => `${(100 * share).toFixed(digits)} %`;
const MASK = '#ffb454';
const BLUE = '#5d8fd6';
const GRAVE = ['LOW_CONFIDENCE', 'OUT_OF_DISTRIBUTION', 'WRONG_MODALITY', 'WRONG_VIEW', 'GUIDANCE_CONFLICT', 'BURNED_IN_TEXT'];

function panel(title, ...content) {
  return el('section', { class: 'panel' }, title ? el('h2', {}, title) : null, ...content);
}

function row(name, chart, value, on) {
  return [el('span', { class: on ? 'name on' : 'name' }, name), el('span', {}, chart), el('span', { class: 'value' }, value)];
}

function zoneName(zone) {
  const [side, height] = zone.replace('ZONE_IMAGE_', '').toLowerCase().split('_');
  return `image ${side}, ${height}`;
}

function sentencePanel(answer, notes) {
  const sentence = answer.location?.sentence || 'The model says nothing about places.';
  return panel('Where', el('p', { class: 'sentence', id: 'sentence' }, sentence),
    ...notes.map((note) => el('p', { class: 'dim' }, note)));
}

function flagsList(flags) {
  if (flags.length === 0) { return null; }
  return el('ul', { class: 'flags', id: 'flags' }, flags.map(({ name, meaning }) => {
    const grave = GRAVE.includes(name);
    return el('li', { class: grave ? 'grave' : '', 'data-flag': name },
      el('span', { class: 'mark', 'aria-hidden': 'true' }, grave ? '!' : 'i'), el('span', {}, meaning));
  }));
}

function trustPanel(answer, flags) {
  const q = answer.quality;
  if (q.expected_dice === undefined) {
    return panel('How far to trust it', el('div', { class: 'head' }, el('span', { class: 'big', id: 'dice' }, 'n/a')),
      el('p', { class: 'dim' }, 'The mask is empty, so there is no Dice to expect.'), flagsList(flags));
  }
  const interval = q.expected_dice_low !== undefined && q.expected_dice_high !== undefined;
  const words = interval
    ? `In ${Math.round(10 * q.coverage)} of 10 such pictures the Dice lay between ${q.expected_dice_low.toFixed(2)} and ${q.expected_dice_high.toFixed(2)}.`
    : 'A bare estimate of the network, not calibrated.';
  return panel('How far to trust it',
    el('div', { class: 'head' }, el('span', { class: 'big', id: 'dice' }, q.expected_dice.toFixed(2)), el('span', {}, 'expected Dice')),
    gauge(q.expected_dice, q.expected_dice_low, q.expected_dice_high, `Expected Dice ${q.expected_dice.toFixed(2)}. ${words}`),
    el('p', { class: 'dim', id: 'dice-words' }, words), flagsList(flags));
}

// Zone by zone as they lie in the picture: left column image left.
function zoneRows(zones) {
  return el('div', { class: 'rows', id: 'zone-rows' }, zones.map((zone) => row(zoneName(zone.zone),
    bar(zone.probability, zone.probability >= 0.5 ? MASK : BLUE, `${zoneName(zone.zone)}: ${percent(zone.probability)}`),
    percent(zone.probability), zone.probability >= 0.5)));
}

function prototypeRows(guidance) {
  return [
    el('div', { class: 'rows', id: 'prototype-rows' }, guidance.prototypes.map((one) => {
      const name = `${one.zone === 'ZONE_UNSPECIFIED' ? `pool ${one.label}` : zoneName(one.zone)}, #${one.index}`;
      return row(name, bar(one.similarity, MASK, `${name}: cosine ${one.similarity.toFixed(3)}`), one.similarity.toFixed(3), true);
    })),
    el('p', { class: 'dim' }, `Cosines with the picture. The last one is ${guidance.prototype_margin.toPrecision(2)} ahead of the best one left out: close to 0, the choice was a matter of chance.`),
  ];
}

function guidanceContent(guidance) {
  const content = [];
  if (guidance.zones?.length) { content.push(zoneRows(guidance.zones)); }
  if (guidance.model_input_report) {
    content.push(el('h3', {}, 'Report that the network wrote'), el('blockquote', { id: 'report' }, guidance.model_input_report),
      el('p', { class: 'dim' }, "Model input, not a finding. In it, “left” is the viewer's left."));
  }
  if (guidance.prototypes?.length) { content.push(...prototypeRows(guidance)); }
  return content;
}

function secondPanel(page, showPair) {
  const second = page.answer.second_opinion;
  if (!second) { return null; }
  const words = page.second_words ? `The mask that would have been drawn ${page.second_words}.`
    : 'The mask under the prototypes that came next.';
  const button = el('button', { type: 'button', 'aria-label': 'Compare both masks side by side' }, 'Compare');
  button.addEventListener('click', showPair);
  return panel('Second opinion',
    el('div', { class: 'head' }, el('span', { class: 'big', id: 'second-dice' }, second.dice === undefined ? 'n/a' : second.dice.toFixed(2)),
      el('span', {}, second.dice === undefined ? 'both masks are empty' : 'Dice of both masks'), el('span', { class: 'grow' }), button),
    el('p', { class: 'dim' }, `${words} Far below 1, the mask depends on the guidance.`));
}

// Where each millisecond went, from the file's way to the server to the picture on the screen.
export function timesOf(page, shownMs) {
  const t = page.answer.timing;
  const stages = [
    ['Decode', t.decode_us, '#74c0ff'], ['Preprocess', t.preprocess_us, '#8fa8ff'], ['Queue', t.queue_us, '#a9b5c2'],
    ['Network', t.infer_us, '#ffb454'], ['Postprocess', t.postprocess_us, '#6fd6a8'], ['Encode', t.encode_us, '#c7a6ff']];
  const known = stages.reduce((sum, stage) => sum + stage[1], 0);
  stages.push(['Rest of the server', Math.max(0, t.total_us - known), '#7d8b9a']);
  stages.push(['Way there and back', Math.max(0, page.round_trip_us - t.total_us), '#56677a']);
  stages.push(['Drawing here', Math.max(0, 1000 * shownMs), '#ff9a8f']);
  return stages.map(([name, us, colour]) => ({ name, us, colour }));
}

export function timePanel(page, shownMs) {
  const times = timesOf(page, shownMs);
  const all = times.reduce((sum, { us }) => sum + us, 0) || 1;
  const legend = times.map(({ name, us, colour }) => [swatch(colour), el('span', {}, name), el('span', { class: 'value' }, `${(us / 1000).toFixed(2)} ms`)]);
  return panel(`Where ${(all / 1000).toFixed(1)} ms went`,
    stacked(times.map(({ us, colour }) => ({ share: us / all, colour })), times.map(({ name, us }) => `${name} ${(us / 1000).toFixed(2)} ms`).join(', ')),
    el('div', { class: 'legend', id: 'times' }, legend));
}

function detailsPanel(answer) {
  const q = answer.quality;
  const rows = [['Area of the mask', percent(q.area_share, 1)], ['Parts', String(q.component_count)]];
  const add = (name, value, words) => { if (value !== undefined) { rows.push([name, words(value)]); } };
  add('Something is there', q.presence_probability, (p) => percent(p));
  add('Mask inside the guiding zones', q.guidance_agreement, (p) => percent(p));
  add('Mean entropy', q.mean_entropy_bits, (bits) => `${bits.toFixed(3)} bit`);
  add('Entropy along the outline', q.boundary_entropy_bits, (bits) => `${bits.toFixed(3)} bit`);
  add("Further from the model's data than", q.outlier_percentile, (p) => `${percent(p)} of it`);
  rows.push(['Threshold', answer.threshold.toPrecision(3)], ['Model', `${answer.model.name}@${answer.model.version}`], ['Batch of', String(answer.timing.batch_size)]);
  return el('details', { class: 'panel' }, el('summary', {}, 'All figures'),
    el('div', { class: 'table' }, rows.map(([name, value]) => [el('span', { class: 'name' }, name), el('span', { class: 'value' }, value)])),
    el('h3', {}, 'SHA-256 of the weights'), el('code', {}, answer.model.weights_sha256));
}

// All of one answer. `notes`: what else to say below the sentence.
export function answerPanels(page, notes, shownMs, showPair) {
  const { answer } = page;
  return [
    sentencePanel(answer, notes), trustPanel(answer, page.flags),
    panel('What guided the mask', ...guidanceContent(answer.guidance)),
    secondPanel(page, showPair), timePanel(page, shownMs), detailsPanel(answer),
  ].filter(Boolean);
}

export function problemContent(problem, again) {
  const button = again && el('button', { type: 'button' }, 'Try again');
  button?.addEventListener('click', again);
  return [el('h2', {}, problem.sentence), problem.advice ? el('p', {}, problem.advice) : null,
    problem.detail && problem.detail !== problem.sentence ? el('p', { class: 'dim' }, problem.detail) : null, button].filter(Boolean);
}

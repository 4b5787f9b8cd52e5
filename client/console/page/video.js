// A video: frames with their masks as they come, and what became of each.
import { playVideo } from './api.js';
import { byId, el } from './dom.js';

const RATE_WINDOW_MS = 2000;
const LATENCIES = 240;
const DROPS = {
  DROP_REASON_SUPERSEDED: 'gave way to a newer frame', DROP_REASON_TOO_OLD: 'became too old',
  DROP_REASON_BAD_FRAME: 'could not be read', DROP_REASON_REFUSED: 'the server had no room', DROP_REASON_FAILED: 'the server failed',
};

function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

// Counts, of bounded size whatever the length of the video.
class Figures {
  constructor() {
    this.masks = 0;
    this.drops = new Map();
    this.latencies = [];
    this.shown = [];
    this.recent = [];  // true: mask
  }

  add(page, now) {
    this.recent.push(page.drop === undefined);
    if (this.recent.length > 400) { this.recent.shift(); }
    if (page.drop) { this.drops.set(page.drop, (this.drops.get(page.drop) || 0) + 1); return; }
    this.masks += 1;
    this.latencies.push(page.latency_us / 1000);
    if (this.latencies.length > LATENCIES) { this.latencies.shift(); }
    this.shown.push(now);
    while (this.shown[0] < now - RATE_WINDOW_MS) { this.shown.shift(); }
  }

  rate() {
    const span = this.shown.length > 1 ? this.shown[this.shown.length - 1] - this.shown[0] : 0;
    return span > 0 ? 1000 * (this.shown.length - 1) / span : 0;
  }

  dropped() { return [...this.drops.values()].reduce((sum, count) => sum + count, 0); }
}

function drawStrip(canvas, recent) {
  const width = canvas.clientWidth;
  if (canvas.width !== width) { canvas.width = width; }
  const context = canvas.getContext('2d');
  context.clearRect(0, 0, width, 14);
  const step = 3;
  const last = recent.slice(-Math.floor(width / step));
  last.forEach((mask, i) => {
    context.fillStyle = mask ? '#6fd6a8' : '#ff9a8f';
    context.fillRect(i * step, mask ? 4 : 0, 2, mask ? 10 : 14);
  });
}

function number(value, words, id) {
  return el('div', {}, el('b', { id }, value), el('span', {}, words));
}

// Made once, then only its texts change: the page is updated thirty times a second.
export function videoPanels() {
  const panel = (title, ...content) => el('section', { class: 'panel' }, el('h2', {}, title), ...content);
  return [
    panel('Where', el('p', { class: 'sentence', id: 'sentence' }, 'The first frame is on its way.'), el('p', { class: 'dim', id: 'video-note' })),
    panel('Now', el('div', { class: 'numbers' }, number('–', 'frames/s', 'rate'), number('–', 'ms latency', 'latency'), number('–', 'ms, 95 of 100', 'latency95')),
      el('p', { class: 'dim' }, "Latency: from the frame's turn to its mask. Each mask is drawn over its own frame.")),
    panel('This frame', el('div', { class: 'numbers' }, number('–', 'expected Dice', 'dice'), number('–', 'of the picture', 'share'), number('–', 'frame', 'frame-number'))),
    panel('Receipts', el('p', { id: 'receipts' }, 'Every frame ends with a mask or with a reason why it has none.'), el('ul', { id: 'drops', class: 'flags' })),
  ];
}

export class VideoView {
  constructor(viewer) {
    this.viewer = viewer;
    this.paused = null;  // a promise that resolves on going on
  }

  pause() { this.paused = new Promise((resolve) => { this.resume = resolve; }); }
  goOn() { this.resume?.(); this.paused = null; }

  // Until the video has ended; throws Problems.
  async play(file, parameters, signal) {
    this.goOn();
    const figures = new Figures();
    let fps = 0;
    for await (const { page, parts } of playVideo(file, parameters, signal)) {
      if (this.paused) { await this.paused; }
      if (signal.aborted) { return; }
      if (page.fps !== undefined) { fps = page.fps; }
      if (page.frame === undefined) { continue; }
      figures.add(page, performance.now());
      if (!page.drop) { await this.show(page, parts[0], fps); }
      this.report(page, figures);
    }
    this.report({}, figures);
  }

  async show(page, jpeg, fps) {
    const bitmap = await createImageBitmap(new Blob([jpeg], { type: 'image/jpeg' }));
    const first = this.viewer.picture?.width !== bitmap.width || this.viewer.picture?.height !== bitmap.height;
    this.viewer.layers = { mask: new Path2D(page.path) };
    this.viewer.setPicture(bitmap, null, !first);
    byId('first-words').textContent = `${fps > 0 ? `${(page.frame / fps).toFixed(1)} s, ` : ''}frame ${page.frame}`;
    byId('sentence').textContent = page.sentence;
    byId('dice').textContent = page.dice === undefined ? 'n/a' : page.dice.toFixed(2);
    byId('share').textContent = `${(100 * page.foreground_share).toFixed(1)} %`;
    byId('frame-number').textContent = String(page.frame);
    byId('notice').textContent = page.notice;
    await new Promise(requestAnimationFrame);
  }

  report(page, figures) {
    drawStrip(byId('strip'), figures.recent);
    if (figures.latencies.length > 0) {
      byId('rate').textContent = figures.rate().toFixed(1);
      byId('latency').textContent = quantile(figures.latencies, 0.5).toFixed(0);
      byId('latency95').textContent = quantile(figures.latencies, 0.95).toFixed(0);
    }
    byId('receipts').textContent = `${figures.masks} frames with a mask, ${figures.dropped()} without.`;
    const rows = [...figures.drops].map(([reason, count]) => el('li', { 'data-drop': reason },
      el('span', { class: 'mark', 'aria-hidden': 'true' }, '!'), el('span', {}, `${count}: ${DROPS[reason] || reason}`)));
    byId('drops').replaceChildren(...rows);
  }
}

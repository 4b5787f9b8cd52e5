// Small charts of the results, as SVG without scripts or styles in it.
import { svg } from './dom.js';

// A bar from 0 to `share` of the width.
export function bar(share, colour, label) {
  const width = Math.max(0, Math.min(1, share));
  return svg('svg', { viewBox: '0 0 100 8', preserveAspectRatio: 'none', role: 'img', 'aria-label': label },
    svg('rect', { width: 100, height: 8, rx: 1.5, fill: '#2c3743' }),
    svg('rect', { width: 100 * width, height: 8, rx: 1.5, fill: colour }));
}

// 0 to 1 with an interval and a mark.
export function gauge(value, low, high, label) {
  const left = 4;
  const width = 352;
  const at = (share) => left + width * share;
  const node = svg('svg', { class: 'gauge', viewBox: `0 0 ${width + 2 * left} 34`, role: 'img', 'aria-label': label },
    svg('rect', { x: left, y: 6, width, height: 8, rx: 4, fill: '#2c3743' }));
  if (low !== undefined && high !== undefined) {
    node.append(svg('rect', { x: at(low), y: 6, width: Math.max(2, width * (high - low)), height: 8, rx: 4, fill: '#5d8fd6' }));
  }
  node.append(svg('rect', { x: at(value) - 1.5, y: 1, width: 3, height: 18, rx: 1.5, fill: '#ffb454' }));
  for (const tick of [0, 0.25, 0.5, 0.75, 1]) {
    node.append(svg('text', { x: at(tick), y: 31, 'text-anchor': tick === 0 ? 'start' : tick === 1 ? 'end' : 'middle' }, String(tick)));
  }
  return node;
}

// `parts`: [{share of the whole, colour}].
export function stacked(parts, label) {
  const node = svg('svg', { class: 'times', viewBox: '0 0 1000 22', preserveAspectRatio: 'none', role: 'img', 'aria-label': label });
  let from = 0;
  for (const part of parts) {
    node.append(svg('rect', { x: 1000 * from, width: Math.max(1, 1000 * part.share), height: 22, fill: part.colour }));
    from += part.share;
  }
  return node;
}

export function swatch(colour) {
  return svg('svg', { viewBox: '0 0 10 10', 'aria-hidden': 'true' }, svg('rect', { width: 10, height: 10, rx: 2, fill: colour }));
}

// The picture with what lies over it, in one pane or two side by side under one view.
import { drawZones } from './zones.js';

const MIN_SHOWN = 0.5;  // of the whole picture: no smaller than half of what fits
const MAX_SCALE = 32;   // pixels of the screen for one of the picture
const PIXELS_FROM = 3;  // from this scale on pixels stay squares
const SMALL_SIDE = 1800;
const STEP = 1.25;

// By layer: [colour, its outline]. Colours that the kind of picture does not hold itself: orange stands
// out from grey, not from a bowel.
export const PAINTS = {
  xray: { mask: ['#ff8c1a', '#ffd166'], second: ['#3d9bff', '#a8d8ff'] },
  endoscopy: { mask: ['#00cfc3', '#c4fff9'], second: ['#7a6cff', '#d9d3ff'] },
};

// What a large film is drawn from while it is seen as a whole, so that moving it stays smooth; null for
// others. Made beside the page's thread.
export async function smallCopy(bitmap) {
  const side = Math.max(bitmap.width, bitmap.height);
  if (side <= SMALL_SIDE * 1.5) { return null; }
  const length = (whole) => Math.max(1, Math.round(whole * SMALL_SIDE / side));
  return createImageBitmap(bitmap, { resizeWidth: length(bitmap.width), resizeHeight: length(bitmap.height), resizeQuality: 'high' });
}

export class Viewer {
  constructor(panes, changed) {
    this.panes = panes;  // [{canvas, layer: which of `layers`}]
    this.paint = PAINTS.xray;
    this.changed = changed;
    this.picture = null;  // {bitmap, small, width, height}
    this.layers = {};     // name: Path2D in pixels of the picture
    this.zones = null;
    this.probabilities = null;  // a canvas, instead of the picture
    this.show = { opacity: 0.4, contour: true, zones: false, mask: true };
    this.scale = 1;
    this.fitted = true;
    this.centre = { x: 0, y: 0 };
    this.drawn = [];
    new ResizeObserver(() => this.resized()).observe(panes[0].canvas);
  }

  // `small`: of smallCopy. Both are closed when the next picture comes.
  setPicture(bitmap, small, keepView) {
    this.picture?.small?.close();
    this.picture?.bitmap.close();
    this.picture = { bitmap, small, width: bitmap.width, height: bitmap.height };
    if (keepView) { this.redraw(); } else { this.fit(); }
  }

  setLayers(layers) { this.layers = layers; this.redraw(); }

  // Resolves once what is set now has been drawn and handed to the screen.
  shown() { return new Promise((resolve) => { this.drawn.push(resolve); this.redraw(); }); }

  redraw() {
    if (!this.waiting) {
      this.waiting = true;
      requestAnimationFrame(() => { this.waiting = false; this.draw(); });
    }
  }

  resized() {
    if (this.fitted && this.picture) { this.fit(); }
    this.redraw();
  }

  size() {
    const box = this.panes[0].canvas.getBoundingClientRect();
    const dots = window.devicePixelRatio || 1;
    return { width: Math.max(1, Math.round(box.width * dots)), height: Math.max(1, Math.round(box.height * dots)), dots };
  }

  fitScale() {
    const { width, height } = this.size();
    return Math.min(width / this.picture.width, height / this.picture.height);
  }

  fit() {
    this.scale = this.fitScale();
    this.centre = { x: this.picture.width / 2, y: this.picture.height / 2 };
    this.fitted = true;
    this.redraw();
  }

  // Keeps the point of the picture that is at `at` (of the canvas, CSS pixels) where it is.
  zoomTo(scale, at) {
    if (!this.picture) { return; }
    const { width, height, dots } = this.size();
    const next = Math.min(MAX_SCALE, Math.max(this.fitScale() * MIN_SHOWN, scale));
    const from = at ? { x: at.x * dots - width / 2, y: at.y * dots - height / 2 } : { x: 0, y: 0 };
    this.centre.x += from.x / this.scale - from.x / next;
    this.centre.y += from.y / this.scale - from.y / next;
    this.scale = next;
    this.fitted = false;
    this.keepInside();
  }

  zoomBy(steps, at) { this.zoomTo(this.scale * STEP ** steps, at); }

  moveBy(x, y) {
    if (!this.picture) { return; }
    const { dots } = this.size();
    this.centre.x -= x * dots / this.scale;
    this.centre.y -= y * dots / this.scale;
    this.fitted = false;
    this.keepInside();
  }

  keepInside() {
    this.centre.x = Math.min(this.picture.width, Math.max(0, this.centre.x));
    this.centre.y = Math.min(this.picture.height, Math.max(0, this.centre.y));
    this.redraw();
  }

  draw() {
    const { width, height, dots } = this.size();
    for (const pane of this.panes) {
      if (pane.canvas.closest('[hidden]')) { continue; }
      if (pane.canvas.width !== width) { pane.canvas.width = width; }
      if (pane.canvas.height !== height) { pane.canvas.height = height; }
      const context = pane.canvas.getContext('2d', { alpha: false });
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.fillStyle = '#000';
      context.fillRect(0, 0, width, height);
      if (this.picture) { this.drawPane(context, pane, width, height, dots); }
    }
    this.changed(this);
    for (const resolve of this.drawn.splice(0)) { setTimeout(resolve); }  // after the frame
  }

  drawPane(context, pane, width, height, dots) {
    const { scale, picture } = this;
    context.setTransform(scale, 0, 0, scale, width / 2 - this.centre.x * scale, height / 2 - this.centre.y * scale);
    context.imageSmoothingEnabled = scale < PIXELS_FROM;
    const small = picture.small && scale * Math.max(picture.width, picture.height) <= SMALL_SIDE * 1.2;
    const probabilities = this.probabilities;
    context.drawImage(probabilities || (small ? picture.small : picture.bitmap), 0, 0, picture.width, picture.height);
    const path = this.layers[pane.layer];
    if (path) {
      const [colour, outline] = this.paint[pane.layer];
      context.fillStyle = colour;
      context.globalAlpha = probabilities || !this.show.mask ? 0 : this.show.opacity;
      if (context.globalAlpha > 0) { context.fill(path, 'evenodd'); }
      context.globalAlpha = 1;
      if (this.show.contour) {
        context.strokeStyle = probabilities ? '#fff' : outline;
        context.lineWidth = 1.6 * dots / scale;
        context.stroke(path);
      }
    }
    if (this.zones && this.show.zones) { drawZones(context, this.zones, picture, scale / dots); }
  }
}

// How people move the picture and choose what lies over it.
import { byId } from './dom.js';

const STEP_PX = 60;

function fingers(canvas, viewer) {
  const down = new Map();
  const spread = () => {
    const [a, b] = [...down.values()];
    return { distance: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
  });
  canvas.addEventListener('pointermove', (event) => {
    const before = down.get(event.pointerId);
    if (!before) { return; }
    const old = down.size === 2 ? spread() : null;
    down.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    if (old) {
      const now = spread();
      viewer.moveBy(now.x - old.x, now.y - old.y);
      viewer.zoomTo(viewer.scale * now.distance / Math.max(1, old.distance), now);
    } else {
      viewer.moveBy(event.offsetX - before.x, event.offsetY - before.y);
    }
  });
  for (const end of ['pointerup', 'pointercancel']) {
    canvas.addEventListener(end, (event) => down.delete(event.pointerId));
  }
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    viewer.zoomBy(-event.deltaY / 120, { x: event.offsetX, y: event.offsetY });
  }, { passive: false });
  canvas.addEventListener('dblclick', (event) => {
    if (viewer.fitted) { viewer.zoomTo(1, { x: event.offsetX, y: event.offsetY }); } else { viewer.fit(); }
  });
}

function toggle(id) {
  const box = byId(id);
  if (!box.closest('[hidden]')) { box.click(); }
}

function chooseView(value) {
  const choice = document.querySelector(`input[name=view][value=${value}]`);
  if (!choice.disabled) { choice.click(); }
}

function keys(viewer, open) {
  const actions = {
    o: open, '+': () => viewer.zoomBy(1), '=': () => viewer.zoomBy(1), '-': () => viewer.zoomBy(-1), 0: () => viewer.picture && viewer.fit(),
    1: () => chooseView('overlay'), 2: () => chooseView('probability'), 3: () => chooseView('pair'),
    m: () => { viewer.show.mask = !viewer.show.mask; viewer.redraw(); }, c: () => toggle('contour'), z: () => toggle('zones'),
    ArrowLeft: () => viewer.moveBy(STEP_PX, 0), ArrowRight: () => viewer.moveBy(-STEP_PX, 0),
    ArrowUp: () => viewer.moveBy(0, STEP_PX), ArrowDown: () => viewer.moveBy(0, -STEP_PX),
  };
  document.addEventListener('keydown', (event) => {
    const busy = event.ctrlKey || event.metaKey || event.altKey || byId('card-dialog').open;
    const arrow = event.key.startsWith('Arrow');
    const field = event.target.matches('select, input[type=range], input[type=radio], summary') || (arrow && event.target.closest('.results'));
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (busy || !action || (field && (arrow || event.target.matches('select')))) { return; }
    event.preventDefault();
    action();
  });
}

// `view` is told the chosen view.
export function wireControls(viewer, { open, view }) {
  for (const pane of viewer.panes) { fingers(pane.canvas, viewer); }
  keys(viewer, open);
  byId('opacity').addEventListener('input', (event) => {
    viewer.show.opacity = event.target.value / 100;
    viewer.show.mask = true;
    byId('opacity-words').textContent = `${event.target.value} %`;
    viewer.redraw();
  });
  for (const name of ['contour', 'zones']) {
    byId(name).addEventListener('change', (event) => { viewer.show[name] = event.target.checked; viewer.redraw(); });
  }
  byId('zoom-in').addEventListener('click', () => viewer.zoomBy(1));
  byId('zoom-out').addEventListener('click', () => viewer.zoomBy(-1));
  byId('zoom-native').addEventListener('click', () => viewer.zoomTo(1));
  byId('zoom-reset').addEventListener('click', () => viewer.fit());
  for (const choice of document.querySelectorAll('input[name=view]')) {
    choice.addEventListener('change', () => view(choice.value));
  }
}

// Files by drop, anywhere on the page, and by the two buttons.
export function wireFiles(take) {
  const input = byId('file');
  const open = () => { input.value = ''; input.click(); };
  byId('open').addEventListener('click', open);
  byId('choose').addEventListener('click', open);
  input.addEventListener('change', () => input.files[0] && take(input.files[0]));
  let inside = 0;
  const veil = (shown) => { byId('veil').hidden = !shown; };
  document.addEventListener('dragenter', (event) => { event.preventDefault(); inside += 1; veil(true); });
  document.addEventListener('dragleave', () => { inside -= 1; veil(inside > 0); });
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    inside = 0;
    veil(false);
    if (event.dataTransfer.files[0]) { take(event.dataTransfer.files[0]); }
  });
  return open;
}

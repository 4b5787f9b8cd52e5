// Whether the server is there, and which models it has.
import { getJson } from './api.js';
import { byId, el, say } from './dom.js';

const EVERY_MS = 2000;
const KINDS = { MODALITY_CHEST_XRAY: 'Chest X-ray', MODALITY_ENDOSCOPY: 'Endoscopy' };

export const server = { about: null, models: [], serving: null };

const fullName = (model) => `${model.identity.name}@${model.identity.version}`;

// The default of a modality, else its first.
export function defaultModel(modality) {
  const fitting = server.models.filter((model) => model.modality === modality);
  const model = fitting.find((one) => one.is_default) || fitting[0];
  return model ? fullName(model) : '';
}

export function modalityOf(name) {
  return server.models.find((model) => fullName(model) === name)?.modality;
}

function fillPicker() {
  const picker = byId('model');
  const chosen = picker.value;
  const groups = Object.entries(KINDS).map(([modality, label]) => {
    const models = server.models.filter((model) => model.modality === modality);
    return models.length ? el('optgroup', { label }, models.map((model) => el('option', { value: fullName(model) }, model.identity.name + (models.some((other) => other !== model && other.identity.name === model.identity.name) ? `@${model.identity.version}` : '')))) : null;
  });
  picker.replaceChildren(el('option', { value: '' }, 'By the picture'), ...groups.filter(Boolean));
  if ([...picker.options].some((option) => option.value === chosen)) { picker.value = chosen; }
}

function show(serving, words) {
  const changed = server.serving !== serving;
  server.serving = serving;
  byId('server').className = `server ${serving ? 'up' : 'away'}`;
  byId('server-words').textContent = words;
  return changed;
}

async function look() {
  let words;
  try {
    server.about ||= await getJson('/api/about');
    byId('destination').textContent = server.about.server;
    const status = await getJson('/api/status');
    if (status.serving) {
      if (server.serving !== true) {
        server.models = (await getJson('/api/models')).models || [];
        fillPicker();
      }
      return show(true, server.about.server);
    }
    words = `${server.about.server} does not answer`;
  } catch (problem) {
    words = problem.sentence || 'The console has a fault';
  }
  return show(false, words);
}

// Looks now and every two seconds; `changed` hears of each change.
export async function watchServer(changed) {
  for (;;) {
    if (await look()) {
      say(server.serving ? 'The server answers' : 'The server does not answer');
      changed(server.serving);
    }
    await new Promise((resolve) => { setTimeout(resolve, EVERY_MS); });
  }
}

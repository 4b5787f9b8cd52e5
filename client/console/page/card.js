// The card of a model: the Markdown that cards are written in, as elements.
import { getJson } from './api.js';
import { byId, el } from './dom.js';

function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).filter(Boolean).map((piece) => {
    if (piece.startsWith('`')) { return el('code', {}, piece.slice(1, -1)); }
    if (piece.startsWith('**')) { return el('strong', {}, piece.slice(2, -2)); }
    return piece;
  });
}

const cells = (line) => line.trim().replace(/^\||\|$/g, '').split('|').map((cell) => cell.trim());

function table(lines) {
  const rows = lines.filter((line) => !/^[|\s:-]+$/.test(line));
  return el('table', {}, rows.map((line, i) => el('tr', {}, cells(line).map((cell) => el(i === 0 ? 'th' : 'td', {}, ...inline(cell))))));
}

function block(text) {
  const lines = text.split('\n');
  if (/^#+ /.test(text)) {
    const [head, ...rest] = lines;
    return [el(/^# /.test(head) ? 'h2' : 'h3', {}, head.replace(/^#+ /, '')), ...(rest.length ? block(rest.join('\n')) : [])];
  }
  if (lines.every((line) => /^\|/.test(line))) { return [table(lines)]; }
  if (lines.every((line) => /^ {4}/.test(line))) { return [el('pre', {}, lines.map((line) => line.slice(4)).join('\n'))]; }
  if (lines.every((line) => /^([-*] | {2})/.test(line))) {
    return [el('ul', {}, text.split(/\n(?=[-*] )/).map((item) => el('li', {}, ...inline(item.replace(/^[-*] /, '').replace(/\n\s*/g, ' ')))))];
  }
  return [el('p', {}, ...inline(text.replace(/\n/g, ' ')))];
}

export function markdown(text) {
  return text.trim().split(/\n\s*\n/).flatMap(block);
}

export async function showCard(model) {
  const dialog = byId('card-dialog');
  byId('card-title').textContent = model;
  byId('card-text').replaceChildren(el('p', {}, 'Asking the server…'));
  dialog.showModal();
  try {
    const { card_markdown: card } = await getJson('/api/card', { model });
    byId('card-text').replaceChildren(...markdown(card || 'This model has no card.').filter((node) => node.tagName !== 'H2'));
  } catch (problem) {
    byId('card-text').replaceChildren(el('p', {}, problem.sentence), el('p', { class: 'dim' }, problem.advice || ''));
  }
}

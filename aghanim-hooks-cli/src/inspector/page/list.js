// The list of deliveries. Only the rows in sight are elements, so that 10,000 deliveries scroll as 10 do.

import { $, answerOf, count, duration, h, mark, ORIGINS, signatureOf, time } from '/dom.js';

const ROW = 60;
const SPARE = 6;

const list = $('#list');
const canvas = h('div', { class: 'canvas', role: 'presentation' });
list.append(canvas);

let items = [];
let byId = new Map();
let chosen = null;
let more = false;
let unseen = 0;
let scheduled = false;
/** The rows that are elements, by the delivery that each one shows. */
let rows = new Map();
let onChoose = () => {};
let onMore = () => {};

export function start(choose, loadMore) {
  onChoose = choose;
  onMore = loadMore;
  list.addEventListener('scroll', schedule, { passive: true });
  new ResizeObserver(schedule).observe(list);
  list.addEventListener('click', (click) => {
    const row = click.target.closest('[data-id]');
    if (row) onChoose(Number(row.dataset.id), true);
  });
  list.addEventListener('keydown', (key) => {
    const page = Math.max(1, Math.floor(list.clientHeight / ROW) - 1);
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -items.length, End: items.length }[key.key];
    if (by) {
      key.preventDefault();
      move(by);
    }
  });
  $('#newer').addEventListener('click', () => {
    list.scrollTop = 0;
    list.focus();
  });
}

/** Replaces the whole list. */
export function reset(deliveries, hasMore) {
  items = deliveries;
  byId = new Map(items.map((item) => [item.id, item]));
  more = hasMore;
  unseen = 0;
  list.scrollTop = 0;
  schedule();
}

/** Adds older deliveries at the end. */
export function append(deliveries, hasMore) {
  for (const item of deliveries) insert(item);
  more = hasMore;
  schedule();
}

/** Puts in the newest page. Returns false if deliveries may be missing between it and the list. */
export function merge(deliveries) {
  const newest = items[0]?.id ?? 0;
  if (items.length && !deliveries.some(({ id }) => id <= newest)) return false;
  for (const item of [...deliveries].reverse()) put(item);
  return true;
}

/** Puts in one delivery: a new one, or a newer state of a known one. Returns true if it is new. */
export function put(item) {
  const known = byId.has(item.id);
  insert(item);
  // The rows in sight stay where they are when a newer one comes above them.
  if (!known && list.scrollTop > ROW / 2) {
    canvas.style.height = `${items.length * ROW}px`;
    list.scrollTop += ROW;
    unseen += 1;
  }
  schedule();
  return !known;
}

function insert(item) {
  if (byId.has(item.id)) {
    items[items.findIndex(({ id }) => id === item.id)] = item;
  } else {
    const last = items.at(-1);
    let at = last && item.id < last.id ? items.length : 0;
    while (at < items.length && items[at].id > item.id) at += 1;
    items.splice(at, 0, item);
  }
  byId.set(item.id, item);
}

export const length = () => items.length;
export const oldest = () => items.at(-1)?.id;

/** Marks a delivery as chosen, and scrolls to it. */
export function choose(id) {
  chosen = id;
  const at = items.findIndex((item) => item.id === id);
  if (at >= 0) {
    const top = at * ROW;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
  }
  schedule();
}

/** Chooses the delivery that is `by` rows further down. */
export function move(by) {
  if (!items.length) return;
  const now = items.findIndex(({ id }) => id === chosen);
  const next = now < 0 ? 0 : Math.min(items.length - 1, Math.max(0, now + by));
  onChoose(items[next].id, false);
}

function schedule() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    render();
  });
}

function render() {
  list.hidden = items.length === 0;
  const from = Math.max(0, Math.floor(list.scrollTop / ROW) - SPARE);
  const to = Math.min(items.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + SPARE);
  canvas.style.height = `${items.length * ROW}px`;
  // A row that is still in sight keeps its element: a click on one that is replaced meanwhile would be lost.
  const before = rows;
  rows = new Map(items.slice(from, to).map((item) => [item, before.get(item) ?? row(item)]));
  for (const [item, element] of before) if (!rows.has(item)) element.remove();
  let next = canvas.firstChild;
  [...rows].forEach(([item, element], at) => {
    place(element, item, from + at);
    if (element === next) next = next.nextSibling;
    else canvas.insertBefore(element, next);
  });
  const active = document.getElementById(`d${chosen}`);
  if (active) list.setAttribute('aria-activedescendant', active.id);
  else list.removeAttribute('aria-activedescendant');

  if (list.scrollTop <= ROW / 2) unseen = 0;
  $('#newer').hidden = unseen === 0;
  $('#newer').textContent = `↑ ${count(unseen, 'new delivery', 'new deliveries')}`;
  if (more && to > items.length - 2 * SPARE) {
    more = false;
    onMore();
  }
}

/** Sets everything of a row that depends on the list around it. */
function place(element, item, at) {
  element.ariaSelected = `${item.id === chosen}`;
  element.ariaSetSize = `${more ? -1 : items.length}`;
  element.ariaPosInSet = `${at + 1}`;
  element.style.top = `${at * ROW}px`;
}

function row(item) {
  const signature = item.signature.verdict === 'valid' ? null : mark(signatureOf(item), 'signature ');
  return h(
    'div',
    { id: `d${item.id}`, 'data-id': item.id, role: 'option' },
    h('span', { class: 'event' }, item.event ?? `not an event (${item.method} ${item.path})`),
    h('span', { class: 'when' }, `#${item.id} · `, h('time', { datetime: item.received }, time(item.received))),
    h(
      'span',
      { class: 'marks' },
      mark(answerOf(item)),
      item.fits === false && mark({ tone: 'bad', shape: '≠', words: 'breaks the contract' }),
      signature,
      item.environment === 'sandbox' && h('span', { class: 'tag' }, 'sandbox'),
      item.origin !== 'received' && h('span', { class: 'tag' }, ORIGINS[item.origin]),
      item.key_seen > 0 && h('span', { class: 'tag' }, `key seen ${item.key_seen}×`),
      item.chaos.filter((name) => name !== item.origin).map((name) => h('span', { class: 'tag chaos' }, `⚡ ${name}`)),
    ),
    h('span', { class: 'when' }, duration(item.ms)),
  );
}

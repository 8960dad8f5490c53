// The page: its state, its address, its keys. The list, one delivery, the dialogs and chaos are in modules of their own.

import { call, follow, takeToken } from '/api.js';
import * as chaos from '/chaos.js';
import { ask, loadCatalogue, openEdit, openExport, openTrigger } from '/dialogs.js';
import { message, show } from '/detail.js';
import { $, count, h, say, time, warn } from '/dom.js';
import * as list from '/list.js';

const FILTERS = ['q', 'event', 'signature', 'status', 'key'];
const filters = $('#filters');
const narrow = matchMedia('(max-width: 900px)');

let status = null;
let total = 0;
let chosen = null;
let shown = null;
let connection = 'connecting';
let lastSeen = null;

// ── The address ──────────────────────────────────────────────────────────────────────────────────────────────────────

const active = () => FILTERS.filter((name) => filters.elements[name].value.trim());

function query(extra = {}) {
  const parameters = new URLSearchParams(extra);
  for (const name of active()) parameters.set(name, filters.elements[name].value.trim());
  return parameters;
}

function writeAddress(how = 'replaceState') {
  const parameters = query(chosen == null ? {} : { id: chosen });
  // The view is kept in the history, so that Back on a narrow screen leads from a delivery to the list.
  history[how](how === 'pushState' ? { view: 'detail' } : history.state, '', `${location.pathname}${parameters.size ? '?' : ''}${parameters}`);
}

function readAddress() {
  const parameters = new URLSearchParams(location.search);
  for (const name of FILTERS) filters.elements[name].value = parameters.get(name) ?? '';
  const id = Number(parameters.get('id'));
  chosen = id > 0 ? id : null;
}

// ── The list ─────────────────────────────────────────────────────────────────────────────────────────────────────────

let asked = 0;

/** Loads the newest deliveries that pass the filters. A later call makes an earlier one's answer void. */
async function load() {
  const mine = (asked += 1);
  $('#list').setAttribute('aria-busy', 'true');
  if (!list.length()) listState(h('p', { class: 'loading' }, 'Loading…'));
  try {
    const page = await call('GET', `/api/deliveries?${query({ limit: 100 })}`);
    if (mine !== asked) return;
    total = page.total;
    list.reset(page.deliveries, page.more);
    list.choose(chosen);
    describe();
  } catch (error) {
    if (mine === asked && error.status !== 401) failed(error);
  } finally {
    $('#list').removeAttribute('aria-busy');
  }
}

async function loadMore() {
  const mine = asked;
  try {
    const page = await call('GET', `/api/deliveries?${query({ limit: 200, before: list.oldest() })}`);
    if (mine === asked) list.append(page.deliveries, page.more);
  } catch (error) {
    warn(`The older deliveries could not be loaded: ${error.message}`);
  }
}

function failed(error) {
  list.reset([], false);
  listState(h('p', {}, h('b', {}, '⚠ The deliveries could not be loaded: '), error.message), h('button', { onclick: load }, 'Try again'));
}

function listState(...children) {
  $('#list-state').replaceChildren(...children);
  $('#list-state').hidden = children.length === 0;
}

/** Says how many deliveries there are. If there are none, says what to do next. */
function describe() {
  const on = active();
  $('#count').textContent = on.length ? count(total, 'match', 'matches') : count(total, 'recorded', 'recorded');
  $('#no-filters').hidden = on.length === 0;
  const hidden = on.filter((name) => name !== 'q').length;
  $('#filter-count').textContent = hidden ? ` (${hidden} on)` : '';
  $('#clear').hidden = total === 0 || on.length > 0;
  if (list.length()) listState();
  else if (on.length) listState(h('p', {}, h('b', {}, 'No delivery passes the filters.')), h('button', { onclick: removeFilters }, 'Remove the filters'));
  else listState(...empty());
}

function empty() {
  if (!status) return [h('p', { class: 'loading' }, 'Loading…')];
  const address = status.deliveries_url;
  return [
    h('p', {}, h('b', {}, 'No deliveries yet.')),
    h('p', {}, 'Send the first one yourself:'),
    h('button', { class: 'primary', onclick: () => trigger() }, 'Trigger an event'),
    h('p', {}, 'Or send deliveries to this address. Register it in Aghanim’s dashboard, behind a tunnel to this machine:'),
    h('p', { class: 'copy' }, h('code', {}, address), h('button', { 'aria-label': `Copy ${address}`, onclick: () => copy(address) }, 'Copy')),
    h('p', { class: 'hint' }, status.forward ? `Each delivery is passed on to ${status.forward}.` : 'No --forward was given, so each delivery gets a good answer of its event’s own shape.'),
  ];
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say('Copied.');
  } catch {
    warn('The browser did not allow to copy. Select the text, and copy it with the keyboard.');
  }
}

let timer;
function filterSoon(ms) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    writeAddress();
    load();
  }, ms);
}

function removeFilters() {
  for (const name of FILTERS) filters.elements[name].value = '';
  filterSoon(0);
  filters.elements.q.focus();
}

// ── One delivery ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Chooses a delivery. `read` moves on to it: on a narrow screen it takes the list's place. */
async function choose(id, read = false) {
  chosen = id;
  list.choose(id);
  const opens = read && narrow.matches && document.body.dataset.view !== 'detail';
  writeAddress(opens ? 'pushState' : 'replaceState');
  if (read && narrow.matches) document.body.dataset.view = 'detail';
  await loadDetail();
  if (read && narrow.matches) $('#detail-title').focus();
}

async function loadDetail() {
  const id = chosen;
  if (id == null) return nothingChosen();
  try {
    const detail = await call('GET', `/api/deliveries/${id}`);
    if (id !== chosen) return undefined;
    if (shown?.id !== id) $('.detail-pane').scrollTop = 0;
    shown = detail;
    show(detail, link);
    document.title = `${detail.event ?? 'Not an event'} #${id} · aghanim-hooks listen`;
  } catch (error) {
    if (id !== chosen || error.status === 401) return undefined;
    shown = null;
    message(h('h2', {}, `Delivery #${id} could not be loaded`), h('p', {}, error.message), h('button', { onclick: loadDetail }, 'Try again'));
  }
  return undefined;
}

function nothingChosen() {
  shown = null;
  delete document.body.dataset.view;
  document.title = 'aghanim-hooks listen';
  const choice = total ? [h('b', {}, 'No delivery is chosen. '), 'Choose one in the list, or press ', h('kbd', {}, 'j'), '.'] : ['A delivery is shown here in full.'];
  message(h('p', {}, ...choice));
}

/** Follows a link to another delivery, or to the deliveries of a key. */
function link({ id, key }) {
  if (id != null) {
    choose(id, true);
    return;
  }
  for (const name of FILTERS) filters.elements[name].value = name === 'key' ? key : '';
  $('#more-filters').open = true;
  toList();
  filterSoon(0);
}

function back() {
  if (history.state?.view === 'detail') history.back();
  else toList();
}

function toList() {
  delete document.body.dataset.view;
  $('#list').focus();
}

// ── Actions ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function sent(id) {
  say(active().length ? `Sent as delivery #${id}. The filters may hide it in the list.` : `Sent as delivery #${id}.`);
  choose(id, true);
}

async function act(what, action) {
  if (chosen == null) {
    warn('Choose a delivery first.');
    return;
  }
  try {
    await action(chosen);
  } catch (error) {
    warn(`${what}: ${error.message}`);
  }
}

const resend = (sign) => act('It was not sent', async (id) => sent((await call('POST', `/api/deliveries/${id}/resend`, { sign })).id));

async function trigger() {
  try {
    await openTrigger(sent);
  } catch (error) {
    warn(`The catalogue could not be loaded: ${error.message}`);
  }
}

const ACTIONS = {
  resend: () => resend('exact'),
  resign: () => resend('fresh'),
  edit: () => act('It cannot be edited', async () => shown && openEdit(shown, sent)),
  fixture: () => act('It was not saved', async (id) => say(`Saved as ${(await call('POST', `/api/deliveries/${id}/fixture`, {})).path}.`)),
  export: () => act('It cannot be exported', openExport),
};

async function clear() {
  if ((await ask($('#confirm'))) !== 'clear') return;
  try {
    await call('POST', '/api/clear', {});
    chosen = null;
    writeAddress();
    nothingChosen();
    await load();
    say('The history is empty.');
  } catch (error) {
    warn(`The history was not cleared: ${error.message}`);
  }
}

function differences() {
  const section = $('#s-difference');
  if (!section) return warn('Choose a delivery first.');
  if (narrow.matches) document.body.dataset.view = 'detail';
  section.open = true;
  section.scrollIntoView({ block: 'start' });
  section.querySelector('summary').focus();
  return undefined;
}

// ── The live stream ──────────────────────────────────────────────────────────────────────────────────────────────────

function onEvent(event, text) {
  lastSeen = new Date();
  if (event === 'lagged') load();
  if (event === 'chaos') chaos.show(JSON.parse(text));
  if (event === 'verdict') chaos.showVerdict(JSON.parse(text));
  if (event !== 'delivery') return;
  const item = JSON.parse(text);
  if (active().length) refreshSoon();
  else {
    if (list.put(item)) total += 1;
    if (total <= 1 || list.length() <= 1) describe();
    else $('#count').textContent = count(total, 'recorded', 'recorded');
  }
  if (item.id === chosen) loadDetail();
}

/** With filters, the server decides which new deliveries pass. */
let refreshing;
function refreshSoon() {
  clearTimeout(refreshing);
  refreshing = setTimeout(async () => {
    try {
      const page = await call('GET', `/api/deliveries?${query({ limit: 100 })}`);
      total = page.total;
      if (!list.merge(page.deliveries)) list.reset(page.deliveries, page.more);
      describe();
    } catch (error) {
      warn(`New deliveries could not be loaded: ${error.message}`);
    }
  }, 150);
}

function onState(state) {
  const before = connection;
  connection = state;
  $('#connection').dataset.state = state;
  $('#connection').textContent = { live: '● Live', lost: '⚠ Connection lost', refused: '⚠ Locked' }[state];
  $('#banner').hidden = state === 'live';
  if (state === 'live') reload();
  if (state === before || state === 'live') return;
  if (state === 'lost') {
    const since = lastSeen ? ` The list is as it was at ${time(lastSeen)}.` : '';
    $('#banner').replaceChildren(h('b', {}, '⚠ Connection lost.'), ` The command does not answer. Is it still running?${since} Trying again by itself. `, h('button', { onclick: () => again() }, 'Try now'));
    if (!status) listState(h('p', {}, h('b', {}, '⚠ Nothing could be loaded.')), h('p', {}, 'Start ', h('code', {}, 'aghanim-hooks listen'), ' again, and open the address that it prints.'));
  } else {
    $('#banner').replaceChildren(h('b', {}, '⚠ This page is locked.'), ' Open the address that ', h('code', {}, 'aghanim-hooks listen'), ' printed last. It ends with #token=…, and each start has a new token.');
    if (!status) listState(h('p', {}, h('b', {}, 'The address has no valid token.')), h('p', {}, 'Copy the whole address from the terminal, with everything behind the #.'));
  }
}

async function reload() {
  lastSeen = new Date();
  try {
    status = await call('GET', '/api/status');
    $('#forward').replaceChildren(status.forward ? `→ ${status.forward}` : '→ answers by itself', status.secret ? '' : h('span', { class: 'tag' }, 'no secret: signatures are not checked'));
    chaos.show(status.chaos);
    chaos.showVerdict(status.verdict);
    await Promise.all([load().then(loadDetail), loadCatalogue()]);
  } catch (error) {
    if (error.status !== 401) failed(error);
  }
}

// ── Keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

const KEYS = {
  j: () => list.move(1),
  k: () => list.move(-1),
  '/': () => filters.elements.q.focus(),
  r: ACTIONS.resend,
  R: ACTIONS.resign,
  e: ACTIONS.edit,
  d: differences,
  s: ACTIONS.fixture,
  x: ACTIONS.export,
  t: trigger,
  c: () => chaos.toggle(),
  '?': () => $('#help').open || ask($('#help')),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector('dialog[open]')) return;
  const { target } = event;
  const typing = target.matches('input:not([type=checkbox], [type=radio]), select, textarea');
  if (event.key === 'Escape') {
    if (target === filters.elements.q && target.value) return;
    if ($('#chaos').contains(target)) chaos.toggle(false);
    else if (narrow.matches && document.body.dataset.view === 'detail') back();
    else toList();
    return;
  }
  if (event.key === 'Enter' && target.id === 'list' && chosen != null) {
    event.preventDefault();
    choose(chosen, true).then(() => $('#detail-title').focus());
    return;
  }
  if (typing || !$('#use-keys').checked || !Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
}

// ── Start ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Settings of this browser. Private windows may refuse to keep them. */
function remember(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(name);
    localStorage.setItem(name, value);
  } catch {
    // The setting then holds until the page is closed.
  }
  return null;
}

function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

$('#theme').value = remember('theme') ?? '';
setTheme($('#theme').value);
$('#theme').addEventListener('change', ({ target }) => {
  setTheme(target.value);
  remember('theme', target.value);
});
$('#use-keys').checked = remember('keys') !== 'off';
$('#use-keys').addEventListener('change', ({ target }) => remember('keys', target.checked ? 'on' : 'off'));

filters.addEventListener('submit', (event) => event.preventDefault());
filters.addEventListener('input', () => filterSoon(200));
filters.addEventListener('change', () => filterSoon(0));
$('#no-filters').addEventListener('click', removeFilters);
$('#clear').addEventListener('click', clear);
$('#open-trigger').addEventListener('click', trigger);
$('#open-help').addEventListener('click', KEYS['?']);
$('#back').addEventListener('click', back);
for (const button of document.querySelectorAll('[data-action]')) button.addEventListener('click', ACTIONS[button.dataset.action]);
document.addEventListener('keydown', onKey);

takeToken();
readAddress();
if (chosen != null && narrow.matches) document.body.dataset.view = 'detail';
if (active().some((name) => name !== 'q')) $('#more-filters').open = true;
list.start(choose, loadMore);
chaos.start(link);
const again = follow(onEvent, onState);
addEventListener('hashchange', () => takeToken() && again());
addEventListener('popstate', ({ state }) => {
  const before = `${query()}`;
  readAddress();
  if (state?.view) document.body.dataset.view = state.view;
  else toList();
  list.choose(chosen);
  if (`${query()}` !== before) load();
  loadDetail();
});

// One delivery: its facts, the answer, the fields, what differs from before, and the bytes.

import { $, answerOf, count, duration, h, indent, mark, ORIGINS, prose, signatureOf, size, time } from '/dom.js';

const FIRST_ROWS = 100;
const FIRST_CHARACTERS = 20_000;
const PIECE = 4_000;
const LONGEST_VALUE = 500;

/** Sections that the user has opened or closed stay so for the next delivery. */
const opened = new Map();

/** Shows a delivery. `onLink` gets the id of another one, or the key to filter by. */
export function show(detail, onLink) {
  $('#detail-head').hidden = false;
  $('#detail-title').textContent = detail.event ?? 'Not an event';
  $('#detail-sub').replaceChildren(
    `#${detail.id} · `,
    h('time', { datetime: detail.received }, time(detail.received)),
    ` · ${detail.method} ${detail.path} · ${size(detail.size)} · ${ORIGINS[detail.origin]}`,
    ...(detail.of == null ? [] : [' from ', h('button', { class: 'link', onclick: () => onLink({ id: detail.of }) }, `#${detail.of}`)]),
  );
  $('#detail').replaceChildren(
    facts(detail, onLink),
    ...[
      detail.problem && h('p', { class: 'notice bad' }, h('b', {}, '✗ The payload does not decode: '), ...prose(detail.problem)),
      detail.chaos.length > 0 && h('p', { class: 'notice' }, h('b', {}, '⚡ Chaos was on: '), detail.chaos.join(', ')),
      answer(detail),
      differences(detail, onLink),
      fields(detail),
      request(detail),
    ].filter(Boolean),
  );
}

/** Shows a message in place of a delivery. */
export function message(...children) {
  $('#detail-head').hidden = true;
  $('#detail').replaceChildren(h('div', { class: 'state' }, ...children));
}

function facts(detail, onLink) {
  const fact = (title, ...value) => h('div', {}, h('dt', {}, title), h('dd', {}, ...value));
  const more = (text) => text && h('small', {}, ...prose(text));
  const { environment, key, key_seen: seen, fits } = detail;
  const contract = {
    true: { tone: 'good', shape: '✓', words: 'fits the contract' },
    false: { tone: 'bad', shape: '≠', words: 'breaks the contract' },
    null: { tone: 'wait', shape: '○', words: 'contract not checked' },
  }[fits];
  return h(
    'dl',
    { class: 'facts' },
    fact('Signature', mark(signatureOf(detail)), more(detail.signature.reason?.replace(/^(in)?valid: /, ''))),
    fact('Answer', mark(answerOf(detail)), detail.ms == null ? '' : ` in ${duration(detail.ms)}`, more(detail.failure), detail.answer && h('small', {}, mark(contract))),
    fact('Environment', environment ? mark({ tone: environment, shape: environment === 'live' ? '●' : '◇', words: environment }) : 'unknown', !environment && more('The event has no `sandbox` flag.')),
    fact(
      'Idempotency key',
      key == null ? 'none' : h('code', {}, key),
      key != null && h('small', {}, seen ? `seen ${seen === 1 ? 'once' : `${seen} times`} before. ` : 'first time seen. ', h('button', { class: 'link', onclick: () => onLink({ key }) }, 'Deliveries with this key')),
    ),
  );
}

function section(id, title, startsOpen, ...children) {
  const details = h('details', { id: `s-${id}`, class: 'section', open: opened.get(id) ?? startsOpen }, h('summary', {}, h('h3', {}, title)), ...children);
  details.addEventListener('toggle', () => opened.set(id, details.open));
  return details;
}

function answer(detail) {
  if (!detail.answer) return null;
  const { status, headers, fits, why } = detail.answer;
  return section(
    'answer',
    `Answer ${status}`,
    true,
    fits === false && h('p', { class: 'notice bad' }, h('b', {}, '≠ It breaks the event’s contract: '), ...prose(why ?? '')),
    bytes(detail.answer, 'The answer has no body.'),
    headerTable('answer', headers, 'Headers of the answer'),
  );
}

/** The name of a field, which may be broken after a dot or a bracket. */
const name = (path) => h('th', { scope: 'row' }, path.split(/(?<=[.\]])/).flatMap((part) => [part, h('wbr')]));

/** A value as JSON. The whole of a long one is in the request's body. */
function literal(value) {
  const json = JSON.stringify(value);
  if (json.length <= LONGEST_VALUE) return h('code', {}, json);
  return h('span', {}, h('code', {}, `${json.slice(0, LONGEST_VALUE)}…`), h('small', {}, `${count(json.length, 'character', 'characters')}: see the body for all`));
}

function fields({ fields: list, fields_omitted: omitted }) {
  if (!list.length) return null;
  const strange = list.filter((field) => !field.known).length;
  const title = strange ? `Fields (${list.length}, ${strange} not in the catalogue)` : `Fields (${list.length})`;
  const row = (field) =>
    h(
      'tr',
      field.known ? {} : { class: 'unknown' },
      name(field.path),
      h('td', {}, literal(field.value), !field.known && h('span', { class: 'mark warn' }, ' ? not in the catalogue'), field.note && h('small', {}, field.note)),
    );
  const more = omitted > 0 && h('p', { class: 'hint' }, `${count(omitted, 'further field is', 'further fields are')} only in the body.`);
  return section('fields', title, true, table(['Field', 'Value'], list, row), more);
}

const EARLIER = { event: 'From the delivery of this event before it', key: 'From the delivery of this key before it', answer: 'From the answer before it' };

function differences({ difference }, onLink) {
  const earlier = Object.keys(EARLIER).filter((what) => difference[what]);
  const parts = earlier.map((what) => {
    const { id, changes } = difference[what];
    return h(
      'div',
      { class: 'difference' },
      h('h4', {}, `${EARLIER[what]}, `, h('button', { class: 'link', onclick: () => onLink({ id }) }, `#${id}`)),
      changes.length ? table(['', 'Field', 'Before', 'Now'], changes, change) : h('p', { class: 'same' }, '= Nothing differs.'),
    );
  });
  const total = earlier.reduce((sum, what) => sum + difference[what].changes.length, 0);
  if (!parts.length) parts.push(h('p', { class: 'hint' }, 'There is no earlier delivery of this event or key to compare with.'));
  return section('difference', `Differences from before (${total})`, true, ...parts);
}

function change({ path, before, after }) {
  const [shape, word] = before === undefined ? ['+', 'added'] : after === undefined ? ['−', 'gone'] : ['~', 'changed'];
  const cell = (value) => h('td', {}, value === undefined ? h('span', { class: 'hint' }, 'absent') : literal(value));
  return h('tr', { class: word }, h('td', { class: 'word' }, h('span', { 'aria-hidden': 'true' }, shape), ` ${word}`), name(path), cell(before), cell(after));
}

function request(detail) {
  return section('request', 'Request', true, bytes(detail, 'The request has no body.'), headerTable('request', detail.headers, 'Headers of the request'));
}

function headerTable(id, headers, label) {
  const row = ([header, value]) => h('tr', {}, h('th', { scope: 'row' }, header), h('td', {}, h('code', {}, value)));
  return section(`headers-${id}`, `${label} (${headers.length})`, false, table(['Header', 'Value'], headers, row));
}

/** A table that begins with its first rows, and shows the rest when asked. */
function table(names, list, row) {
  const body = h('tbody', {}, ...list.slice(0, FIRST_ROWS).map(row));
  const head = h('thead', {}, h('tr', {}, ...names.map((name) => (name ? h('th', { scope: 'col' }, name) : h('td', {})))));
  const whole = h('div', { class: 'table' }, h('table', {}, head, body));
  if (list.length > FIRST_ROWS) {
    let shown = FIRST_ROWS;
    const button = h('button', {
      onclick: () => {
        body.append(...list.slice(shown, shown + 10 * FIRST_ROWS).map(row));
        shown += 10 * FIRST_ROWS;
        if (shown >= list.length) button.remove();
        else button.textContent = `Show more of the ${list.length} rows`;
      },
    }, `Show more of the ${list.length} rows`);
    whole.append(button);
  }
  return whole;
}

/** A body, as text. A long one begins with its first part; the rest is laid out only where it is in sight. */
function bytes({ body, body_base64: base64 }, nothing) {
  if (body == null && base64) {
    return h('div', { class: 'body' }, h('p', { class: 'hint' }, 'The body is not UTF-8. This is its base64:'), pieces(base64));
  }
  if (!body) return h('p', { class: 'hint' }, nothing);
  const formatted = indent(body);
  if (formatted == null || formatted === body) return h('div', { class: 'body' }, pieces(body));
  const place = h('div', {}, pieces(formatted));
  const button = h('button', {
    class: 'quiet',
    'aria-pressed': 'false',
    onclick: () => {
      const raw = button.getAttribute('aria-pressed') === 'false';
      button.setAttribute('aria-pressed', `${raw}`);
      place.replaceChildren(pieces(raw ? body : formatted));
    },
  }, 'Exact bytes');
  return h('div', { class: 'body' }, button, place);
}

function pieces(text) {
  const pre = h('pre', { tabindex: '0', role: 'region', 'aria-label': 'Body' });
  const add = (from, to) => {
    for (let at = from, end; at < to; at = end) {
      // A piece ends with a line, if one ends soon.
      const line = text.indexOf('\n', at + PIECE) + 1;
      end = Math.min(line > 0 && line < at + 2 * PIECE ? line : at + PIECE, to);
      pre.append(h('span', { class: 'piece' }, text.slice(at, end)));
    }
  };
  add(0, Math.min(text.length, FIRST_CHARACTERS));
  if (text.length <= FIRST_CHARACTERS) return pre;
  const button = h('button', {
    onclick: () => {
      add(FIRST_CHARACTERS, text.length);
      button.remove();
      pre.focus();
    },
  }, `Show all of it (${count(text.length, 'character', 'characters')})`);
  return h('div', {}, pre, button);
}

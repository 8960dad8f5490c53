// The chaos switches, and the verdict on the receiver.

import { call } from '/api.js';
import { $, count, duration, h, prose, warn } from '/dom.js';

const form = $('#chaos-form');
const OFF = { duplicate: 0, delay_ms: 0, reorder: false, drop_answer: false, cut_body: false, answer: null };
let onLink = () => {};

export function start(link) {
  onLink = link;
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('change', () => form.reportValidity() && save());
  $('#chaos-off').addEventListener('click', () => {
    form.elements.answer_times.value = '';
    fill(OFF);
    save();
  });
  $('#chaos-close').addEventListener('click', () => toggle(false));
  $('#open-chaos').addEventListener('click', () => toggle());
}

/** Opens or closes the panel, and moves the focus with it. */
export function toggle(open = $('#chaos').hidden) {
  $('#chaos').hidden = !open;
  $('#open-chaos').setAttribute('aria-expanded', `${open}`);
  if (open) form.elements.duplicate.focus();
  else $('#open-chaos').focus();
}

function read() {
  const { duplicate, delay_ms: delay, answer_status: status, answer_times: times, reorder, drop_answer: drop, cut_body: cut } = form.elements;
  return {
    duplicate: Number(duplicate.value),
    delay_ms: Number(delay.value),
    reorder: reorder.checked,
    drop_answer: drop.checked,
    cut_body: cut.checked,
    answer: status.value ? { status: Number(status.value), times: Number(times.value || 1) } : null,
  };
}

let saving = false;
let changed = false;

/** Sends the switches, one request after the other, so that the last change wins. */
async function save() {
  changed = true;
  if (saving) return;
  saving = true;
  let chaos;
  try {
    while (changed) {
      changed = false;
      chaos = await call('PUT', '/api/chaos', read());
    }
  } catch (error) {
    warn(`The switches were not changed: ${error.message}`);
  }
  saving = false;
  if (chaos) show(chaos);
}

/** Shows which switches are on, unless the user is changing them. */
export function show(chaos) {
  if (saving) return;
  fill(chaos);
  const on = words(chaos);
  $('#open-chaos').replaceChildren(on.length ? `⚡ Chaos on: ${on.join(', ')}` : 'Chaos', ' ', h('kbd', { 'aria-hidden': 'true' }, 'c'));
  $('#open-chaos').classList.toggle('on', on.length > 0);
  $('#chaos-off').disabled = on.length === 0;
}

function fill(chaos) {
  const set = (name, value) => {
    const field = form.elements[name];
    if (field.type === 'checkbox') field.checked = value;
    else if (document.activeElement !== field || Number(field.value) !== value) field.value = value || '';
  };
  for (const name of ['duplicate', 'delay_ms', 'reorder', 'drop_answer', 'cut_body']) set(name, chaos[name]);
  set('answer_status', chaos.answer?.status ?? 0);
  // Without a status, the number may be typed already.
  if (chaos.answer) set('answer_times', chaos.answer.times);
}

function words(chaos) {
  return [
    chaos.duplicate && count(chaos.duplicate, 'duplicate', 'duplicates'),
    chaos.delay_ms && `${duration(chaos.delay_ms)} delay`,
    chaos.reorder && 'reorder',
    chaos.drop_answer && 'drop the answer',
    chaos.cut_body && 'cut the body',
    chaos.answer && `answer ${chaos.answer.status}`,
  ].filter(Boolean);
}

const SHAPES = {
  waiting: ['wait', '…'],
  idempotent: ['good', '✓'],
  not_idempotent: ['bad', '✗'],
  differs: ['bad', '≠'],
  unreachable: ['bad', '⚠'],
};

/** Shows the verdict on the last delivery that had duplicates. */
export function showVerdict(verdict) {
  const place = $('#verdict');
  place.hidden = !verdict;
  if (!verdict) return;
  const [tone, shape] = SHAPES[verdict.state];
  place.className = tone;
  place.replaceChildren(
    h('span', { class: 'shape', 'aria-hidden': 'true' }, shape),
    h(
      'div',
      {},
      h('h2', {}, 'Verdict: ', ...prose(verdict.title)),
      h('p', {}, ...prose(verdict.detail)),
      h('p', { class: 'links' }, [verdict.event, verdict.key && `key ${verdict.key}`].filter(Boolean).join(' · '), ' ', ...verdict.deliveries.map((id) => h('button', { class: 'link', onclick: () => onLink({ id }) }, `#${id}`))),
    ),
    h('button', { 'aria-label': 'Close the verdict', onclick: () => { place.hidden = true; } }, '✕'),
  );
}

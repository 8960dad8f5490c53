// The dialogs: trigger an event, edit a delivery, export it.

import { call } from '/api.js';
import { $, h, indent, say, warn } from '/dom.js';

/** Opens a dialog and returns the value of the button that closed it. Escape counts as `cancel`. */
export function ask(dialog) {
  dialog.returnValue = 'cancel';
  dialog.showModal();
  return new Promise((done) => {
    const closed = () => {
      // If nothing had the focus before, it would stay on a field that is no longer shown.
      if (dialog.contains(document.activeElement) || document.activeElement === document.body) {
        document.activeElement.blur();
        $('#list').focus();
      }
      done(dialog.returnValue);
    };
    dialog.addEventListener('close', closed, { once: true });
  });
}

// ── Trigger ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const trigger = $('#trigger');
const triggerForm = $('#trigger form');
let catalogue = [];

/** Loads the catalogue for the form, and for the names that the event filter suggests. */
export async function loadCatalogue() {
  if (catalogue.length) return;
  ({ events: catalogue } = await call('GET', '/api/events'));
  const families = Map.groupBy(catalogue, ({ event }) => event.split('.')[0]);
  triggerForm.elements.event.replaceChildren(
    ...[...families].map(([family, events]) => h('optgroup', { label: family }, ...events.map(({ event }) => h('option', { value: event }, event)))),
  );
  $('#event-names').replaceChildren(...[...families.keys()].map((family) => `${family}.*`).concat(catalogue.map(({ event }) => event)).map((value) => h('option', { value })));
  triggerForm.elements.event.addEventListener('change', () => fillTrigger());
  // The most interesting event for a newcomer: its duplicates cost money.
  if (catalogue.some(({ event }) => event === 'item.add')) triggerForm.elements.event.value = 'item.add';
  fillTrigger();
}

/** Opens the form, and calls `sent` with the id of the delivery. */
export async function openTrigger(sent) {
  if (trigger.open) return;
  await loadCatalogue();
  triggerForm.onsubmit = async (submit) => {
    if (submit.submitter?.value !== 'send') return;
    submit.preventDefault();
    const body = readTrigger();
    if (!body) return;
    try {
      const { id } = await call('POST', '/api/trigger', body);
      trigger.close('send');
      sent(id);
    } catch (error) {
      problem(`It was not sent: ${error.message}`);
    }
  };
  problem('');
  ask(trigger);
  triggerForm.elements.event.focus();
}

const problem = (text) => { $('#trigger .form-error').textContent = text; };

function fillTrigger() {
  const event = catalogue.find(({ event: name }) => name === triggerForm.elements.event.value);
  $('#trigger-summary').textContent = `${event.summary} ${event.answer ? `Expected answer: ${event.answer}.` : ''}`;
  problem('');
  const inputs = event.fields.map((field) => input(field, event.sample?.[field.name]));
  const required = inputs.filter((_, at) => event.fields[at].required);
  const optional = inputs.filter((_, at) => !event.fields[at].required);
  const whole = h('label', { class: 'field' }, h('span', {}, 'event_data'), h('textarea', { 'data-whole': true, rows: 12, spellcheck: 'false' }, JSON.stringify(event.sample ?? {}, null, 2)));
  $('#trigger-fields').replaceChildren(
    ...(event.fields.length
      ? [...required, optional.length > 0 && h('details', { open: required.length === 0 }, h('summary', {}, `Optional fields (${optional.length})`), ...optional)].filter(Boolean)
      : [whole]),
  );
}

/** The input for a field: the kind is the sample's, or the catalogue's if the sample has none. */
function input({ name, type, required }, sample) {
  const kind = { boolean: 'boolean', number: 'number', array: 'json', object: 'json' }[sample == null ? type : Array.isArray(sample) ? 'array' : typeof sample] ?? 'string';
  const attributes = { 'data-name': name, 'data-kind': kind, 'data-required': required, autocomplete: 'off', spellcheck: 'false' };
  const text = sample == null ? '' : kind === 'json' ? JSON.stringify(sample, null, 2) : `${sample}`;
  const control = kind === 'json' ? h('textarea', { ...attributes, rows: Math.min(10, text.split('\n').length + 1) }, text)
    : kind === 'boolean' ? h('select', attributes, ...['', 'true', 'false'].map((value) => h('option', { value, selected: value === text }, value || 'absent')))
    : h('input', { ...attributes, value: text, inputmode: kind === 'number' ? 'decimal' : false });
  return h('label', { class: 'field' }, h('span', {}, name, h('small', {}, `${type}${required ? '' : ', optional'}`)), control);
}

/** The request's JSON text. It is put together as text, so that large numbers are sent as they were typed. */
function readTrigger() {
  const data = [];
  let whole = null;
  for (const control of trigger.querySelectorAll('[data-name], [data-whole]')) {
    const text = control.value.trim();
    const { name, kind } = control.dataset;
    control.removeAttribute('aria-invalid');
    if (name && !text && !('required' in control.dataset && kind === 'string')) continue;
    const json = kind === 'string' ? JSON.stringify(control.value) : text;
    let value;
    try {
      value = JSON.parse(json);
    } catch {
      value = undefined;
    }
    const wrong = value === undefined ? 'is not JSON' : kind === 'number' && typeof value !== 'number' ? 'is not a number' : !name && (typeof value !== 'object' || !value) ? 'is not a JSON object' : null;
    if (wrong) {
      control.setAttribute('aria-invalid', 'true');
      control.closest('details')?.setAttribute('open', '');
      control.focus();
      problem(`${name ?? 'event_data'} ${wrong}.`);
      return null;
    }
    if (name) data.push(`${JSON.stringify(name)}:${json}`);
    else whole = json;
  }
  const { event, sandbox, key } = triggerForm.elements;
  const own = key.value ? `,"key":${JSON.stringify(key.value)}` : '';
  return `{"event":${JSON.stringify(event.value)},"data":${whole ?? `{${data.join()}}`},"sandbox":${sandbox.checked}${own}}`;
}

// ── Edit ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

const FRESH = /("(event_id|idempotency_key)"\s*:\s*)"(?:[^"\\]|\\.)*"/g;
const random = () => [...crypto.getRandomValues(new Uint8Array(9))].map((byte) => byte.toString(36).padStart(2, '0')).join('').slice(0, 14);

/** Opens a delivery's body for editing, and calls `sent` with the id of the edited delivery. */
export async function openEdit(detail, sent) {
  const dialog = $('#edit');
  if (dialog.open) return;
  if (detail.body == null) {
    warn('This body is not UTF-8, so it cannot be edited here. Resend it as it was, or export it.');
    return;
  }
  const { body, fresh, sign } = $('#edit form').elements;
  body.value = indent(detail.body) ?? detail.body;
  sign.value = 'fresh';
  fresh.checked = detail.key != null;
  $('#edit-fresh').hidden = detail.key == null;
  const check = () => {
    const bad = indent(body.value) == null;
    $('#edit-note').textContent = bad ? '⚠ This is not JSON. It will be sent as it is.' : '';
    return bad;
  };
  body.oninput = check;
  check();
  const answer = ask(dialog);
  body.focus();
  body.setSelectionRange(0, 0);
  body.scrollTop = 0;
  if ((await answer) !== 'send') return;
  const text = fresh.checked ? body.value.replace(FRESH, (_, name, field) => `${name}"${field === 'event_id' ? 'whevt' : 'idmp'}_${random()}"`) : body.value;
  try {
    sent((await call('POST', `/api/deliveries/${detail.id}/resend`, { sign: sign.value, body: text })).id);
  } catch (error) {
    warn(`The edited delivery was not sent: ${error.message}`);
  }
}

// ── Export ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Opens a delivery's exports. */
export function openExport(id) {
  const dialog = $('#export');
  if (dialog.open) return;
  let file = null;
  const load = async () => {
    const { as, exact } = $('#export form').elements;
    file = null;
    $('#export-text').textContent = 'Loading…';
    try {
      file = await call('GET', `/api/deliveries/${id}/export?as=${as.value}&exact=${exact.checked}`);
      $('#export-text').textContent = file.text;
    } catch (error) {
      $('#export-text').textContent = `It could not be exported: ${error.message}`;
    }
    for (const button of [$('#export-copy'), $('#export-save')]) button.disabled = !file;
  };
  $('#export-title').textContent = `Export delivery #${id}`;
  $('#export form').onchange = load;
  $('#export-copy').onclick = async () => {
    try {
      await navigator.clipboard.writeText(file.text);
      $('#export-copy').textContent = 'Copied ✓';
      setTimeout(() => { $('#export-copy').textContent = 'Copy'; }, 2000);
      say('Copied.');
    } catch {
      getSelection().selectAllChildren($('#export-text'));
      warn('The browser did not allow it. The text is selected: copy it with the keyboard.');
    }
  };
  $('#export-save').onclick = () => {
    const link = h('a', { href: URL.createObjectURL(new Blob([file.text])), download: file.filename });
    link.click();
    URL.revokeObjectURL(link.href);
  };
  load();
  ask(dialog);
}

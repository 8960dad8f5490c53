// Small helpers that make elements and words. Text from outside becomes a text node, never markup.

export const $ = (selector) => document.querySelector(selector);

/** Makes an element: `h('p', { class: 'hint', onclick: f }, 'text', child)`. Children that are null or false are left out. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, '');
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

export const count = (n, one, many) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

export function duration(ms) {
  if (ms == null) return '';
  if (ms < 0.1) return '< 0.1 ms';
  return ms < 1000 ? `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** The time of day; with the date if it is not today's. */
export function time(received) {
  const then = new Date(received);
  const clock = then.toLocaleTimeString('en-GB');
  return then.toDateString() === new Date().toDateString() ? clock : `${then.toLocaleDateString('en-CA')} ${clock}`;
}

/** A shape and words for a delivery's answer, so that nothing depends on colour. */
export function answerOf({ status, failure }) {
  if (failure) return { tone: 'bad', shape: '⚠', words: 'no answer' };
  if (status == null) return { tone: 'wait', shape: '…', words: 'waiting' };
  if (status < 300) return { tone: 'good', shape: '✓', words: `${status}` };
  return { tone: status < 500 ? 'warn' : 'bad', shape: '✗', words: `${status}` };
}

const SIGNATURES = {
  valid: { tone: 'good', shape: '✓', words: 'valid' },
  invalid: { tone: 'bad', shape: '✗', words: 'invalid' },
  unchecked: { tone: 'wait', shape: '○', words: 'not checked' },
};
export const signatureOf = ({ signature }) => SIGNATURES[signature.verdict];

export const ORIGINS = { received: 'received', triggered: 'triggered here', resent: 'resent', duplicate: 'duplicate' };

/** A sentence whose `code` is set as code. */
export const prose = (text) => text.split('`').map((part, at) => (at % 2 ? h('code', {}, part) : part));

export function mark({ tone, shape, words }, prefix = '') {
  return h('span', { class: `mark ${tone}` }, h('span', { 'aria-hidden': 'true' }, shape), ` ${prefix}${words}`);
}

/** Indents JSON without reading its values, so that large numbers and doubled names stay as they were sent. */
export function indent(json) {
  try {
    JSON.parse(json);
  } catch {
    return null;
  }
  const tokens = json.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  const parts = [];
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  tokens.forEach((token, at) => {
    const closes = token === '}' || token === ']';
    const empty = closes && (tokens[at - 1] === '{' || tokens[at - 1] === '[');
    if (closes) depth -= 1;
    if (closes && !empty) parts.push(line());
    parts.push(token === ':' ? ': ' : token);
    if (token === '{' || token === '[') {
      depth += 1;
      if (tokens[at + 1] !== '}' && tokens[at + 1] !== ']') parts.push(line());
    }
    if (token === ',') parts.push(line());
  });
  return parts.join('');
}

/** Shows a message for some seconds. Screen readers say it. */
export function say(message) {
  show($('#toast'), message, 6000);
}

/** As `say`, for failures: it is said at once and stays longer. */
export function warn(message) {
  show($('#alarm'), message, 12000);
}

function show(place, message, ms) {
  clearTimeout(place.timer);
  place.replaceChildren(h('p', {}, message, h('button', { 'aria-label': 'Close the message', onclick: () => place.replaceChildren() }, '✕')));
  place.timer = setTimeout(() => place.replaceChildren(), ms);
}

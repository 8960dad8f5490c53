// The JSON API, its token, and the live stream.

const KEY = 'aghanim-hooks-token';

/** Takes the token out of the address, so that it stays in no history and no screenshot. Returns true if there was one. */
export function takeToken() {
  const found = /token=([0-9a-f]+)/.exec(location.hash);
  if (!found) return false;
  sessionStorage.setItem(KEY, found[1]);
  history.replaceState(null, '', location.pathname + location.search);
  return true;
}

const headers = () => ({ Authorization: `Bearer ${sessionStorage.getItem(KEY) ?? ''}` });

/** An answer of the API that is not 2xx. Its message is the API's sentence. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Calls the API. `body` is JSON text or a value. */
export async function call(method, path, body) {
  const options = { method, headers: headers() };
  if (body !== undefined) {
    options.headers['Content-Type'] = 'application/json';
    options.body = typeof body === 'string' ? body : JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error('the command does not answer. Is it still running?');
  }
  const text = await answer.text();
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refused(answer.status, `the command answered ${answer.status} with something that is not JSON`);
  }
  if (!answer.ok) throw new Refused(answer.status, value.error ?? `the command answered ${answer.status}`);
  return value;
}

/** The server writes at least every 15 seconds. After this silence, the connection counts as lost. */
const SILENCE_MS = 40_000;

/**
 * Reads the live stream for as long as the page is open, and connects again when it breaks.
 *
 * `onState` gets `live`, `lost` with the milliseconds until the next attempt, or `refused` if the token is wrong.
 * Returns a function that tries again at once.
 */
export function follow(onEvent, onState) {
  let wait = 500;
  let timer;
  let current;
  async function run() {
    clearTimeout(timer);
    const mine = (current = new AbortController());
    let watchdog;
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => mine.abort(), SILENCE_MS);
    };
    try {
      alive();
      const answer = await fetch('/api/stream', { headers: headers(), signal: mine.signal });
      if (answer.status === 401) return onState('refused');
      if (!answer.ok) throw new Refused(answer.status, 'the stream was refused');
      wait = 500;
      onState('live');
      await read(answer.body, alive, onEvent);
    } catch {
      // A refused or broken connection is handled below, as the end of the stream is.
    } finally {
      clearTimeout(watchdog);
    }
    if (mine !== current) return undefined;
    timer = setTimeout(run, wait);
    onState('lost', wait);
    wait = Math.min(wait * 2, 5000);
    return undefined;
  }
  run();
  return () => {
    current.abort();
    run();
  };
}

async function read(body, alive, onEvent) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    alive();
    const blocks = (rest + value).replaceAll('\r\n', '\n').split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = block.split('\n');
      const field = (name) => lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trimStart());
      const [event] = field('event');
      if (event) onEvent(event, field('data').join('\n'));
    }
  }
}

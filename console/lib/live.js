/**
 * Live events by one listener for the whole tab. It polls while the tab is seen, one poll after the other, and waits longer when
 * polls fail or when little is left of the key's limit. In a background tab it stops, and the listener ends by itself.
 */
import { useEffect, useRef } from '../vendor/htm-preact.js';
import { allowance, ApiError, call, pause } from './api.js';
import { may, session } from './session.js';
import { createStore } from './store.js';

/** The wait between two polls that had events, in milliseconds: with the API's own second an event is seen within two. */
const BETWEEN_POLLS = 400;
/** The longest wait after failures, in milliseconds. */
const LONGEST_BACKOFF = 60_000;

const KEPT = 'pombo.listener';

const MESSAGES = ['message.sent', 'message.delivered', 'message.read', 'message.failed', 'message.received'];
const OTHERS = ['template.updated', 'contact.updated', 'contact.opted_out', 'contact.opted_in', 'media.ready', 'media.failed', 'batch.completed'];
const INSTANCES = ['instance.connected', 'instance.disconnected', 'instance.updated'];

/** `off` where the key may not listen, else whether events come: `connecting`, `live`, `paused`, `failing`.
 * @type {import('./types.js').Store<string>} */
export const liveState = createStore('off');

/** @type {Set<(events: import('./types.js').LiveEvent[]) => void>} */
const listeners = new Set();

/** Calls `handle` with events as they happen, and with none when some may have been missed: load what is shown again.
 * @param {(events: import('./types.js').LiveEvent[]) => void} handle */
export function useLive(handle) {
  const latest = useRef(handle);
  latest.current = handle;
  useEffect(() => {
    const listener = (/** @type {import('./types.js').LiveEvent[]} */ events) => latest.current(events);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
}

/** @param {import('./types.js').LiveEvent[]} events */
function publish(events) {
  for (const listener of [...listeners]) listener(events);
}

/** Listens from now on, until the returned function is called. */
export function startLive() {
  let aborter = new AbortController();
  const restart = () => {
    aborter.abort();
    if (document.hidden) return liveState.set('paused');
    aborter = new AbortController();
    void listen(aborter.signal);
  };
  document.addEventListener('visibilitychange', restart);
  restart();
  return () => {
    document.removeEventListener('visibilitychange', restart);
    aborter.abort();
  };
}

/** @param {AbortSignal} signal */
async function listen(signal) {
  if (!may('messages:read') || session.get()?.isOperator) return liveState.set('off');
  let mayHaveMissed = liveState.get() === 'paused';
  for (let failures = 0; !signal.aborted; ) {
    try {
      const listener = keptListener() ?? (await createListener(signal));
      liveState.set('live');
      if (mayHaveMissed) publish([]);
      mayHaveMissed = false;
      await poll(listener, signal, () => {
        failures = 0;
        liveState.set('live');
      });
    } catch (error) {
      if (signal.aborted) return;
      mayHaveMissed = true;
      if (error instanceof ApiError && error.status === 404) {
        sessionStorage.removeItem(KEPT); // it has ended: the next one begins at once
        continue;
      }
      failures += 1;
      liveState.set('failing');
      const asked = error instanceof ApiError ? (error.retryAfter ?? 0) * 1000 : 0;
      await pause(Math.max(asked, Math.min(LONGEST_BACKOFF, 1000 * 2 ** failures)), signal).catch(() => undefined);
    }
  }
}

/** @typedef {{ id: string, accountId?: string, after?: string }} Listener */

/** The listener that this tab had before it was loaded again: an account has at most five. @returns {Listener | undefined} */
function keptListener() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}');
  return kept.id && kept.accountId === session.get()?.account?.id ? kept : undefined;
}

/** @param {AbortSignal} signal @returns {Promise<Listener>} */
async function createListener(signal) {
  liveState.set('connecting');
  const events = [...MESSAGES, ...OTHERS, ...(may('instances:read') ? INSTANCES : [])];
  const { data } = await call('POST', '/v1/listeners', { body: { events }, signal });
  return { id: data.id, accountId: session.get()?.account?.id };
}

/** Polls until the listener has ended. @param {Listener} listener @param {AbortSignal} signal @param {() => void} onAnswer */
async function poll(listener, signal, onAnswer) {
  for (let { after } = listener; ; ) {
    const page = await call('GET', `/v1/listeners/${listener.id}/events`, { query: { after }, signal });
    onAnswer();
    after = page.pagination.nextCursor ?? after;
    sessionStorage.setItem(KEPT, JSON.stringify({ ...listener, after }));
    if (page.data.length) publish(page.data);
    if (page.pagination.skipped) publish([]);
    await pause(page.data.length ? BETWEEN_POLLS * (allowance.left < 0.5 ? 10 : 1) : 0, signal);
  }
}

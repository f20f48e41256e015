/**
 * Sends a batch of any size in parts, as `sendAll` of the client for TypeScript does: the same recipients make the same parts, and each
 * has an Idempotency-Key that follows from its number, so that a part whose answer was lost is asked for again and sent once.
 */
import { ApiError, call, ConnectionError, pause } from './api.js';
import { batchDraft, changeSending } from './batch_draft.js';
import { t } from './i18n.js';
import { keepSentFile } from './sent_files.js';
import { session } from './session.js';
import { createStore } from './store.js';

/** The API's limits of a part; it takes 1,048,576 bytes. */
const [MOST_RECIPIENTS, MOST_BYTES] = [1_000, 1_000_000];
/** The longest wait, in milliseconds, where the API asks for none. */
const LONGEST_PAUSE = 30_000;
/** How often a part is tried again that the API fails with 5xx. */
const MOST_FAILURES = 5;

/** Whether parts are being sent, and until when a wait lasts and why.
 * @type {import('./types.js').Store<{ isBusy: boolean, error?: Error, waitsFor?: Error, until?: number }>} */
export const sendState = createStore({ isBusy: false });

let aborter = new AbortController();

/** @param {Record<string, unknown>} common @param {object[]} recipients @returns {Generator<object[]>} */
export function* batchParts(common, recipients) {
  const bytes = (/** @type {object} */ value) => new TextEncoder().encode(JSON.stringify(value)).length;
  const empty = bytes({ ...common, recipients: [] });
  let [part, size] = [/** @type {object[]} */ ([]), empty];
  for (const recipient of recipients) {
    const more = bytes(recipient) + 1; // and a comma
    if (part.length === MOST_RECIPIENTS || (part.length && size + more > MOST_BYTES)) {
      yield part;
      [part, size] = [[], empty];
    }
    part.push(recipient);
    size += more;
  }
  if (part.length) yield part;
}

/** Sends what is left of the draft's batch, until it is done, stopped or refused. @param {object[]} recipients all of them, in their order */
export async function sendParts(recipients) {
  if (sendState.get().isBusy) return;
  aborter = new AbortController();
  const { signal } = aborter;
  sendState.set({ isBusy: true });
  try {
    const begun = batchDraft.get().sending;
    if (!begun) return;
    // Other parts under the same keys would leave people out, or send to them twice.
    if (recipients.length !== begun.total) throw new Error(t('This version of the console finds {n} recipients in the file, and the batch was begun with {m}. Nothing more was sent.', { n: recipients.length, m: begun.total }));
    let number = 0;
    for (const part of batchParts(begun.common, recipients.slice(begun.from))) {
      number += 1;
      if (number <= begun.parts) continue;
      const answer = await sendPart(`${begun.key}-${number}`, { ...begun.common, recipients: part }, signal);
      if (signal.aborted) return;
      record(answer, part.length);
    }
  } catch (error) {
    if (!signal.aborted) sendState.set({ isBusy: false, error: /** @type {Error} */ (error) });
  } finally {
    if (aborter.signal === signal && sendState.get().isBusy) sendState.set({ isBusy: false });
  }
}

/** Stops between two parts, in a call or in a wait. What was sent stays sent. */
export const stopSending = () => (aborter.abort(), sendState.set({ isBusy: false }));

/** @param {any} answer @param {number} length */
function record(answer, length) {
  const sending = batchDraft.get().sending;
  if (!sending) return;
  const rejected = answer.rejected.map((/** @type {any} */ one) => ({ ...one, index: one.index + sending.done }));
  changeSending({
    parts: sending.parts + 1, done: sending.done + length, rejected: [...sending.rejected, ...rejected],
    batches: answer.batchId ? [...sending.batches, { batchId: answer.batchId, accepted: answer.accepted }] : sending.batches,
  });
  keepSentFile(batchDraft.get());
}

/** Sends a part until it is answered. @param {string} idempotencyKey @param {Record<string, unknown> & { recipients: object[] }} body @param {AbortSignal} signal */
async function sendPart(idempotencyKey, body, signal) {
  for (let [attempt, failures] = [0, 0]; ; attempt += 1) {
    try {
      const answer = await call('POST', '/v1/messages/batch', { body, idempotencyKey, signal });
      sendState.set({ isBusy: true });
      return answer;
    } catch (error) {
      const refused = allRejected(error, body.recipients.length);
      if (refused) return refused;
      const isFailure = error instanceof ApiError && error.status >= 500;
      failures += Number(isFailure);
      if (signal.aborted || !mayRepeat(error) || failures > MOST_FAILURES) throw error;
      const asked = error instanceof ApiError ? (error.retryAfter ?? 0) * 1000 : 0;
      const wait = asked || Math.min(LONGEST_PAUSE, 1000 * 2 ** Math.min(attempt, 5));
      sendState.set({ isBusy: true, waitsFor: /** @type {Error} */ (error), until: Date.now() + wait });
      await Promise.race([pause(wait, signal), ...(error instanceof ConnectionError ? [online(signal)] : [])]);
    }
  }
}

/** Whether the same request may be accepted later: there was no answer, or it said so. @param {unknown} error */
const mayRepeat = (error) => error instanceof ConnectionError || (error instanceof ApiError && (error.status === 429 || error.status >= 500 || error.code === 'idempotency_in_progress'));

/** When the browser has its network again. @param {AbortSignal} signal @returns {Promise<void>} */
const online = (signal) => new Promise((resolve) => addEventListener('online', () => resolve(), { once: true, signal }));

/** The answer to a part of which no recipient is acceptable: the API refuses it as a whole and names the first. @param {unknown} error @param {number} count */
function allRejected(error, count) {
  if (!(error instanceof ApiError) || error.status !== 400) return undefined;
  const [, first, field] = /^recipients\[(\d+)\](?:\.(.*))?$/.exec(error.field ?? '') ?? [];
  if (first === undefined) return undefined;
  const { code, message } = error;
  return { accepted: 0, rejected: Array.from({ length: count }, (_, index) => ({ index, code, message, ...(index === Number(first) && field && { field }) })) };
}

session.subscribe((current) => {
  if (sendState.get().isBusy && current?.account?.id !== batchDraft.get().accountId) stopSending();
});

addEventListener('beforeunload', (event) => {
  if (sendState.get().isBusy) event.preventDefault();
});

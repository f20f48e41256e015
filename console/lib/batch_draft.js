/**
 * The batch that is being made or sent, in sessionStorage: it survives another view, a lost connection and a reload, and ends with the
 * tab or the session. A file that is too large for it is asked for again after a reload, and must be the same.
 */
import { keepBegunBatch } from './begun_batches.js';
import { session } from './session.js';
import { createStore } from './store.js';

const [STATE, FILE] = ['pombo.batch', 'pombo.batch.file'];

/**
 * @typedef {object} Sending
 * @property {string} id the first key: it stays when the rest is sent under another
 * @property {string} begunAt
 * @property {string} key the parts have the Idempotency-Keys `<key>-1`, `<key>-2` and so on
 * @property {any} [template] as it was when the sending began: the parts must stay the same
 * @property {Record<string, unknown>} common
 * @property {number} total recipients
 * @property {number} from the recipients before it were sent with another key
 * @property {number} parts that are answered
 * @property {number} done recipients that are answered
 * @property {{ batchId: string, accepted: number }[]} batches
 * @property {{ index: number, code: string, message: string, field?: string }[]} rejected
 */

/**
 * @typedef {object} BatchDraft
 * @property {string} [accountId]
 * @property {string} fileName
 * @property {string} digest of the file's text
 * @property {boolean} [isAnew] whether the file is to be sent although it has become a batch before
 * @property {boolean} hasHeader
 * @property {string} content `template` or `message`
 * @property {string} templateId
 * @property {Record<string, string>} columns
 * @property {Record<string, string>} same
 * @property {string} sendAt local, as its field has it
 * @property {string} expiresIn
 * @property {Sending} [sending]
 */

/** @type {BatchDraft} */
const NO_BATCH = { fileName: '', digest: '', hasHeader: true, content: 'template', templateId: '', columns: {}, same: {}, sendAt: '', expiresIn: '' };

/** @type {import('./types.js').Store<BatchDraft>} */
export const batchDraft = createStore(JSON.parse(sessionStorage.getItem(STATE) ?? 'null') ?? NO_BATCH);

/** The text of its file; none when it must be chosen again.
 * @type {import('./types.js').Store<string>} */
export const batchFile = createStore(sessionStorage.getItem(FILE) ?? '');

/** The draft of the session's account. @returns {BatchDraft} */
export const ownDraft = () => (batchDraft.get().accountId === session.get()?.account?.id ? batchDraft.get() : NO_BATCH);

/** @param {Partial<BatchDraft>} change */
export function changeDraft(change) {
  const next = { ...ownDraft(), accountId: session.get()?.account?.id, ...change };
  // A state that is too large leaves the former one: parts that were answered since are then asked for again, and sent once.
  keepBeforeFile(STATE, JSON.stringify(next));
  if (next.sending) keepBegunBatch({ ...next, sending: next.sending });
  batchDraft.set(next);
}

/** Keeps what is worth more than the draft's file, in its place if need be: that can be chosen again. @param {string} name @param {string} text */
export function keepBeforeFile(name, text) {
  if (keepInTab(name, text)) return;
  sessionStorage.removeItem(FILE);
  keepInTab(name, text);
}

/** Whether it fits what the browser keeps for the tab. @param {string} name @param {string} text */
function keepInTab(name, text) {
  try {
    sessionStorage.setItem(name, text);
    return true;
  } catch {
    return false;
  }
}

/** @param {Partial<Sending>} change */
export function changeSending(change) {
  const { sending } = batchDraft.get();
  if (sending) changeDraft({ sending: { ...sending, ...change } });
}

/** @param {string} text */
export function keepFile(text) {
  batchFile.set(text);
  if (!keepInTab(FILE, text)) sessionStorage.removeItem(FILE);
}

export function forgetDraft() {
  sessionStorage.removeItem(STATE);
  sessionStorage.removeItem(FILE);
  batchDraft.set(NO_BATCH);
  batchFile.set('');
}

/** What differs for different files. @param {string} text */
export async function digestOf(text) {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

session.subscribe((current) => current ?? forgetDraft());

/**
 * What is typed in a conversation and not yet accepted, and the Idempotency-Key of the last attempt to send. Both are in sessionStorage,
 * not in a component: an answer may come when another view is shown, or never. They end with the tab or the session.
 */
import { newIdempotencyKey } from './api.js';
import { keepBeforeFile } from './batch_draft.js';
import { session } from './session.js';
import { createStore } from './store.js';

const [DRAFT, ATTEMPT] = ['pombo.draft.', 'pombo.attempt.'];

/** @typedef {{ text: string, replies: string[] }} Draft */

/** @type {Draft} */
const NO_DRAFT = { text: '', replies: [] };

/** The drafts that have changed since the page was loaded.
 * @type {import('./types.js').Store<Record<string, Draft>>} */
export const drafts = createStore({});

/** @param {string} id of an instance's conversation @returns {Draft} */
export const draftOf = (id) => drafts.get()[id] ?? stored(DRAFT + id) ?? NO_DRAFT;

/** @param {string} id @param {Draft} draft */
export function keepDraft(id, draft) {
  if (draft.text || draft.replies.length) keepBeforeFile(DRAFT + id, JSON.stringify(draft));
  else sessionStorage.removeItem(DRAFT + id);
  // Who empties the field and types the same text again wants a new message.
  if (!draft.text) sessionStorage.removeItem(ATTEMPT + id);
  drafts.set({ ...drafts.get(), [id]: draft });
}

/** Forgets a draft that was accepted, unless it has changed since. @param {string} id @param {Draft} draft */
export function forgetAccepted(id, draft) {
  if (JSON.stringify(draftOf(id)) === JSON.stringify(draft)) keepDraft(id, NO_DRAFT);
}

/** The key for sending a body: that of the last attempt if it was the same and has no answer yet. @param {string} id @param {string} body */
export function attemptKey(id, body) {
  const last = stored(ATTEMPT + id);
  if (last?.body === body) return last.key;
  const key = newIdempotencyKey();
  keepBeforeFile(ATTEMPT + id, JSON.stringify({ body, key }));
  return key;
}

/** Forgets the attempt that was accepted: the same body is another message from now on. @param {string} id @param {string} body */
export function forgetAttempt(id, body) {
  if (stored(ATTEMPT + id)?.body === body) sessionStorage.removeItem(ATTEMPT + id);
}

/** @param {string} name */
const stored = (name) => JSON.parse(sessionStorage.getItem(name) ?? 'null');

session.subscribe((current) => current ?? drafts.set({}));

/**
 * The batches that this browser has begun, in localStorage: when a tab was closed or has crashed and the same file is chosen again, its
 * batch continues under the same Idempotency-Keys. What is kept has no recipients, and stays after the session: it is what keeps people
 * from getting a message twice.
 */

const BEGUN = 'pombo.begun';
/** How many are kept: the latest. */
const MOST_BATCHES = 20;
/** For how long, in milliseconds: a deployment forgets Idempotency-Keys after 90 days, unless its operator has set another time. */
const MOST_AGE = 90 * 24 * 3_600_000;

/** @typedef {import('./batch_draft.js').BatchDraft} BatchDraft */
/** @typedef {BatchDraft & { sending: import('./batch_draft.js').Sending }} BegunBatch */

/** From the latest on. @returns {BegunBatch[]} */
const begunBatches = () => JSON.parse(localStorage.getItem(BEGUN) ?? '[]').filter((/** @type {BegunBatch} */ { sending }) => Date.parse(sending.begunAt) > Date.now() - MOST_AGE);

/** @param {BatchDraft} one @param {BatchDraft} other */
const isSameFile = (one, other) => one.digest === other.digest && one.accountId === other.accountId;

/** The batch that the file of a draft has become. @param {BatchDraft} draft */
export const begunBatchOf = (draft) => begunBatches().find((one) => isSameFile(one, draft));

/** Keeps how far a batch is. Why the API has rejected a recipient may quote its number, and is left out. @param {BegunBatch} draft */
export function keepBegunBatch(draft) {
  const rejected = draft.sending.rejected.map(({ index, code }) => ({ index, code, message: '' }));
  const begun = { ...draft, sending: { ...draft.sending, rejected } };
  keep([begun, ...begunBatches().filter((one) => !isSameFile(one, draft))].slice(0, MOST_BATCHES));
}

/** Keeps the latest that fit what the browser keeps. @param {BegunBatch[]} batches */
function keep(batches) {
  try {
    localStorage.setItem(BEGUN, JSON.stringify(batches));
  } catch {
    if (batches.length > 1) keep(batches.slice(0, -1));
  }
}

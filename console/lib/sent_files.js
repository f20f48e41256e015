/**
 * The files that this tab has sent. The API knows the batches that a file became, and not the file: which they are is kept in
 * sessionStorage, and ends with the tab or the session.
 */
import { keepBeforeFile } from './batch_draft.js';
import { session } from './session.js';
import { createStore } from './store.js';

const SENT_FILES = 'pombo.sent';
/** How many files are kept: the latest. */
const MOST_FILES = 20;

/**
 * @typedef {object} SentFile
 * @property {string} id
 * @property {string} [accountId]
 * @property {string} instanceId
 * @property {string} name
 * @property {string} begunAt
 * @property {number} total recipients
 * @property {number} done recipients that the API has answered
 * @property {number} rejected
 * @property {{ batchId: string, accepted: number }[]} batches
 */

/** From the latest on.
 * @type {import('./types.js').Store<SentFile[]>} */
export const sentFiles = createStore(JSON.parse(sessionStorage.getItem(SENT_FILES) ?? '[]'));

/** Those of the session's account. */
export const ownSentFiles = () => sentFiles.get().filter(({ accountId }) => accountId === session.get()?.account?.id);

/** How many recipients are in no part that this tab knows: they were not sent, or sent when the tab could keep no more. @param {SentFile} file */
export const unknownOf = ({ total, rejected, batches }) => total - rejected - batches.reduce((sum, { accepted }) => sum + accepted, 0);

/** Keeps what a draft has become so far. @param {import('./batch_draft.js').BatchDraft} draft */
export function keepSentFile({ accountId, fileName, sending }) {
  if (!sending) return;
  const { id, begunAt, common, total, done, rejected, batches } = sending;
  const file = { id, accountId, instanceId: String(common.instanceId), name: fileName, begunAt, total, done, rejected: rejected.length, batches };
  const files = [file, ...sentFiles.get().filter((one) => one.id !== id)].slice(0, MOST_FILES);
  keepBeforeFile(SENT_FILES, JSON.stringify(files));
  sentFiles.set(files);
}

session.subscribe((current) => current ?? sentFiles.set([]));

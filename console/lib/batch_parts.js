/**
 * How far the parts of a file are, each a batch of its own. To look at one costs half a read unit a message, so all are looked at once,
 * and then one at a time: never more often than a single batch, however many parts there are.
 */
import { useEffect, useRef } from '../vendor/htm-preact.js';
import { get } from './api.js';
import { liveState, useLive } from './live.js';
import { useLoad } from './load.js';

/** How many parts are looked at at a time at first. */
const LOOKS_AT_ONCE = 4;
/** The wait between two looks, in milliseconds. */
const BETWEEN_LOOKS = 5_000;
/** After how long a part is looked at again: where only receipts come, or nothing; and without events. */
const [AT_REST, UNTOLD] = [30_000, 10_000];

/**
 * @typedef {{ batchId: string, status: string, accepted: number, sendAt?: string | null, counts: Record<string, number>, lookedAt: number, error?: Error }} Part
 * @typedef {Partial<Part> & { batchId: string }} Change
 */

/** What a look finds: what has changed of a part, or that it could not be looked at. @param {string} batchId @param {AbortSignal} signal @returns {Promise<Change>} */
async function lookAtPart(batchId, signal) {
  try {
    const { data } = await get(`/v1/batches/${encodeURIComponent(batchId)}`, {}, signal);
    return { ...data, lookedAt: Date.now(), error: undefined };
  } catch (error) {
    return { batchId, lookedAt: Date.now(), error: /** @type {Error} */ (error) };
  }
}

/** Looks at all parts. What is known of one that cannot be looked at stays. @param {Part[]} parts @param {AbortSignal} signal */
async function lookAtParts(parts, signal) {
  /** @type {Change[]} */
  const looks = [];
  while (looks.length < parts.length) {
    looks.push(...(await Promise.all(parts.slice(looks.length, looks.length + LOOKS_AT_ONCE).map(({ batchId }) => lookAtPart(batchId, signal)))));
  }
  if (looks.length && looks.every(({ error }) => error)) throw looks[0].error;
  return changed(parts, looks);
}

/** @param {Part[]} parts @param {Change[]} changes @returns {Part[]} */
const changed = (parts, changes) => parts.map((part) => ({ ...part, ...changes.find(({ batchId }) => batchId === part.batchId) }));

/** A part that was accepted and not looked at. @param {{ batchId: string, accepted: number }} part @returns {Part} */
const unseenPart = ({ batchId, accepted }) => ({
  batchId, accepted, status: 'sending', counts: { scheduled: 0, queued: accepted, sent: 0, delivered: 0, read: 0, failed: 0 }, lookedAt: 0,
});

/** The parts of a file, as they are. @param {import('./sent_files.js').SentFile} file */
export function useParts({ id, instanceId, batches }) {
  const latest = useRef(/** @type {Part[] | undefined} */ (undefined));
  const loaded = useLoad((signal) => lookAtParts(latest.current ?? batches.map(unseenPart), signal), [id]);
  const parts = loaded.data && batches.map((one) => loaded.data?.find(({ batchId }) => batchId === one.batchId) ?? unseenPart(one));
  latest.current = parts;
  const happenedAt = useRef(0);
  const put = (/** @type {Change[]} */ changes) => {
    if (latest.current) loaded.change(changed(latest.current, changes));
  };
  useLive((events) => {
    const isOfInstance = events.some(({ body }) => body.event.startsWith('message.') && body.event !== 'message.received' && body.data.instanceId === instanceId);
    if (isOfInstance || events.length === 0) happenedAt.current = Date.now();
    // The event says what a look would.
    const completed = new Map(events.filter(({ body }) => body.event === 'batch.completed').map(({ body }) => [body.data.batchId, body.data]));
    const ended = latest.current?.filter(({ batchId }) => completed.has(batchId)) ?? [];
    if (ended.length) put(ended.map(({ batchId }) => ({ batchId, status: completed.get(batchId).canceled ? 'canceled' : 'completed', counts: completed.get(batchId).counts, lookedAt: Date.now(), error: undefined })));
  });
  useEffect(() => {
    const aborter = new AbortController();
    let isLooking = false;
    const turn = setInterval(async () => {
      const next = !isLooking && !document.hidden && nextPart(latest.current ?? [], happenedAt.current);
      if (!next) return;
      isLooking = true;
      // After a failure it is another part's turn.
      const look = await lookAtPart(next.batchId, aborter.signal);
      isLooking = false;
      if (!aborter.signal.aborted) put([look]);
    }, BETWEEN_LOOKS);
    return () => (clearInterval(turn), aborter.abort());
  }, [id]);
  return { ...loaded, error: loaded.error ?? parts?.find(({ error }) => error)?.error, data: parts, put };
}

/** The part whose turn it is: of those that may have changed, the one that was not looked at for longest. @param {Part[]} parts @param {number} happenedAt */
function nextPart(parts, happenedAt) {
  const now = Date.now();
  const atRest = now - (liveState.get() === 'live' ? AT_REST : UNTOLD);
  const mayHaveChanged = parts.filter(({ status, sendAt, counts, lookedAt }) => {
    if (status === 'sending' || (status === 'scheduled' && Date.parse(sendAt ?? '') <= now)) return lookedAt < Math.max(happenedAt, atRest);
    return counts.sent + counts.delivered > 0 && lookedAt < Math.min(happenedAt, now - AT_REST);
  });
  return mayHaveChanged.sort((one, other) => one.lookedAt - other.lookedAt)[0];
}

/** What the overview shows of `GET /v1/statistics`. */
import { get } from './api.js';

const HOUR = 3_600_000;

/** The periods: how many hours, and the length of a bar. @type {Record<string, { hours: number, interval: 'hour' | 'day' }>} */
export const PERIODS = {
  '6h': { hours: 6, interval: 'hour' },
  '24h': { hours: 24, interval: 'hour' },
  '7d': { hours: 7 * 24, interval: 'hour' },
  '30d': { hours: 30 * 24, interval: 'day' },
};

/** The states of a bar, from its foot. */
export const STATES = ['read', 'delivered', 'sent', 'queued', 'failed'];

/** @typedef {Record<string, number> & { received: number }} Counts */

/** @param {{ messages: { direction: string, status: string, count: number }[] }} row @returns {Counts} */
export function countsOf(row) {
  /** @type {Counts} */
  const counts = { read: 0, delivered: 0, sent: 0, queued: 0, failed: 0, received: 0 };
  for (const { direction, status, count } of row.messages) counts[direction === 'inbound' ? 'received' : status] += count;
  return counts;
}

/** @param {string} period @param {string | undefined} instanceId @param {AbortSignal} signal */
export async function statistics(period, instanceId, signal) {
  const { hours, interval } = PERIODS[period];
  const unit = interval === 'hour' ? HOUR : 24 * HOUR;
  const from = new Date(Math.floor(Date.now() / unit) * unit - hours * HOUR + unit).toISOString();
  return (await get('/v1/statistics', { instanceId, from, interval }, signal)).data;
}

/** A bar for each hour or day of the period, also for those without messages.
 * @param {any} found @returns {{ at: number, counts: Counts }[]} */
export function barsOf(found) {
  const unit = found.interval === 'hour' ? HOUR : 24 * HOUR;
  const rows = new Map(found.rows.map((/** @type {any} */ row) => [Date.parse(row.from), row]));
  const bars = [];
  for (let at = Date.parse(found.from); at < Date.parse(found.to); at += unit) bars.push({ at, counts: countsOf(rows.get(at) ?? { messages: [] }) });
  return bars;
}

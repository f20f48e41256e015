/** Searches messages: what a text may be, and one list of what the API finds. */
import { ApiError, get } from './api.js';

/** @typedef {import('./types.js').Page<any>} Rows */

/** How many rows a page has, of each thing that a text may be. */
const LIMIT = 100;

/** What a text may be, in the API's words: a user id, a reference, or, of 7 to 15 digits, a phone number as well.
 * @param {string} search @returns {Record<string, string>[]} */
function selections(search) {
  const text = search.trim();
  const digits = text.replace(/[\s()+.-]/g, '');
  if (/^\d{7,15}$/.test(digits)) return [{ reference: text }, { phone: digits }];
  return [/^[A-Z]{2}\.\w+$/.test(text) ? { userId: text } : text ? { reference: text } : {}];
}

/** A page of what a text finds. Of a number that is both, the rows of each page are together, newest first.
 * @param {Record<string, string | undefined>} filters with the text as `search`
 * @param {string | undefined} cursor @param {AbortSignal} signal @returns {Promise<Rows>} */
export async function searchMessages({ search = '', ...filters }, cursor, signal) {
  const [first, second] = selections(search);
  const page = (/** @type {Record<string, string>} */ selection, /** @type {string | undefined} */ from) =>
    get('/v1/messages', { ...filters, ...selection, limit: LIMIT, [filters.batchId ? 'after' : 'before']: from }, signal);
  if (!second) return page(first, cursor);
  const [reference, phone] = cursor ? JSON.parse(cursor) : [undefined, undefined];
  const [own, theirs] = acceptable(await Promise.allSettled([reference === null ? NOTHING : page(first, reference), phone === null ? NOTHING : page(second, phone)]));
  // A message that is found by its reference is not shown once more as one of the person.
  const rows = [...own.data, ...theirs.data.filter((row) => row.reference !== first.reference)];
  const next = [own, theirs].map(({ pagination }) => (pagination.hasMore ? pagination.nextCursor : null));
  const hasMore = next.some((one) => one !== null);
  return { data: rows.sort((one, other) => Date.parse(other.timestamp) - Date.parse(one.timestamp)), pagination: { hasMore, nextCursor: hasMore ? JSON.stringify(next) : null } };
}

/** @type {Rows} */
const NOTHING = { data: [], pagination: { hasMore: false } };

/** Both pages. One that the API cannot understand, such as a phone number that cannot be one, is empty if it understands the other.
 * @param {PromiseSettledResult<Rows>[]} results @returns {Rows[]} */
function acceptable(results) {
  const failed = results.filter((one) => one.status === 'rejected');
  const serious = failed.find(({ reason }) => !(reason instanceof ApiError && reason.status === 400)) ?? (failed.length === results.length ? failed[0] : undefined);
  if (serious) throw serious.reason;
  return results.map((one) => (one.status === 'fulfilled' ? one.value : NOTHING));
}

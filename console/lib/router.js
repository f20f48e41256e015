/** Which view is shown: the part of the address after `#`, such as `#/messages/msg_1?status=failed`. It never has a key. */
import { createStore } from './store.js';

/** @typedef {{ view: string, parts: string[], query: Record<string, string> }} Place */

/** @returns {Place} */
function current() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const [view = '', ...parts] = path.split('/').map(decoded);
  return { view: view || 'overview', parts: parts.filter(Boolean), query: Object.fromEntries(new URLSearchParams(query)) };
}

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** @type {import('./types.js').Store<Place>} */
export const place = createStore(current());

addEventListener('hashchange', () => place.set(current()));

/** The address of a view.
 * @param {string[]} path @param {Record<string, unknown>} [query] */
export function to(path, query = {}) {
  const kept = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(kept.map(([name, value]) => [name, String(value)])).toString();
  return `#/${path.map(encodeURIComponent).join('/')}${text ? `?${text}` : ''}`;
}

/** Goes to a view. @param {string[]} path @param {Record<string, unknown>} [query] */
export function go(path, query) {
  location.hash = to(path, query);
}

/** Changes the query of the shown view without a step in the history. @param {Record<string, unknown>} query */
export function refine(query) {
  const { view, parts } = place.get();
  history.replaceState(undefined, '', to([view, ...parts], query));
  place.set(current());
}

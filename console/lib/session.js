/** The key of this tab, and what it may do. The key is kept in sessionStorage alone: another tab asks for it again. */
import { createStore } from './store.js';

/**
 * @typedef {object} Session
 * @property {string} key
 * @property {boolean} isOperator whether it is the admin key, which reads what accounts have and changes none of it
 * @property {import('./types.js').Account} [account] the key's account, or the one that the operator looks at
 * @property {import('./types.js').Instance[]} instances
 * @property {string} [instanceId] the instance that is looked at
 */

const STORAGE = 'pombo.key';

/** @type {import('./types.js').Store<Session | undefined>} */
export const session = createStore(undefined);

/** Why the key is asked for again while the view stays as it is: the API's error.
 * @type {import('./types.js').Store<Error | undefined>} */
export const refusal = createStore(undefined);

/** The key of this tab, if it has one. */
export const storedKey = () => sessionStorage.getItem(STORAGE) ?? '';

/** @param {Session} next */
export function enter(next) {
  sessionStorage.setItem(STORAGE, next.key);
  session.set(next);
}

/** @param {Partial<Session>} change */
export function changeSession(change) {
  const current = session.get();
  if (current) session.set({ ...current, ...change });
}

/** Continues with another key of the account: what is shown and typed stays.
 * @param {string} key @param {import('./types.js').Account | undefined} account */
export function replaceKey(key, account) {
  sessionStorage.setItem(STORAGE, key);
  refusal.set(undefined);
  changeSession({ key, account });
}

/** Forgets the key and everything typed. */
export function leave() {
  sessionStorage.clear();
  session.set(undefined);
}

/** Whether the key has a scope. The operator's reads everything and writes nothing of an account's.
 * @param {string} scope */
export function may(scope) {
  const current = session.get();
  if (!current) return false;
  if (current.isOperator) return Boolean(current.account) && scope.endsWith(':read');
  return current.account?.scopes?.includes(scope) ?? true;
}

/** From a key to a session: whose it is, and which instances it sees. */
import { ApiError, BASE, call } from './api.js';
import { enter } from './session.js';

/** Signs in. Throws what the API says of the key. @param {string} key */
export async function signIn(key) {
  const visible = visibleInstances(key); // with the account at once: nothing is seen before both are there
  visible.catch(() => undefined); // of the admin key, which names no account
  const account = await ownAccount(key);
  if (!account) return enter({ key, isOperator: true, instances: [] });
  const instances = await visible;
  enter({ key, isOperator: false, account, instances, instanceId: instances[0]?.id });
}

/** The key's account; none if it is the admin key. @param {string} key */
async function ownAccount(key) {
  try {
    return (await call('GET', '/v1/account', { key })).data;
  } catch (error) {
    // The admin key must name an account.
    if (error instanceof ApiError && error.status === 400) return undefined;
    throw error;
  }
}

/** The instances that a key sees, up to the first hundred. @param {string} key @param {Record<string, unknown>} [query] */
export async function visibleInstances(key, query) {
  try {
    return (await call('GET', '/v1/instances', { key, query: { ...query, limit: 100 } })).data;
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return [];
    throw error;
  }
}

/** The keys of the stack on this machine, which only such a stack gives, and only to its own page. */
export async function localKeys() {
  if (!['localhost', '127.0.0.1', '[::1]'].includes(location.hostname)) return undefined;
  const response = await fetch(`${BASE}/console/local-keys`, { cache: 'no-store' }).catch(() => undefined);
  return response?.ok ? await response.json() : undefined;
}

// API keys by their hashes, and instances, cached as long as Pombo caches them.

import { createHash } from 'node:crypto';
import { ApiError } from '../../common/api_error.js';
import { Cache } from '../../common/cache.js';
import { database } from './database.js';
import { decrypt } from './encryption.js';

export interface Caller {
  keyId: string;
  accountId: string;
  scopes: string[];
  expiresAt: Date | null;
  requestsPerMinute: number;
}

export interface Instance {
  id: string;
  accountId: string;
  numberId: string;
  accessToken: string;
  connected: boolean;
}

const callers = new Cache<Caller>(60_000);
const instances = new Cache<Instance>(30_000);

export const hashOf = (apiKey: string) => createHash('sha256').update(apiKey).digest();

// Whose API key a request carries, if it may use it for `scope`.
export async function authenticate(authorization: string | undefined, scope: string): Promise<Caller> {
  const apiKey = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (!apiKey) throw new ApiError(401, 'missing_api_key', 'send `Authorization: Bearer <api key>`');
  const hash = hashOf(apiKey);
  const caller = await callers.get(hash.toString('hex'), () => findCaller(hash));
  if (!caller) throw new ApiError(401, 'invalid_api_key', 'there is no such API key');
  if (caller.expiresAt && caller.expiresAt.getTime() <= Date.now()) throw new ApiError(401, 'expired_api_key', 'this API key has expired');
  if (!caller.scopes.includes(scope)) throw new ApiError(403, 'insufficient_permissions', `this API key lacks the scope ${scope}`);
  return caller;
}

async function findCaller(hash: Buffer): Promise<Caller | undefined> {
  const { rows } = await database.query(
    `SELECT k.id AS "keyId", k.account_id AS "accountId", k.scopes, k.expires_at AS "expiresAt", a.requests_per_minute AS "requestsPerMinute"
     FROM api_keys k JOIN accounts a ON a.id = k.account_id WHERE k.hash = $1`,
    [hash],
  );
  return rows[0];
}

// An instance by its id. One that is not connected is read each time.
export async function findInstance(id: string): Promise<Instance | undefined> {
  const instance = await instances.get(id, () => readInstance(id));
  if (!instance?.connected) instances.forget(id);
  return instance;
}

async function readInstance(id: string): Promise<Instance | undefined> {
  const { rows } = await database.query('SELECT * FROM instances WHERE id = $1', [id]);
  const row = rows[0];
  if (!row) return undefined;
  const { account_id: accountId, number_id: numberId, connected } = row;
  return { id, accountId, numberId, connected, accessToken: decrypt(row.access_token, id) };
}

// The table of accounts: keys by their hashes, accounts, instances.

import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { createHash } from 'node:crypto';
import { Cache } from '../../common/cache.js';
import { tables } from './clients.js';
import { accountsTable } from './environment.js';

export interface Caller {
  keyId: string;
  accountId: string;
  scopes: string[];
  expiresAt?: number;
  requestsPerMinute: number;
}

export interface Instance {
  id: string;
  accountId: string;
  status: 'connected' | 'disconnected';
  number?: { id: string; accessToken: string };
  holdUntil?: number;
}

const PLANS: Record<string, number> = { free: 500, starter: 2_000, pro: 10_000, enterprise: 10_000 };

const callers = new Cache<Caller>(60_000);
const instances = new Cache<Instance>(30_000);

async function read(pk: string, sk: string): Promise<Record<string, any> | undefined> {
  const answer = await tables.send(new GetCommand({ TableName: accountsTable, Key: { pk, sk }, ConsistentRead: true }));
  return answer.Item;
}

// Whose API key this is.
export function findCaller(apiKey: string): Promise<Caller | undefined> {
  const hash = createHash('sha256').update(apiKey).digest('hex');
  return callers.get(hash, async () => {
    const key = await read(`key#${hash}`, 'key');
    const account = key && (await read(key.accountId, 'account'));
    if (!account) return undefined;
    const own = account.plan === 'enterprise' ? account.requestsPerMinute : undefined;
    const { id: keyId, accountId, scopes, expiresAt } = key;
    return { keyId, accountId, scopes, expiresAt, requestsPerMinute: own ?? PLANS[account.plan] };
  });
}

// An instance of this account. One that is not connected is read each time.
export async function findInstance(accountId: string, id: string): Promise<Instance | undefined> {
  const key = `${accountId}/${id}`;
  const instance = await instances.get(key, async () => (await read(accountId, id)) as Instance | undefined);
  if (instance?.status !== 'connected') instances.forget(key);
  return instance;
}

// Accepts a message: Idempotency-Key, record, outbox, limit and credit in one transaction.

import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import { ApiError, invalid } from '../../common/api_error.js';
import type { SendRequest } from '../../common/send_request.js';
import { findInstance, type Caller } from './accounts.js';
import { database, transaction } from './database.js';
import { newId } from './ids.js';
import { enqueueMessage } from './queues.js';

interface Message {
  messageId: string;
  acceptedAt: Date;
}

// How many requests a key has left, and when it has all of them again (epoch seconds).
interface Allowance {
  remaining: number;
  reset: number;
}

export async function accept(caller: Caller, request: SendRequest, body: string, key: string | undefined): Promise<Message & Allowance> {
  if (key !== undefined && !/^[!-~]{1,255}$/.test(key)) throw invalid('Idempotency-Key', 'must have 1 to 255 visible ASCII characters');
  const refusal = (await checkInstance(caller.accountId, request.instanceId)) ?? (await checkQuoted(caller.accountId, request));
  const message = { messageId: newId('msg_'), acceptedAt: new Date() };
  const { isNew, ...accepted } = await transaction(async (client) => {
    const earlier = key === undefined ? undefined : await takeKey(client, caller, key, body, message);
    if (!earlier && refusal) throw refusal; // an earlier answer is repeated whatever has become of the instance since
    if (!earlier) await insert(client, caller, request, message);
    // The rows that all requests of an account change come last: they are locked until the commit.
    const allowance = await countRequest(client, caller);
    if (!earlier) await charge(client, caller);
    return { ...(earlier ?? message), ...allowance, isNew: !earlier };
  });
  // The message is safe: the answer does not wait for Redis.
  if (isNew) void enqueueMessage(accepted.messageId, 0, { instanceId: request.instanceId, recipient: request.to });
  return accepted;
}

async function checkInstance(accountId: string, id: string): Promise<ApiError | undefined> {
  const instance = await findInstance(id);
  if (instance?.accountId !== accountId) return new ApiError(404, 'invalid_instance', 'there is no such instance in this account', 'instanceId');
  if (instance.connected) return undefined;
  return new ApiError(409, 'instance_disconnected', 'this instance is not connected to WhatsApp; connect it first', 'instanceId');
}

async function checkQuoted(accountId: string, { quoted }: SendRequest): Promise<ApiError | undefined> {
  if (!quoted || !('message' in quoted)) return undefined;
  const { rowCount } = await database.query('SELECT FROM messages WHERE id = $1 AND account_id = $2', [quoted.message, accountId]);
  return rowCount ? undefined : invalid('quotedMessageId', 'there is no such message in this account');
}

// The message that an Idempotency-Key was used for, if it was. A request with a key that another one is about to commit waits.
async function takeKey(
  client: PoolClient,
  { accountId }: Caller,
  key: string,
  body: string,
  { messageId, acceptedAt }: Message,
): Promise<Message | undefined> {
  const hash = createHash('sha256').update(body).digest();
  const taken = await client.query('INSERT INTO idempotency_keys VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING', [
    accountId,
    key,
    hash,
    messageId,
    acceptedAt,
  ]);
  if (taken.rowCount) return undefined;
  const { rows } = await client.query(
    'SELECT body_hash, message_id AS "messageId", accepted_at AS "acceptedAt" FROM idempotency_keys WHERE account_id = $1 AND key = $2',
    [accountId, key],
  );
  const { body_hash: earlierHash, ...earlier } = rows[0];
  if (!hash.equals(earlierHash)) {
    throw new ApiError(422, 'idempotency_key_reused', 'this Idempotency-Key was used for another request; use a new one', 'Idempotency-Key');
  }
  return earlier;
}

async function insert(
  client: PoolClient,
  { accountId }: Caller,
  { instanceId, to, content, quoted, metadata, expiresIn }: SendRequest,
  { messageId, acceptedAt }: Message,
): Promise<void> {
  const deadline = new Date(acceptedAt.getTime() + expiresIn * 1000);
  await client.query(
    `WITH message AS (
       INSERT INTO messages (id, account_id, instance_id, recipient, content, quoted, metadata, created_at, deadline)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id)
     INSERT INTO outbox (message_id, due_at) SELECT id, now() FROM message`,
    [messageId, accountId, instanceId, to, content, quoted, metadata, acceptedAt, deadline],
  );
}

// GCRA with a burst of a minute: no window lets through more than that and what its time allows.
async function countRequest(client: PoolClient, { keyId, requestsPerMinute }: Caller): Promise<Allowance> {
  const { rows } = await client.query(
    `UPDATE api_keys SET busy_until = greatest(busy_until, clock_timestamp()) + interval '1 minute' / $2::int
     WHERE id = $1 AND greatest(busy_until, clock_timestamp()) + interval '1 minute' / $2::int <= clock_timestamp() + interval '1 minute'
     RETURNING floor(extract(epoch FROM clock_timestamp() + interval '1 minute' - busy_until) * $2 / 60)::int AS remaining,
       ceil(extract(epoch FROM busy_until))::int AS reset`,
    [keyId, requestsPerMinute],
  );
  if (rows[0]) return rows[0];
  const seconds = Math.ceil(60 / requestsPerMinute);
  throw new ApiError(429, 'rate_limit_exceeded', 'this API key has sent more than its plan allows', undefined, seconds);
}

async function charge(client: PoolClient, { accountId }: Caller): Promise<void> {
  const charged = await client.query('UPDATE accounts SET credits = credits - 1 WHERE id = $1 AND credits > 0', [accountId]);
  if (!charged.rowCount) throw new ApiError(402, 'insufficient_credits', 'the account has no credits left; ask your operator for more');
}

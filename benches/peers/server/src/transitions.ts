// Every change of a message after its acceptance, each one statement with its condition. Those that end in an event return its
// ids, one for each webhook, which the caller enqueues.

import type { Failure } from '../../common/error_codes.js';
import type { Content, Quoted } from '../../common/send_request.js';
import { database } from './database.js';
import type { Conversation } from './queues.js';

export interface Message {
  id: string;
  account_id: string;
  instance_id: string;
  recipient: string;
  content: Content;
  quoted: Quoted | null;
  attempt: number;
  deadline: Date;
}

export type Reached = 'sent' | 'delivered' | 'read';

// A status of a higher rank is never replaced by one of a lower rank.
const RANK = { sent: 4, failed: 5, delivered: 6, read: 7 };

// Inserts the event of a statement's `changed` messages for each webhook that wants it.
const insertEvents = (event: string) =>
  `INSERT INTO webhook_events (id, webhook_id, message_id, event, at)
   SELECT 'evt_' || gen_random_uuid(), w.id, changed.id, 'message.${event}', changed.at
   FROM changed JOIN webhooks w ON w.instance_id = changed.instance_id AND 'message.${event}' = ANY (w.events) RETURNING id`;

async function idsOf(sql: string, values: unknown[]): Promise<string[]> {
  const { rows } = await database.query(sql, values);
  return rows.map(({ id }) => id);
}

// Claims the next message of a conversation, unless it must wait or one before it is being sent.
export async function claim({ instanceId, recipient }: Conversation): Promise<Message | undefined> {
  try {
    const { rows } = await database.query(
      `WITH claimed AS (
         UPDATE messages SET status = 'sending', rank = 1, attempt = attempt + 1, lease_until = now() + interval '30 seconds'
         WHERE id = (SELECT id FROM messages WHERE instance_id = $1 AND recipient = $2 AND status = 'queued' ORDER BY seq LIMIT 1)
           AND status = 'queued' AND not_before <= now()
         RETURNING *),
       done AS (DELETE FROM outbox USING claimed WHERE message_id = claimed.id)
       SELECT * FROM claimed`,
      [instanceId, recipient],
    );
    return rows[0];
  } catch (error) {
    if ((error as { constraint?: string }).constraint === 'messages_one_at_a_time') return undefined;
    throw error;
  }
}

// WhatsApp did not take it: it may be claimed again after a wait.
export async function release({ id, attempt }: Message, seconds: number): Promise<void> {
  await database.query(
    `WITH released AS (
       UPDATE messages SET status = 'queued', rank = 0, lease_until = NULL, not_before = now() + make_interval(secs => $3)
       WHERE id = $1 AND attempt = $2 AND status = 'sending' RETURNING id, not_before)
     INSERT INTO outbox (message_id, due_at) SELECT id, not_before FROM released`,
    [id, attempt, seconds],
  );
}

// WhatsApp may have taken it: it is never posted again, and callbacks decide within 15 minutes.
export async function markUnknown({ id, attempt }: Message): Promise<void> {
  await database.query(
    `UPDATE messages SET status = 'unknown', rank = 2, lease_until = now() + interval '15 minutes'
     WHERE id = $1 AND attempt = $2 AND status = 'sending'`,
    [id, attempt],
  );
}

// Notes that a message was sent, delivered or read, and makes that its status if it is a step forward. Each has one event, whoever
// notes it first: the worker or a callback.
export function reach(id: string, status: Reached, at: Date, providerId: string): Promise<string[]> {
  return idsOf(
    `WITH changed AS (
       UPDATE messages SET ${status}_at = $2, provider_id = coalesce(provider_id, $3), lease_until = NULL,
         status = CASE WHEN rank < ${RANK[status]} THEN '${status}' ELSE status END, rank = greatest(rank, ${RANK[status]})
       WHERE id = $1 AND ${status}_at IS NULL RETURNING id, instance_id, ${status}_at AS at)
     ${insertEvents(status)}`,
    [id, at, providerId],
  );
}

// It failed, and its credit is given back, once.
export function fail(id: string, failure: Failure): Promise<string[]> {
  return idsOf(
    `WITH changed AS (
       UPDATE messages SET status = 'failed', rank = ${RANK.failed}, failed_at = now(), error = $2, lease_until = NULL
       WHERE id = $1 AND rank < ${RANK.failed} RETURNING id, account_id, instance_id, failed_at AS at),
     refunded AS (UPDATE accounts SET credits = credits + 1 FROM changed WHERE accounts.id = changed.account_id),
     done AS (DELETE FROM outbox USING changed WHERE message_id = changed.id)
     ${insertEvents('failed')}`,
    [id, failure],
  );
}

// Delivers an event to a customer's webhook, signed as Standard Webhooks and as the API's own clients verify it.

import type { Job } from 'bullmq';
import { createHmac } from 'node:crypto';
import { Cache } from '../../common/cache.js';
import { database } from './database.js';
import { decrypt } from './encryption.js';
import { log } from './log.js';
import { WEBHOOK_WAITS } from './queues.js';

const ANSWER_TIME = 5_000;
const secrets = new Cache<string>(30_000);

export async function notify(job: Job): Promise<void> {
  const id = job.id!;
  const event = await read(id);
  if (!event) return; // delivered or given up already
  const secret = (await secrets.get(event.webhook_id, async () => decrypt(event.secret, event.webhook_id)))!;
  const failure = await call(event.url, secret, id, payload(event));
  if (!failure) return delivered(id);
  await postpone(id);
  log({ event: 'webhook.delivery_failed', id, failure });
  throw new Error(failure); // BullMQ repeats the job after the same wait
}

async function read(id: string): Promise<any> {
  const { rows } = await database.query(
    `SELECT e.event, e.at, e.webhook_id, w.url, w.secret, m.id, m.instance_id, m.recipient, m.metadata, m.error
     FROM webhook_events e JOIN webhooks w ON w.id = e.webhook_id JOIN messages m ON m.id = e.message_id
     WHERE e.id = $1 AND e.due_at IS NOT NULL`,
    [id],
  );
  return rows[0];
}

// The same for every attempt.
function payload({ event, at, id, instance_id, recipient, metadata, error }: any): string {
  const status = event.replace('message.', '');
  const timestamp = at.toISOString();
  const failed = status === 'failed' ? { error } : {};
  const data = { messageId: id, instanceId: instance_id, to: recipient, status, timestamp, metadata: JSON.parse(metadata ?? 'null'), ...failed };
  return JSON.stringify({ event, timestamp, data });
}

// Why it was not delivered, if it was not.
async function call(url: string, secret: string, id: string, body: string): Promise<string | undefined> {
  const timestamp = Math.floor(Date.now() / 1000).toString();
  const hmac = (text: string) => createHmac('sha256', secret).update(text);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${hmac(`${id}.${timestamp}.${body}`).digest('base64')}`,
        'x-enviaai-signature': `sha256=${hmac(body).digest('hex')}`,
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_TIME),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `status ${response.status}`;
  } catch (error) {
    return String(error);
  }
}

async function delivered(id: string): Promise<void> {
  await database.query('UPDATE webhook_events SET attempts = attempts + 1, delivered_at = now(), due_at = NULL WHERE id = $1', [id]);
}

// After the last attempt it is given up: due no more.
async function postpone(id: string): Promise<void> {
  await database.query(
    `UPDATE webhook_events SET attempts = attempts + 1, due_at = now() + make_interval(secs => ($2::int[])[attempts + 1]) WHERE id = $1`,
    [id, WEBHOOK_WAITS],
  );
}

// Finds what a lost job, a killed worker or a missing callback has left, every few seconds.

import { database } from './database.js';
import { log } from './log.js';
import { enqueueEvents, sending } from './queues.js';
import { fail } from './transitions.js';

const EVERY = 2_000;
// How long a job has before it counts as lost. One that still waits in Redis is not added again, because its id is the same.
const GRACE = '5 seconds';
const BATCH = 1_000;

// Sweeps until the signal ends it.
export async function sweepUntil(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sweep().catch((error) => log({ event: 'sweep.failed', error: String(error) }));
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}

async function sweep(): Promise<void> {
  await enqueueMessages();
  await endLeases();
  await failUnknown();
  const { rows } = await database.query(`SELECT id FROM webhook_events WHERE due_at < now() - interval '${GRACE}' ORDER BY due_at LIMIT ${BATCH}`);
  await enqueueEvents(rows.map(({ id }) => id));
}

async function enqueueMessages(): Promise<void> {
  const { rows } = await database.query(
    `SELECT id, attempt, instance_id AS "instanceId", recipient FROM outbox JOIN messages ON id = message_id
     WHERE due_at < now() - interval '${GRACE}' AND status = 'queued' ORDER BY due_at LIMIT ${BATCH}`,
  );
  if (!rows.length) return;
  await sending.addBulk(rows.map(({ id, attempt, ...data }) => ({ name: 'send', data, opts: { jobId: `${id}-${attempt}` } })));
}

// The worker has died between claim and result: WhatsApp may have taken the message.
async function endLeases(): Promise<void> {
  const { rows } = await database.query(
    `UPDATE messages SET status = 'unknown', rank = 2, lease_until = now() + interval '15 minutes'
     WHERE status = 'sending' AND lease_until < now() RETURNING id`,
  );
  for (const { id } of rows) log({ event: 'message.unknown', messageId: id, reason: 'its worker ended' });
}

async function failUnknown(): Promise<void> {
  const { rows } = await database.query(`SELECT id FROM messages WHERE status = 'unknown' AND lease_until < now() LIMIT ${BATCH}`);
  for (const { id } of rows) {
    await enqueueEvents(await fail(id, { code: 'unknown_outcome', message: 'WhatsApp never told whether it took the message' }));
  }
}

// The two queues in Redis. A job only says where there is work: what the work is stands in PostgreSQL, so a lost job loses time,
// not a message, and one that comes twice finds nothing to do.

import { Queue, type JobsOptions } from 'bullmq';
import { redisUrl } from './environment.js';
import { log } from './log.js';

// Work on a conversation: its next messages.
export interface Conversation {
  instanceId: string;
  recipient: string;
}

// Without its offline queue the client fails at once while Redis is away, and no request waits for it.
export const producer = { url: redisUrl, enableOfflineQueue: false };
// A worker waits for Redis for as long as it takes.
export const consumer = { url: redisUrl, maxRetriesPerRequest: null };

// A job leaves nothing behind, so that one with its id can be added again.
const defaultJobOptions: JobsOptions = { removeOnComplete: true, removeOnFail: true };

export const WEBHOOK_WAITS = [30, 120, 600, 3_600, 21_600];

export const sending = new Queue<Conversation>('sending', { connection: producer, defaultJobOptions });
export const webhooks = new Queue<Record<string, never>>('webhooks', {
  connection: producer,
  defaultJobOptions: { ...defaultJobOptions, attempts: WEBHOOK_WAITS.length + 1, backoff: { type: 'custom' } },
});
for (const queue of [sending, webhooks]) queue.on('error', (error) => log({ event: 'queue.error', error: String(error) }));

// Adds a job for an attempt at a message. When that fails, the sweeper adds it later.
export async function enqueueMessage(messageId: string, attempt: number, conversation: Conversation, delay = 0): Promise<void> {
  try {
    await sending.add('send', conversation, { jobId: `${messageId}-${attempt}`, delay });
  } catch (error) {
    log({ event: 'message.not_queued', messageId, error: String(error) });
  }
}

// The same for events, whose jobs have their ids.
export async function enqueueEvents(ids: string[]): Promise<void> {
  if (!ids.length) return;
  try {
    await webhooks.addBulk(ids.map((jobId) => ({ name: 'webhook', data: {}, opts: { jobId } })));
  } catch (error) {
    log({ event: 'webhook.not_queued', ids, error: String(error) });
  }
}

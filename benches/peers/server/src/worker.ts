// The worker process: messages to WhatsApp, events to webhooks, and the sweeper.

import { Worker } from 'bullmq';
import { database } from './database.js';
import { deliver } from './deliver.js';
import { log } from './log.js';
import { consumer, sending, WEBHOOK_WAITS, webhooks, type Conversation } from './queues.js';
import { ending } from './shutdown.js';
import { sweepUntil } from './sweeper.js';
import { notify } from './webhooks.js';

const backoffStrategy = (attemptsMade: number) => (WEBHOOK_WAITS[attemptsMade - 1] ?? 0) * 1000;
const workers = [
  new Worker<Conversation>(sending.name, (job) => deliver(job.data), { connection: consumer, concurrency: 50 }),
  new Worker(webhooks.name, notify, { connection: consumer, concurrency: 50, settings: { backoffStrategy } }),
];
for (const worker of workers) {
  worker.on('error', (error) => log({ event: 'worker.error', error: String(error) }));
  worker.on('failed', (job, error) => log({ event: 'job.failed', id: job?.id, error: String(error) }));
}

await sweepUntil(ending);
// Jobs in progress are finished first.
await Promise.all(workers.map((worker) => worker.close()));
await Promise.all([sending.close(), webhooks.close(), database.end()]);

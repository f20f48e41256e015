/** Batches against the real stack: one is sent, listed and canceled, and a larger list goes on after a crash. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { type BatchCompletedEvent, Pombo, type WebhookEvent } from '@pombo/client';

import { eventually, PATIENCE_MS } from './eventually.js';
import { type Running, serve } from './servers.js';
import { Stack } from './stack.js';

/** The stack looks once a minute which batches are complete. */
const MINUTES_MS = 3 * PATIENCE_MS;

describe('a campaign', () => {
  let stack: Stack;
  let client: Pombo;
  let receiver: Running;
  let instanceId: string;
  let sent: string;
  let unsent: string;

  before(async () => {
    stack = await Stack.start();
    client = stack.client();
    receiver = await serve({ status: 204 });
    ({ instanceId } = stack.state);
    await client.webhooks.create({ url: receiver.url, instanceId, events: ['batch.completed'] });
  });
  after(async () => {
    await receiver?.[Symbol.asyncDispose]();
    await stack?.stop();
  });

  test('is sent: each recipient has what is common and what is its own', async () => {
    const [first, second] = ['5511900100001', '5511900100002'] as const;
    const recipients = [{ to: first }, { to: '+55 11' }, { to: second, message: 'Bye', reference: 'order-2' }];
    const body = { instanceId, message: 'Hello', recipients };
    const answer = await client.batches.send(body, { idempotencyKey: 'stack-1' });
    assert.deepEqual([answer.success, answer.accepted, answer.status], [true, 2, 'queued']);
    assert.deepEqual(answer.rejected.map(({ index, code, field }) => [index, code, field]), [[1, 'invalid_phone_number', 'to']]);
    assert.deepEqual(answer.messages.map(({ index }) => index), [0, 2]);
    assert.deepEqual(await client.batches.send(body, { idempotencyKey: 'stack-1' }), answer);

    for (const { messageId } of answer.messages) {
      await stack.untilRead(messageId);
    }
    assert.deepEqual([(await stack.takenBy(first)).length, (await stack.takenBy(second)).length], [1, 1]);

    const batch = await client.batches.get(answer.batchId);
    assert.deepEqual([batch.accepted, batch.rejected, batch.counts.read], [2, 1, 2]);
    assert.ok(batch.firstSentAt && batch.lastSentAt);

    const page = await client.messages.list({ batchId: answer.batchId, limit: 1 });
    const next = await client.messages.list({ batchId: answer.batchId, after: page.pagination.nextCursor ?? '' });
    const listed = [...page.data, ...next.data];
    assert.deepEqual(listed.map(({ messageId }) => messageId), answer.messages.map(({ messageId }) => messageId));
    const [, own] = listed;
    assert.ok(own?.direction === 'outbound');
    assert.deepEqual([own.content, own.reference, own.batchId], ['Bye', 'order-2', answer.batchId]);
    sent = answer.batchId;
  });

  test('is scheduled, listed and canceled', async () => {
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const to = '5511900100003';
    const { batchId, status, messages } = await client.batches.send({ instanceId, message: 'Later', sendAt, recipients: [{ to }] });
    assert.equal(status, 'scheduled');
    const listed = (await client.batches.list({ instanceId, limit: 1 })).data;
    assert.deepEqual(listed.map((batch) => [batch.batchId, batch.status, batch.sendAt]), [[batchId, 'scheduled', sendAt]]);
    assert.equal((await client.batches.get(batchId)).counts.scheduled, 1);
    const [message] = messages;
    const found = await client.messages.get(message?.messageId ?? '');
    assert.ok(found.direction === 'outbound');
    assert.deepEqual([found.status, found.sendAt], ['scheduled', sendAt]);

    const canceled = await client.batches.cancel(batchId);
    assert.deepEqual([canceled.status, canceled.counts.failed, canceled.counts.scheduled], ['canceled', 1, 0]);
    assert.equal((await client.messages.getStatus(found.messageId)).error?.code, 'canceled');
    assert.deepEqual(await stack.takenBy(to), []);
    unsent = batchId;
    await assert.rejects(client.batches.get('batch_none'), { code: 'batch_not_found', status: 404 });
  });

  test('of one message is scheduled and canceled', async () => {
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const { messageId, status } = await client.messages.send({ instanceId, to: '5511900100004', message: 'Later', sendAt });
    assert.equal(status, 'scheduled');
    assert.equal((await client.messages.getStatus(messageId)).status, 'scheduled');
    const scheduled = await client.messages.list({ instanceId, status: 'scheduled' });
    assert.deepEqual(scheduled.data.map((each) => each.messageId), [messageId]);
    assert.equal((await client.messages.cancel(messageId)).status, 'failed');
  });

  test('of more than a batch holds goes on after a crash, and sends nothing twice', async () => {
    const numbers = Array.from({ length: 130 }, (_, index) => String(5_511_910_000_000 + index));
    const long = 'é'.repeat(4_000); // 1 MB are 124 of them
    async function* rows() {
      for (const to of numbers) {
        yield { to, message: long };
      }
      yield { to: '+55 11', message: 'Hello' };
    }
    // A machine that is busy with other work may need longer for a batch than a function has.
    const { apiUrl: baseUrl, apiKey } = stack.state;
    const patient = new Pombo({ apiKey, baseUrl, maxRetries: 30, totalTimeoutMs: MINUTES_MS });
    const run = () => patient.batches.sendAll({ instanceId, recipients: rows() }, { idempotencyKey: 'spring' });
    const before = (await client.account.get()).credits;
    const { value: first } = await run().next(); // the caller ends here
    const found = [];
    for await (const part of run()) {
      found.push(part);
    }
    assert.deepEqual(found[0], first);
    assert.deepEqual(found.map(({ done }) => done.recipients), [124, 131]);
    assert.deepEqual(found.at(-1)?.done, { recipients: 131, accepted: 130, rejected: 1 });
    assert.deepEqual(found.at(-1)?.rejected.map(({ index }) => index), [130]);
    const messageIds = found.flatMap(({ messages }) => messages.map(({ messageId }) => messageId));
    assert.equal(new Set(messageIds).size, 130);
    const batches = (await client.batches.list({ instanceId })).data.map(({ batchId }) => batchId);
    assert.deepEqual(batches.slice(0, 2), [found[1]?.batchId, found[0]?.batchId]);
    assert.equal(before - (await client.account.get()).credits, 130);
  });

  test('that is complete is an event', async () => {
    const events = await eventually(MINUTES_MS, 'the batches are complete', async () => {
      const found = new Map(receiver.seen.map(({ body }) => completion(JSON.parse(body) as WebhookEvent)));
      return found.has(sent) && found.has(unsent) ? found : undefined;
    });
    const { accepted, canceled, counts } = events.get(sent) ?? assert.fail();
    assert.deepEqual([accepted, canceled, counts.read], [2, false, 2]);
    assert.deepEqual([events.get(unsent)?.canceled, events.get(unsent)?.counts.failed], [true, 1]);
    const { status, completedAt } = await client.batches.get(sent);
    assert.deepEqual([status, typeof completedAt], ['completed', 'string']);
  });
});

function completion(event: WebhookEvent): [string, BatchCompletedEvent['data']] {
  assert.ok(event.event === 'batch.completed');
  return [event.data.batchId, event.data];
}

/** Instances, webhooks and lists against the real stack. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { Message, Pombo } from '@pombo/client';

import { eventually, PATIENCE_MS } from './eventually.js';
import { Stack } from './stack.js';

const UNKNOWN = { name: 'PomboError', status: 404 };

describe('managing', () => {
  let stack: Stack;
  let client: Pombo;

  before(async () => {
    stack = await Stack.start();
    client = stack.client();
  });
  after(() => stack?.stop());

  test('an instance is created, read, changed, listed and deleted', async () => {
    const created = await client.instances.create({ name: 'Shop' });
    assert.match(created.id, /^inst_/);
    assert.equal(created.status, 'disconnected');
    assert.deepEqual(await client.instances.get(created.id), created);

    const updated = await client.instances.update(created.id, { name: 'Shop 2' });
    assert.equal(updated.name, 'Shop 2');

    const { data, pagination } = await client.instances.list({ limit: 1, offset: 0 });
    assert.equal(data.length, 1);
    assert.deepEqual(pagination, { total: 2, limit: 1, offset: 0, hasMore: true });
    assert.ok((await client.instances.list()).data.some(({ id }) => id === created.id));

    assert.equal(await client.instances.delete(created.id), undefined);
    await assert.rejects(client.instances.get(created.id), { ...UNKNOWN, code: 'instance_not_found' });
  });

  test('an instance is connected and disconnected', async () => {
    const { id } = await client.instances.create({ name: 'Shop' });
    const number = {
      method: 'official',
      businessId: '102290129340399',
      phoneNumberId: '106540352242923',
      accessToken: 'EAAG-of-a-test',
    } as const;
    assert.equal((await client.instances.connect(id, number)).status, 'connected');
    assert.equal((await client.instances.status(id)).status, 'connected');
    await assert.rejects(client.instances.connect(id, number), { code: 'already_connected', status: 409 });

    await client.instances.disconnect(id, { reason: 'moved' });
    assert.equal((await client.instances.status(id)).status, 'disconnected');
    await assert.rejects(client.instances.disconnect(id), { code: 'instance_not_connected', status: 409 });
    await client.instances.delete(id);
  });

  test('a phone session is refused with its reason', async () => {
    const { id } = await client.instances.create({ name: 'Shop' });
    const body = JSON.parse('{"method":"qrcode"}'); // the types do not allow it
    await assert.rejects(client.instances.connect(id, body), { code: 'invalid_request', status: 400 });
    await client.instances.delete(id);
  });

  test('a webhook is created, read, changed, listed and deleted', async () => {
    const { id: instanceId } = await client.instances.create({ name: 'Shop' }); // sends nothing, so nothing is published
    const url = 'https://example.com/pombo';
    const created = await client.webhooks.create({ url, instanceId, events: ['message.sent'], name: 'Shop' });
    assert.match(created.id, /^wh_/);
    assert.match(created.secret, /^whs_/);
    assert.equal(created.signingSecret, `whsec_${Buffer.from(created.secret).toString('base64')}`);

    const read = await client.webhooks.get(created.id);
    assert.deepEqual([read.url, read.events, read.status], [url, ['message.sent'], 'active']);
    assert.ok(!('secret' in read));

    const events = ['message.sent', 'message.failed'] as const;
    const updated = await client.webhooks.update(created.id, { url, events: [...events], name: 'Shop' });
    assert.deepEqual(new Set(updated.events), new Set(events));

    assert.ok((await client.webhooks.list()).data.some(({ id }) => id === created.id));
    assert.deepEqual(await client.webhooks.getLogs(created.id, { limit: 10 }), []);
    const none = { data: [], pagination: { hasMore: false, nextCursor: null } };
    assert.deepEqual(await client.webhooks.listLogs(created.id, { limit: 10 }), none);

    assert.equal(await client.webhooks.delete(created.id), undefined);
    await assert.rejects(client.webhooks.get(created.id), { ...UNKNOWN, code: 'webhook_not_found' });
    await client.instances.delete(instanceId);
  });

  test("a webhook's secret is rotated", async () => {
    const { id: instanceId } = await client.instances.create({ name: 'Shop' });
    const created = await client.webhooks.create({
      url: 'https://example.com/pombo',
      instanceId,
      events: ['message.sent'],
    });
    const rotated = await client.webhooks.rotateSecret(created.id);
    assert.match(rotated.secret, /^whs_/);
    assert.notEqual(rotated.secret, created.secret);
    assert.equal(rotated.signingSecret, `whsec_${Buffer.from(rotated.secret).toString('base64')}`);
    assert.ok(Date.parse(rotated.previousSecretExpiresAt) > Date.now());
    await client.webhooks.delete(created.id);
    await client.instances.delete(instanceId);
  });

  test('a webhook that logs successes is replayed', async () => {
    const { id: instanceId } = await client.instances.create({ name: 'Shop' });
    const url = 'https://example.com/pombo';
    const { id } = await client.webhooks.create({ url, instanceId, events: ['message.sent'], logSuccess: true });
    const since = new Date(Date.now() - 1000).toISOString();
    const begun = await client.webhooks.replay(id, { since });
    assert.ok(begun.replayId !== undefined);
    const { replayId } = begun;
    const done = await eventually(PATIENCE_MS, 'the end of the replay', async () => {
      const replay = await client.webhooks.getReplay(id, replayId);
      return replay.status === 'done' ? replay : undefined;
    });
    assert.deepEqual([done.messages, done.events], [0, 0]);
    await assert.rejects(client.webhooks.replay(id, { messageId: 'msg_none' }), { code: 'message_not_found' });
    await client.webhooks.update(id, { status: 'disabled' });
    await assert.rejects(client.webhooks.replay(id, { since }), { code: 'webhook_disabled', status: 409 });
    await client.webhooks.delete(id);
    await client.instances.delete(instanceId);
  });

  test('a webhook to a wrong address is refused', async () => {
    const { instanceId } = stack.state;
    const created = client.webhooks.create({ url: 'ftp://example.com', instanceId, events: ['message.sent'] });
    await assert.rejects(created, { name: 'PomboError', code: 'invalid_webhook_url', status: 400 });
  });

  test('an inbound URL is made, sends without a key, is listed without its secret, and deleted', async () => {
    const { instanceId } = stack.state;
    const { url, id } = await client.webhooks.createInbound({ name: 'Shop', instanceId });
    assert.match(url, /\/webhook\/[^/]+$/);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ to: '5511900000003', message: 'Hello' }),
    });
    const { messageId } = (await response.json()) as { messageId: string };
    assert.match(messageId, /^msg_/);
    const { data, pagination } = await client.webhooks.listInbound();
    assert.deepEqual([data.map((row) => row.id), pagination.total], [[id], 1]);
    assert.ok(!JSON.stringify(data).includes('/webhook/'));
    assert.ok(id !== undefined);
    await client.webhooks.delete(id);
    assert.deepEqual((await client.webhooks.listInbound()).data, []);
  });

  test('messages are listed newest first and a page at a time', async () => {
    const { instanceId } = stack.state;
    const to = '5511900000004';
    const sent: string[] = [];
    for (const message of ['one', 'two', 'three']) {
      sent.unshift((await client.messages.send({ instanceId, to, message })).messageId);
    }
    const first = await client.messages.list({ instanceId, phone: to, limit: 2 });
    assert.deepEqual(ids(first.data), sent.slice(0, 2));
    assert.equal(first.pagination.hasMore, true);
    const before = first.pagination.nextCursor ?? '';
    const second = await client.messages.list({ instanceId, phone: to, limit: 2, before });
    assert.deepEqual(ids(second.data), sent.slice(2));
    assert.equal(second.pagination.hasMore, false);
    const [newest] = first.data;
    assert.ok(newest?.direction === 'outbound');
    assert.equal(newest.to, to);
  });

  test('a conversation shows until when the person may be written to freely', async () => {
    const { instanceId } = stack.state;
    const person = '5511900000005';
    await stack.write(person, 'Oi');
    const chat = await client.chats.get(`chat_${person}`, { instanceId });
    assert.deepEqual([chat.phone, chat.optedOut], [person, false]);
    const [wrote, closes] = [chat.lastInboundAt, chat.windowClosesAt].map((time) => Date.parse(time ?? ''));
    assert.equal(Number(closes) - Number(wrote), 24 * 60 * 60 * 1000);
    assert.deepEqual((await client.chats.list({ instanceId, limit: 1 })).data, [chat]);
    await assert.rejects(client.chats.get('chat_5511900000099', { instanceId }), { code: 'chat_not_found', status: 404 });
    const settings = { outsideWindow: 'refuse', color: 'red' } as const;
    assert.deepEqual((await client.instances.update(instanceId, { settings })).settings, settings);
    await client.instances.update(instanceId, { settings: {} });
  });

  test('templates are created, listed, read and deleted', async () => {
    const { instanceId } = stack.state;
    const components = [{ type: 'BODY', text: 'Hi {{1}}', example: { body_text: [['Ana']] } }];
    const body = { instanceId, name: 'client_s', language: 'en_US', category: 'UTILITY', components };
    assert.equal((await client.templates.create(body)).status, 'APPROVED');
    const { data, pagination } = await client.templates.list({ instanceId, name: 'client_s' });
    assert.deepEqual(data.map(({ name }) => name), ['client_s']);
    assert.equal(pagination.hasMore, false);
    assert.deepEqual((await client.templates.get('client_s', { instanceId })).parameters, ['1']);
    await assert.rejects(client.templates.create(body), { code: 'provider_error', providerCode: 100 });
    await client.templates.delete('client_s', { instanceId });
    await assert.rejects(client.templates.get('client_s', { instanceId }), { code: 'template_not_found' });
  });

  test('a message that has left the queue is not canceled', async () => {
    const { instanceId } = stack.state;
    const { messageId } = await client.messages.send({ instanceId, to: '5511900000005', message: 'Hello' });
    await stack.untilRead(messageId);
    await assert.rejects(client.messages.cancel(messageId), { code: 'not_cancelable', status: 409 });
    await assert.rejects(client.messages.cancel('msg_none'), { ...UNKNOWN, code: 'message_not_found' });
  });

  test('what the API does not know is refused by name', async () => {
    const body = JSON.parse('{"name":"Shop","color":"red"}');
    await assert.rejects(client.instances.create(body), { code: 'invalid_request', status: 400, field: 'color' });
    await assert.rejects(client.instances.get('inst_none'), { ...UNKNOWN, code: 'instance_not_found' });
    await assert.rejects(client.webhooks.get('wh_none'), { ...UNKNOWN, code: 'webhook_not_found' });
  });
});

function ids(messages: Message[]): string[] {
  return messages.map(({ messageId }) => messageId);
}

/** Ten calls to a stack with openapi-fetch and the types that openapi-typescript generates. Argument: the stack's state file. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import createClient from 'openapi-fetch';

import type { paths } from './openapi.js';

const state = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as Record<'apiUrl' | 'apiKey' | 'instanceId', string>;
const headers = { authorization: `Bearer ${state.apiKey}` };
const { GET, POST, PATCH, PUT, DELETE } = createClient<paths>({ baseUrl: state.apiUrl, headers });
const { instanceId } = state;
const to = '5511900000002';

/** The answer, which is no error. */
function good<T>({ data, error }: { data?: T; error?: unknown }): T {
  assert.equal(error, undefined, JSON.stringify(error));
  assert.ok(data !== undefined);
  return data;
}

const account = good(await GET('/v1/account')).data;
assert.ok(account.credits > 0);

const instance = good(await POST('/v1/instances', { body: { name: 'Shop' } })).data;
const path = { instanceId: instance.id };
const renamed = good(await PATCH('/v1/instances/{instanceId}', { params: { path }, body: { name: 'Shop 2' } })).data;
assert.equal(renamed.name, 'Shop 2');

const metadata = { orderId: '1001', items: [1, null, { a: true }] };
const message = { instanceId, to, message: 'Olá 🕊', metadata };
const params = { header: { 'Idempotency-Key': 'order-1002' } };
const sent = good(await POST('/v1/messages/send', { params, body: message }));
const again = good(await POST('/v1/messages/send', { params, body: message }));
assert.equal(again.messageId, sent.messageId);
const location = { latitude: -23.5614, longitude: -46.6559, name: 'Museum' };
assert.equal(good(await POST('/v1/messages/send', { body: { instanceId, to, location } })).status, 'queued');
const interactive = {
  type: 'button' as const,
  body: { text: 'Is tomorrow at 10 fine?' },
  action: { buttons: [{ type: 'reply' as const, reply: { id: 'yes', title: 'Yes' } }] },
};
good(await POST('/v1/messages/send', { body: { instanceId, to, interactive } }));

const byId = { params: { path: { messageId: sent.messageId } } };
assert.equal(good(await GET('/v1/messages/{messageId}/status', byId)).data.messageId, sent.messageId);
const rows = good(await GET('/v1/messages', { params: { query: { instanceId, phone: to, limit: 10 } } })).data;
const row = rows.find(({ messageId }) => messageId === sent.messageId);
assert.deepEqual(row?.metadata, metadata);

const hook = { url: 'https://example.com/pombo', instanceId: instance.id, events: ['message.sent' as const] };
const webhook = good(await POST('/v1/webhooks', { body: hook })).data;
assert.match(webhook.secret, /^whs_/);
const webhookPath = { path: { webhookId: webhook.id } };
const changed = good(await PUT('/v1/webhooks/{webhookId}', { params: webhookPath, body: { name: 'Orders' } })).data;
assert.equal(changed.name, 'Orders');
const inbound = good(await POST('/v1/webhooks/inbound', { body: { name: 'Zapier', instanceId } })).data;
assert.match(inbound.url ?? '', /\/webhook\//);

const unknown = { path: { chatId: 'chat_5511900000099' }, query: { instanceId } };
const { error } = await GET('/v1/chats/{chatId}', { params: unknown });
assert.equal(error?.error.code, 'chat_not_found');
assert.equal((await DELETE('/v1/instances/{instanceId}', { params: { path } })).response.status, 204);
console.log('openapi-typescript and openapi-fetch: every call succeeded');

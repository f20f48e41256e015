/** Requests as they are sent, and answers as values or errors, against a real server. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';

import { Client, Pombo, PomboError } from '@pombo/client';

import { type Reaction, serve } from './servers.js';

/** The operator's calls, and those without a key. */
const NOT_IN_THE_CLIENT = /^\/v1\/(admin\/.*|openapi\.json)$|^\/(docs|webhook\/).*/;

const HOOK = { url: 'https://example.com', instanceId: 'inst_1', events: [] };
const NUMBER = { method: 'official', businessId: '1', phoneNumberId: '2', accessToken: '3' } as const;
const INSTANCE = { instanceId: 'inst_1' };
const TEMPLATE = { ...INSTANCE, name: 't', language: 'en', category: 'UTILITY', components: [] };

/** Every call, and the request that it makes. */
const CALLS: [string, (client: Pombo) => Promise<unknown>][] = [
  ['GET /v1/account', ({ account }) => account.get()],
  ['POST /v1/messages/send', ({ messages }) => messages.send({ ...INSTANCE, to: '55', message: 'Hello' })],
  ['POST /v1/messages/batch', ({ batches }) => batches.send({ ...INSTANCE, message: 'Hello', recipients: [{ to: '55' }] })],
  ['GET /v1/batches?instanceId=inst_1', ({ batches }) => batches.list(INSTANCE)],
  ['GET /v1/batches/batch_1', ({ batches }) => batches.get('batch_1')],
  ['DELETE /v1/batches/batch_1', ({ batches }) => batches.cancel('batch_1')],
  ['GET /v1/messages?batchId=batch_1', ({ messages }) => messages.list({ batchId: 'batch_1' })],
  ['GET /v1/messages/msg_1', ({ messages }) => messages.get('msg_1')],
  ['GET /v1/messages/msg_1/status', ({ messages }) => messages.getStatus('msg_1')],
  ['GET /v1/messages/msg_1/details', ({ messages }) => messages.getDetails('msg_1')],
  ['GET /v1/messages/msg_1/timeline', ({ messages }) => messages.getTimeline('msg_1')],
  ['GET /v1/statistics?interval=hour', ({ statistics }) => statistics.get({ interval: 'hour' })],
  ['POST /v1/listeners', ({ listeners }) => listeners.create({ events: ['message.received'] })],
  ['GET /v1/listeners/lst_1/events?after=c1', ({ listeners }) => listeners.poll('lst_1', { after: 'c1' })],
  ['DELETE /v1/listeners/lst_1', ({ listeners }) => listeners.delete('lst_1')],
  ['GET /v1/messages/msg_1/media?redirect=false', ({ messages }) => messages.getMedia('msg_1')],
  ['POST /v1/messages/msg_1/read', ({ messages }) => messages.read('msg_1', { typing: true })],
  ['DELETE /v1/messages/msg_1', ({ messages }) => messages.cancel('msg_1')],
  ['GET /v1/messages?instanceId=inst_1', ({ messages }) => messages.list(INSTANCE)],
  ['GET /v1/chats?instanceId=inst_1', ({ chats }) => chats.list(INSTANCE)],
  ['GET /v1/chats/chat_1?instanceId=inst_1', ({ chats }) => chats.get('chat_1', INSTANCE)],
  ['POST /v1/media', ({ media }) => media.create({ ...INSTANCE, mimeType: 'image/png', size: 1 })],
  ['GET /v1/media/media_1', ({ media }) => media.get('media_1')],
  ['GET /v1/templates?instanceId=inst_1', ({ templates }) => templates.list(INSTANCE)],
  ['GET /v1/templates/t?instanceId=inst_1', ({ templates }) => templates.get('t', INSTANCE)],
  ['POST /v1/templates', ({ templates }) => templates.create(TEMPLATE)],
  ['DELETE /v1/templates/t?instanceId=inst_1', ({ templates }) => templates.delete('t', INSTANCE)],
  ['POST /v1/instances', ({ instances }) => instances.create({ name: 'Shop' })],
  ['GET /v1/instances', ({ instances }) => instances.list()],
  ['GET /v1/instances/inst_1', ({ instances }) => instances.get('inst_1')],
  ['PATCH /v1/instances/inst_1', ({ instances }) => instances.update('inst_1', {})],
  ['DELETE /v1/instances/inst_1', ({ instances }) => instances.delete('inst_1')],
  ['POST /v1/instances/inst_1/connect', ({ instances }) => instances.connect('inst_1', NUMBER)],
  ['POST /v1/instances/inst_1/disconnect', ({ instances }) => instances.disconnect('inst_1')],
  ['GET /v1/instances/inst_1/status', ({ instances }) => instances.status('inst_1')],
  ['POST /v1/webhooks', ({ webhooks }) => webhooks.create(HOOK)],
  ['GET /v1/webhooks?instanceId=inst_1', ({ webhooks }) => webhooks.list(INSTANCE)],
  ['GET /v1/webhooks/wh_1', ({ webhooks }) => webhooks.get('wh_1')],
  ['PUT /v1/webhooks/wh_1', ({ webhooks }) => webhooks.update('wh_1', { name: 'Shop' })],
  ['DELETE /v1/webhooks/wh_1', ({ webhooks }) => webhooks.delete('wh_1')],
  ['POST /v1/webhooks/wh_1/rotate', ({ webhooks }) => webhooks.rotateSecret('wh_1')],
  ['POST /v1/webhooks/wh_1/test', ({ webhooks }) => webhooks.test('wh_1', { event: 'message.sent' })],
  ['GET /v1/webhooks/wh_1/logs?status=failed', ({ webhooks }) => webhooks.getLogs('wh_1', { status: 'failed' })],
  ['GET /v1/webhooks/wh_1/logs?limit=10&after=c1', ({ webhooks }) => webhooks.listLogs('wh_1', { limit: 10, after: 'c1' })],
  ['POST /v1/webhooks/wh_1/replay', ({ webhooks }) => webhooks.replay('wh_1', { messageId: 'msg_1' })],
  ['GET /v1/webhooks/wh_1/replays/r_1', ({ webhooks }) => webhooks.getReplay('wh_1', 'r_1')],
  ['POST /v1/webhooks/inbound', ({ webhooks }) => webhooks.createInbound({ ...INSTANCE, name: 'Shop' })],
  ['GET /v1/webhooks/inbound?limit=10', ({ webhooks }) => webhooks.listInbound({ limit: 10 })],
];

function clientOf(baseUrl: string): Pombo {
  return new Pombo({ apiKey: 'key', baseUrl, maxRetries: 0 });
}

async function failure(reaction: Reaction): Promise<PomboError> {
  await using server = await serve(reaction);
  const error: unknown = await clientOf(server.url).messages.getStatus('msg_1').catch((error: unknown) => error);
  assert.ok(error instanceof PomboError);
  return error;
}

describe('a request', () => {
  test('carries the key, the body and nothing that is undefined', async () => {
    await using server = await serve({ status: 200, body: { success: true, data: [], pagination: {} } });
    const client = clientOf(server.url);
    await client.messages.list({ instanceId: 'inst_1', limit: 2, before: undefined });
    await client.instances.disconnect('inst_1', { reason: 'moved' });
    const [list, disconnect] = server.seen;
    assert.equal(list?.path, '/v1/messages?instanceId=inst_1&limit=2');
    assert.equal(list?.headers.authorization, 'Bearer key');
    assert.equal(list?.headers['content-type'], undefined);
    assert.equal(disconnect?.path, '/v1/instances/inst_1/disconnect');
    assert.equal(disconnect?.headers['content-type'], 'application/json');
    assert.deepEqual(JSON.parse(disconnect?.body ?? ''), { reason: 'moved' });
  });

  test('goes to its method and path, for each call', async () => {
    await using server = await serve({ status: 200, body: { success: true, data: {} } });
    const client = clientOf(server.url);
    for (const [, call] of CALLS) {
      await call(client);
    }
    assert.deepEqual(server.seen.map(({ method, path }) => `${method} ${path}`), CALLS.map(([expected]) => expected));
  });

  test('can be made for each call of a customer in docs/openapi.json', async () => {
    const document = await readFile(new URL('../../../../docs/openapi.json', import.meta.url), 'utf8');
    const { paths } = JSON.parse(document) as { paths: Record<string, Record<string, unknown>> };
    const made = CALLS.map(([call]) => call.replace(/\?.*/, ''));
    const missing = Object.entries(paths)
      .filter(([path]) => !NOT_IN_THE_CLIENT.test(path))
      .flatMap(([path, operations]) => Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`))
      .filter((call) => /^(GET|POST|PUT|PATCH|DELETE) /.test(call))
      .filter((call) => !made.some((each) => new RegExp(`^${call.replace(/{\w+}/g, '[^/]+')}$`).test(each)));
    assert.deepEqual(missing, []);
  });

  test('finds the API with or without /v1 and a slash in the base URL', async () => {
    await using server = await serve({ status: 200, body: { success: true, data: {} } });
    for (const end of ['', '/', '/v1', '/v1/']) {
      await clientOf(`${server.url}${end}`).instances.get('inst_1');
    }
    assert.deepEqual(new Set(server.seen.map(({ path }) => path)), new Set(['/v1/instances/inst_1']));
  });

  test('keeps an id within its segment of the path', async () => {
    await using server = await serve({ status: 200, body: { success: true, data: {} } });
    const client = clientOf(server.url);
    await client.webhooks.get('../instances?a#b');
    assert.equal(server.seen[0]?.path, '/v1/webhooks/..%2Finstances%3Fa%23b');
    for (const id of ['', '.', '..']) {
      await assert.rejects(client.webhooks.get(id), { name: 'PomboError', code: 'invalid_request', field: 'id' });
    }
  });

  test('uses the fetch that it is given', async () => {
    const asked: string[] = [];
    const client = new Client({
      apiKey: 'key',
      baseUrl: 'http://127.0.0.1',
      fetch: async (input) => {
        asked.push(String(input));
        return Response.json({ success: true, data: { id: 'inst_1' } });
      },
    });
    assert.equal((await client.instances.get('inst_1')).id, 'inst_1');
    assert.deepEqual(asked, ['http://127.0.0.1/v1/instances/inst_1']);
  });
});

describe('a client', () => {
  test('without a key or an address is not created', () => {
    const baseUrl = 'http://127.0.0.1';
    assert.throws(() => new Pombo({ apiKey: '', baseUrl }), { name: 'PomboError', code: 'missing_api_key' });
    assert.throws(() => new Pombo({ apiKey: 'a\nb', baseUrl }), { name: 'PomboError', code: 'missing_api_key' });
    for (const wrong of ['', 'api', 'ftp://127.0.0.1', 'http://']) {
      assert.throws(() => new Pombo({ apiKey: 'key', baseUrl: wrong }), { code: 'invalid_request', field: 'baseUrl' });
    }
  });
});

describe('an answer', () => {
  test('of 204 is undefined', async () => {
    await using server = await serve({ status: 204 });
    assert.equal(await clientOf(server.url).webhooks.delete('wh_1'), undefined);
  });

  test('to a list is its data and pagination', async () => {
    const page = { data: [{ id: 'inst_1' }], pagination: { total: 1, limit: 50, offset: 0, hasMore: false } };
    await using server = await serve({ status: 200, body: { success: true, ...page } });
    assert.deepEqual(await clientOf(server.url).instances.list(), page);
  });

  test("to the log of a webhook is a page, also an empty one with more behind it", async () => {
    const page = { data: [], pagination: { hasMore: true, nextCursor: 'c1' } };
    await using server = await serve({ status: 200, body: { success: true, ...page } });
    const { webhooks } = clientOf(server.url);
    assert.deepEqual(await webhooks.listLogs('wh_1', { status: 'failed' }), page);
    assert.deepEqual(await webhooks.getLogs('wh_1', { status: 'failed' }), page.data);
  });

  test('that refuses is an error with all of its fields', async () => {
    const error = { code: 'a_new_code', message: 'No.', requestId: 'req_1', field: 'to', retryAfter: 5 };
    const { name, code, message, status, requestId, field, retryAfter } = await failure({
      status: 418,
      body: { success: false, error },
    });
    assert.deepEqual({ code, message, requestId, field, retryAfter }, error);
    assert.deepEqual([name, status], ['PomboError', 418]);
  });

  const foreign: [string, Reaction, string][] = [
    ["the gateway's 429", { status: 429, body: { message: 'Too Many Requests' } }, 'rate_limit_exceeded'],
    ["the gateway's 503", { status: 503, body: { message: 'Service Unavailable' } }, 'http_503'],
    ['HTML', { status: 502, body: '<html>Bad Gateway</html>' }, 'http_502'],
    ['nothing', { status: 500 }, 'http_500'],
    ['JSON that is no object', { status: 500, body: 'null' }, 'http_500'],
    ['an envelope without a code', { status: 400, body: { success: false, error: {} } }, 'http_400'],
    ['a redirect', { status: 302, headers: { location: '/elsewhere' } }, 'http_302'],
    ['200 and HTML', { status: 200, body: '<html>Sign in</html>' }, 'invalid_answer'],
    ['200 and nothing', { status: 200 }, 'invalid_answer'],
    ["somebody else's JSON", { status: 200, body: { ok: true } }, 'invalid_answer'],
  ];
  for (const [what, reaction, code] of foreign) {
    test(`that is not the API's is an error by its status: ${what}`, async () => {
      const error = await failure(reaction);
      assert.equal(error.code, code);
      assert.equal(error.status, typeof reaction === 'object' ? reaction.status : 0);
      assert.notEqual(error.message, '');
    });
  }

  test('that has its request id only in a header includes it', async () => {
    assert.equal((await failure({ status: 500, headers: { 'x-request-id': 'req_9' } })).requestId, 'req_9');
  });
});

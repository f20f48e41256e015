/** What is retried and what is not, against a real server. Waits are recorded and not made. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';

import { type Clock, type Options, Pombo, PomboError } from '@pombo/client';

import { eventually, PATIENCE_MS } from './eventually.js';
import { type Reaction, serve } from './servers.js';

const SENT = { success: true, messageId: 'msg_1', status: 'queued', timestamp: '2026-02-03T12:00:00.000Z' };
const ACCEPTED: Reaction = { status: 202, body: SENT };
const FOUND: Reaction = { status: 200, body: { success: true, data: { id: 'wh_1' } } };
const GATEWAY_503: Reaction = { status: 503, body: { message: 'Service Unavailable' } };
const GATEWAY_429: Reaction = { status: 429, body: { message: 'Too Many Requests' } };
const BODY = { instanceId: 'inst_1', to: '5511999999999', message: 'Hello' };

function refusal(status: number, code: string, retryAfter?: number): Reaction {
  return { status, body: { success: false, error: { code, message: 'No.', requestId: 'req_1', retryAfter } } };
}

/** A clock that only sleeping advances. */
class FakeClock implements Clock {
  readonly slept: number[] = [];
  #now = 0;

  now(): number {
    return this.#now;
  }

  async sleep(milliseconds: number): Promise<void> {
    this.slept.push(milliseconds);
    this.#now += milliseconds;
    await setImmediate();
  }
}

function clientOf(baseUrl: string, options: Partial<Options> = {}) {
  const clock = new FakeClock();
  return { client: new Pombo({ apiKey: 'key', baseUrl, clock, ...options }), clock };
}

describe('a send', () => {
  const repeated: [string, Reaction][] = [
    ['a 429', refusal(429, 'rate_limit_exceeded', 1)],
    ["the gateway's 429", GATEWAY_429],
    ['a 503', refusal(503, 'service_unavailable', 1)],
    ["the gateway's 503", GATEWAY_503],
    ['a 502', { status: 502, body: '<html>Bad Gateway</html>' }],
    ['a 500', refusal(500, 'internal_error')],
    ['a 409 idempotency_in_progress', refusal(409, 'idempotency_in_progress', 1)],
    ['a broken connection', 'break the connection'],
    ['an answer that breaks off', 'break off the body'],
  ];
  for (const [what, reaction] of repeated) {
    test(`is repeated after ${what} with the same key and body`, async () => {
      await using server = await serve(reaction, ACCEPTED);
      const { client, clock } = clientOf(server.url);
      assert.deepEqual(await client.messages.send(BODY), SENT);
      const [first, second, ...rest] = server.seen;
      assert.deepEqual(rest, []);
      assert.match(first?.headers['idempotency-key']?.toString() ?? '', /^[\da-f-]{36}$/);
      assert.equal(first?.headers['idempotency-key'], second?.headers['idempotency-key']);
      assert.equal(first?.body, second?.body);
      assert.equal(clock.slept.length, 1);
    });
  }

  test('is repeated after a timeout', async () => {
    await using server = await serve('say nothing', ACCEPTED);
    let attempts = 0;
    // Only the first attempt can time out: the second may take as long as it needs.
    const fetchOnce: typeof fetch = (input, init = {}) => {
      attempts += 1;
      return fetch(input, attempts === 1 ? init : { ...init, signal: null });
    };
    const { client } = clientOf(server.url, { timeoutMs: 100, fetch: fetchOnce });
    assert.deepEqual(await client.messages.send(BODY), SENT);
    assert.equal(attempts, 2);
    assert.equal(server.seen[0]?.headers['idempotency-key'], server.seen[1]?.headers['idempotency-key']);
  });

  test("uses the caller's key on every attempt", async () => {
    await using server = await serve('break the connection', ACCEPTED);
    await clientOf(server.url).client.messages.send(BODY, { idempotencyKey: 'order-1' });
    assert.deepEqual(server.seen.map(({ headers }) => headers['idempotency-key']), ['order-1', 'order-1']);
  });

  test('uses another key for each message', async () => {
    await using server = await serve(ACCEPTED);
    const { client } = clientOf(server.url);
    await client.messages.send(BODY);
    await client.messages.send(BODY);
    assert.notEqual(server.seen[0]?.headers['idempotency-key'], server.seen[1]?.headers['idempotency-key']);
  });

  test('waits for the first request, longer than maxRetries would allow', async () => {
    const underWay = refusal(409, 'idempotency_in_progress', 1);
    const later: Reaction[] = ['break the connection', refusal(503, 'service_unavailable', 2), ACCEPTED];
    await using server = await serve(...Array<Reaction>(10).fill(underWay), ...later);
    const { client, clock } = clientOf(server.url);
    assert.deepEqual(await client.messages.send(BODY), SENT);
    assert.deepEqual(clock.slept.slice(0, 10), Array(10).fill(1_000));
    assert.equal(clock.slept.length, 12);
  });

  for (const [status, code] of [
    [400, 'invalid_phone_number'],
    [401, 'invalid_api_key'],
    [402, 'insufficient_credits'],
    [404, 'invalid_instance'],
    [409, 'instance_disconnected'],
    [422, 'idempotency_key_reused'],
  ] as const) {
    test(`is not repeated after ${status} ${code}`, async () => {
      await using server = await serve(refusal(status, code));
      await assert.rejects(clientOf(server.url).client.messages.send(BODY), { code, status, requestId: 'req_1' });
      assert.equal(server.seen.length, 1);
    });
  }

  test('with a key that no header can carry makes no request', async () => {
    await using server = await serve(ACCEPTED);
    const { client } = clientOf(server.url);
    for (const idempotencyKey of ['', ' ', 'a\nb', 'é', 'x'.repeat(256)]) {
      const sent = client.messages.send(BODY, { idempotencyKey });
      await assert.rejects(sent, { name: 'PomboError', code: 'invalid_request', field: 'Idempotency-Key' });
    }
    assert.equal(server.seen.length, 0);
  });
});

describe('a call without a key', () => {
  const create = (client: Pombo) => client.instances.create({ name: 'Shop' });
  const patch = (client: Pombo) => client.instances.update('inst_1', { name: 'Shop' });
  const get = (client: Pombo) => client.webhooks.get('wh_1');
  const put = (client: Pombo) => client.webhooks.update('wh_1', { name: 'Shop' });
  const remove = (client: Pombo) => client.webhooks.delete('wh_1');
  const nothingDone = [refusal(429, 'rate_limit_exceeded'), GATEWAY_429, refusal(503, 'service_unavailable')];
  const unknown: Reaction[] = ['break the connection', GATEWAY_503, { status: 504 }];

  for (const [name, call] of Object.entries({ create, patch, get, put, remove })) {
    test(`is repeated where nothing was done: ${name}`, async () => {
      for (const reaction of nothingDone) {
        await using server = await serve(reaction, FOUND);
        await call(clientOf(server.url).client);
        assert.equal(server.seen.length, 2);
      }
    });

  }

  for (const [name, call] of Object.entries({ create, patch, put, remove })) {
    test(`is not repeated after a 500 where it changes something: ${name}`, async () => {
      await using server = await serve(refusal(500, 'internal_error'));
      await assert.rejects(call(clientOf(server.url).client), { code: 'internal_error', status: 500 });
      assert.equal(server.seen.length, 1);
    });
  }

  test('is repeated after a 500 where it only reads', async () => {
    for (const reaction of [refusal(500, 'internal_error'), { status: 500 }]) {
      await using server = await serve(reaction, FOUND);
      await get(clientOf(server.url).client);
      assert.equal(server.seen.length, 2);
    }
  });

  for (const [name, call] of Object.entries({ get, put, remove })) {
    test(`is repeated when its outcome is unknown and its method idempotent: ${name}`, async () => {
      for (const reaction of unknown) {
        await using server = await serve(reaction, FOUND);
        await call(clientOf(server.url).client);
        assert.equal(server.seen.length, 2);
      }
    });
  }

  for (const [name, call] of Object.entries({ create, patch })) {
    test(`is not repeated when its outcome is unknown and its method not idempotent: ${name}`, async () => {
      for (const reaction of unknown) {
        await using server = await serve(reaction);
        await assert.rejects(call(clientOf(server.url).client), { name: 'PomboError' });
        assert.equal(server.seen.length, 1);
      }
    });
  }

  test('sends no Idempotency-Key', async () => {
    await using server = await serve(FOUND);
    await create(clientOf(server.url).client);
    assert.equal(server.seen[0]?.headers['idempotency-key'], undefined);
  });
});

describe('waiting', () => {
  test('is as long as Retry-After says, in seconds', async () => {
    const limited: Reaction = { status: 429, headers: { 'retry-after': '7' }, body: { message: 'Too Many Requests' } };
    await using server = await serve(limited, ACCEPTED);
    const { client, clock } = clientOf(server.url);
    await client.messages.send(BODY);
    assert.deepEqual(clock.slept, [7_000]);
  });

  test('is as long as Retry-After says, as a date', async () => {
    const begun = Date.now();
    const date = new Date(begun + 60_000).toUTCString();
    await using server = await serve({ status: 503, headers: { 'retry-after': date } }, ACCEPTED);
    const { client, clock } = clientOf(server.url);
    await client.messages.send(BODY);
    const [slept = 0] = clock.slept;
    const [least, most] = [Date.parse(date) - Date.now(), Date.parse(date) - begun + 1_000]; // in whole seconds
    assert.ok(slept >= least && slept <= most, `${least} ${slept} ${most}`);
  });

  test('is as long as retryAfter says where the header is missing', async () => {
    await using server = await serve(refusal(429, 'rate_limit_exceeded', 3), ACCEPTED);
    const { client, clock } = clientOf(server.url);
    await client.messages.send(BODY);
    assert.deepEqual(clock.slept, [3_000]);
  });

  test('grows, at random below a limit that doubles, where neither is there', async () => {
    await using server = await serve('break the connection');
    const { client, clock } = clientOf(server.url, { maxRetries: 6 });
    await assert.rejects(client.messages.send(BODY), { code: 'network_error' });
    const limits = [500, 1_000, 2_000, 4_000, 8_000, 8_000];
    assert.equal(clock.slept.length, limits.length);
    assert.ok(clock.slept.every((slept, index) => slept >= 0 && slept <= (limits[index] ?? 0)));
  });

  test('ends with the time that a call may take in all', async () => {
    await using server = await serve(refusal(409, 'idempotency_in_progress', 1));
    const { client, clock } = clientOf(server.url, { totalTimeoutMs: 5_000 });
    await assert.rejects(client.messages.send(BODY), { code: 'idempotency_in_progress', retryAfter: 1 });
    assert.equal(clock.slept.length, 4);
  });

  test('does not start when it would take too long', async () => {
    await using server = await serve(refusal(429, 'rate_limit_exceeded', 3_600));
    const { client, clock } = clientOf(server.url);
    await assert.rejects(client.messages.send(BODY), { code: 'rate_limit_exceeded', retryAfter: 3_600 });
    assert.deepEqual(clock.slept, []);
  });

  test('does not start when no retries are wanted', async () => {
    for (const reaction of [refusal(409, 'idempotency_in_progress', 1), GATEWAY_429]) {
      await using server = await serve(reaction);
      await assert.rejects(clientOf(server.url, { maxRetries: 0 }).client.messages.send(BODY), { name: 'PomboError' });
      assert.equal(server.seen.length, 1);
    }
  });
});

describe('a call that gets no answer', () => {
  test('ends in network_error with its cause', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const address = closed.address();
    closed.close();
    assert.ok(typeof address === 'object' && address !== null);
    const { client } = clientOf(`http://127.0.0.1:${address.port}`);
    await assert.rejects(client.messages.send(BODY), (error) => {
      assert.ok(error instanceof PomboError);
      assert.deepEqual([error.code, error.status], ['network_error', 0]);
      assert.match(error.message, /ECONNREFUSED/);
      assert.ok(error.cause instanceof Error);
      return true;
    });
  });

  test('has its generated key in the error, with which it can be made again', async () => {
    await using server = await serve('break the connection', 'break the connection', ACCEPTED);
    const { client } = clientOf(server.url, { maxRetries: 1 });
    const error: unknown = await client.messages.send(BODY).catch((error: unknown) => error);
    assert.ok(error instanceof PomboError && error.idempotencyKey !== undefined);
    await client.messages.send(BODY, { idempotencyKey: error.idempotencyKey });
    assert.deepEqual(server.seen.map(({ headers }) => headers['idempotency-key']), Array(3).fill(error.idempotencyKey));
  });

  test('ends in timeout', async () => {
    await using server = await serve('say nothing');
    const { client, clock } = clientOf(server.url, { timeoutMs: 50, maxRetries: 1 });
    await assert.rejects(client.messages.send(BODY), { code: 'timeout', status: 0 });
    assert.equal(clock.slept.length, 1);
  });

  test('is ended by its signal and not repeated', async () => {
    await using server = await serve('say nothing');
    const end = new AbortController();
    const { client, clock } = clientOf(server.url);
    const sent = client.messages.send(BODY, { signal: end.signal });
    const refused = assert.rejects(sent, { name: 'PomboError', code: 'aborted', status: 0 });
    await eventually(PATIENCE_MS, 'the server is asked', async () => server.seen[0]);
    end.abort();
    await refused;
    assert.deepEqual(clock.slept, []);
  });

  test('is ended by its signal between attempts', async () => {
    await using server = await serve(refusal(503, 'service_unavailable', 60));
    const end = new AbortController();
    let begin = () => {};
    const waiting = new Promise<void>((resolve) => (begin = resolve));
    const clock: Clock = {
      now: () => performance.now(),
      sleep: (milliseconds, signal) => {
        begin();
        return setTimeout(milliseconds, undefined, { signal });
      },
    };
    const { client } = clientOf(server.url, { clock });
    const sent = client.messages.send(BODY, { idempotencyKey: 'order-1', signal: end.signal });
    const refused = assert.rejects(sent, { name: 'PomboError', code: 'aborted', idempotencyKey: 'order-1' });
    await waiting;
    end.abort();
    await refused;
    assert.equal(server.seen.length, 1);
  });
});

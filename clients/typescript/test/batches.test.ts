/** Batches against a server that answers as the API does: splitting, resuming, waiting, rejected recipients. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import { type BatchRecipient, type Clock, Pombo, PomboError, type SendAllBody, type SentBatch } from '@pombo/client';

import { FakeApi, refusal, type Row } from './batch-api.js';
import { type Reaction, type Running, serveBy } from './servers.js';

const COMMON = { instanceId: 'inst_1', message: 'Hello' };
const KEY = { idempotencyKey: 'spring' };

function people(count: number): Row[] {
  return Array.from({ length: count }, (_, index) => ({ to: String(5_511_900_000_000 + index) }));
}

async function* asRead(rows: Iterable<Row>): AsyncGenerator<Row> {
  for (const row of rows) {
    yield row;
  }
}

function clientOf(baseUrl: string) {
  const slept: number[] = [];
  const clock: Clock = {
    now: () => 0,
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
      await setImmediate();
    },
  };
  return { client: new Pombo({ apiKey: 'key', baseUrl, clock, maxRetries: 1 }), slept };
}

async function all(parts: AsyncIterable<SentBatch>): Promise<SentBatch[]> {
  const found: SentBatch[] = [];
  for await (const part of parts) {
    found.push(part);
  }
  return found;
}

/** Runs until it ends, and with what. */
async function untilError(parts: AsyncIterable<SentBatch>): Promise<{ found: SentBatch[]; error: unknown }> {
  const found: SentBatch[] = [];
  try {
    for await (const part of parts) {
      found.push(part);
    }
  } catch (error) {
    return { found, error };
  }
  return { found, error: undefined };
}

function keys({ seen }: Running) {
  return seen.map(({ headers }) => headers['idempotency-key']);
}

function sizes({ seen }: Running): number[] {
  return seen.map(({ body }) => (JSON.parse(body) as { recipients: unknown[] }).recipients.length);
}

describe('a batch', () => {
  test('is one request with its key, and repeated with the same', async () => {
    await using server = await new FakeApi().serve({ 1: 'break the connection' });
    const body = { ...COMMON, recipients: people(2) };
    const answer = await clientOf(server.url).client.batches.send(body, { idempotencyKey: 'one' });
    assert.deepEqual([answer.accepted, answer.messages.length, answer.status], [2, 2, 'queued']);
    assert.deepEqual(keys(server), ['one', 'one']);
    assert.deepEqual(JSON.parse(server.seen[1]?.body ?? ''), body);
  });

  test('has a key of its own if it is given none', async () => {
    await using server = await new FakeApi().serve();
    const { client } = clientOf(server.url);
    await client.batches.send({ ...COMMON, recipients: people(1) });
    await client.batches.send({ ...COMMON, recipients: people(1) });
    assert.equal(new Set(keys(server)).size, 2);
    const wrong = client.batches.send({ ...COMMON, recipients: people(1) }, { idempotencyKey: '' });
    await assert.rejects(wrong, { code: 'invalid_request', field: 'Idempotency-Key' });
  });
});

describe('any number of recipients', () => {
  for (const [what, listed] of Object.entries({ 'a list': people, 'a stream': (count: number) => asRead(people(count)) })) {
    test(`of ${what} go in batches of 1,000, in order, with keys that follow from one`, async () => {
      const api = new FakeApi();
      await using server = await api.serve();
      const found = await all(clientOf(server.url).client.batches.sendAll({ ...COMMON, recipients: listed(2_001) }, KEY));
      assert.deepEqual(keys(server), ['spring-1', 'spring-2', 'spring-3']);
      assert.deepEqual(sizes(server), [1_000, 1_000, 1]);
      assert.deepEqual(new Set(server.seen.map(({ method, path }) => `${method} ${path}`)), new Set(['POST /v1/messages/batch']));
      assert.deepEqual(api.sent, people(2_001));
      assert.deepEqual(found.map(({ done }) => done.recipients), [1_000, 2_000, 2_001]);
      assert.deepEqual(found.at(-1)?.done, { recipients: 2_001, accepted: 2_001, rejected: 0 });
      assert.deepEqual(found.map(({ batchId }) => batchId), ['batch_spring-1', 'batch_spring-2', 'batch_spring-3']);
      assert.deepEqual(found[2]?.messages, [{ index: 2_000, messageId: 'msg_5511900002000' }]);
    });
  }

  test('go in bodies of at most 1 MB, filled as far as they can be', async () => {
    const rows = people(700).map((row) => ({ ...row, message: 'é'.repeat(1_500) }));
    await using server = await new FakeApi().serve();
    await all(clientOf(server.url).client.batches.sendAll({ instanceId: 'inst_1', recipients: rows }, KEY));
    const lengths = server.seen.map(({ bytes }) => bytes.length);
    assert.deepEqual(sizes(server).reduce((sum, size) => sum + size), 700);
    assert.ok(lengths.length === 3 && lengths.every((length) => length <= 1_000_000), String(lengths));
    assert.ok(lengths.slice(0, -1).every((length) => length > 996_000), String(lengths));
  });

  test('are as they were when they were read, also if one object is filled again and again', async () => {
    const api = new FakeApi();
    await using server = await api.serve();
    function* reused(): Generator<Row> {
      const row: Row = { to: '' };
      for (const { to } of people(3)) {
        row.to = to;
        yield row;
      }
    }
    await all(clientOf(server.url).client.batches.sendAll({ ...COMMON, recipients: reused() }, KEY));
    assert.deepEqual(api.sent, people(3));
  });

  test('are fewer in each batch where the common fields are large', async () => {
    await using server = await new FakeApi().serve();
    const body = { instanceId: 'inst_1', message: 'x'.repeat(50_000), recipients: people(600) };
    await all(clientOf(server.url).client.batches.sendAll(body, KEY));
    assert.ok(sizes(server).length === 2 && Math.max(...sizes(server)) * 50_000 <= 24 * 1_048_576, String(sizes(server)));
  });

  test('are not read before the batch ahead of them is answered', async () => {
    let read = 0;
    function* counted() {
      for (const row of people(3_000)) {
        read += 1;
        yield row;
      }
    }
    await using server = await new FakeApi().serve();
    for await (const { done } of clientOf(server.url).client.batches.sendAll({ ...COMMON, recipients: counted() }, KEY)) {
      assert.ok(read <= done.recipients + 1, `${read} were read when ${done.recipients} were answered`);
    }
    assert.equal(read, 3_000);
  });

  test('are none: no request', async () => {
    await using server = await new FakeApi().serve();
    assert.deepEqual(await all(clientOf(server.url).client.batches.sendAll({ ...COMMON, recipients: [] }, KEY)), []);
    assert.deepEqual(server.seen, []);
  });

  test('are refused before any request with a key that no header can carry', async () => {
    await using server = await new FakeApi().serve();
    const missing = [undefined, null] as unknown[] as string[]; // what JavaScript passes where a name is misspelled
    for (const idempotencyKey of ['é', 'x'.repeat(241), '', ' ', ...missing]) {
      const { client } = clientOf(server.url);
      const { error } = await untilError(client.batches.sendAll({ ...COMMON, recipients: people(1) }, { idempotencyKey }));
      assert.ok(error instanceof PomboError && error.field === 'Idempotency-Key');
    }
    assert.deepEqual(server.seen, []);
  });

  test('end at a recipient that is none, with its position', async () => {
    const api = new FakeApi();
    await using server = await api.serve();
    const huge = { to: '5511999999999', message: 'x'.repeat(1_000_000) };
    for (const wrong of [JSON.parse('"5511999999999"'), huge]) {
      const recipients = [...people(1_500), wrong];
      const { error } = await untilError(clientOf(server.url).client.batches.sendAll({ ...COMMON, recipients }, KEY));
      assert.ok(error instanceof PomboError && error.code === 'invalid_request');
      assert.equal(error.field, 'recipients[1500]');
    }
    assert.equal(api.sent.length, 1_000);
  });
});

describe('a second run after a crash', () => {
  test('has the same keys and bodies, sends nothing twice, and sends the rest', async () => {
    const api = new FakeApi();
    const run = (url: string) => clientOf(url).client.batches.sendAll({ ...COMMON, recipients: asRead(people(3_500)) }, KEY);
    await using first = await api.serve();
    for await (const { done } of run(first.url)) {
      if (done.recipients === 2_000) {
        break; // the caller ends here
      }
    }
    assert.equal(api.sent.length, 2_000);
    await using second = await api.serve();
    const found = await all(run(second.url));
    assert.deepEqual(keys(second), ['spring-1', 'spring-2', 'spring-3', 'spring-4']);
    assert.deepEqual(second.seen.slice(0, 2).map(({ body }) => body), first.seen.map(({ body }) => body));
    assert.deepEqual(found.at(-1)?.done, { recipients: 3_500, accepted: 3_500, rejected: 0 });
    assert.deepEqual(api.sent, people(3_500));
  });

  test('sends what the API accepted before the answer was lost only once', async () => {
    const api = new FakeApi();
    await using first = await serveBy(({ headers, body }, number) => {
      const reaction = api.react(String(headers['idempotency-key']), body);
      return number === 1 ? reaction : 'break the connection';
    });
    const body: SendAllBody = { ...COMMON, recipients: people(2_500) };
    const { found, error } = await untilError(clientOf(first.url).client.batches.sendAll(body, KEY));
    assert.ok(error instanceof PomboError && error.code === 'network_error');
    assert.deepEqual([found.length, api.sent.length, error.idempotencyKey], [1, 2_000, 'spring']);
    await using second = await api.serve();
    await all(clientOf(second.url).client.batches.sendAll(body, KEY));
    assert.deepEqual(api.sent, people(2_500));
  });

  test('is refused when a recipient who was accepted has changed', async () => {
    const api = new FakeApi();
    await using server = await api.serve();
    const { client } = clientOf(server.url);
    await all(client.batches.sendAll({ ...COMMON, recipients: people(1_500) }, KEY));
    const { found, error } = await untilError(client.batches.sendAll({ ...COMMON, recipients: people(1_501).slice(1) }, KEY));
    assert.ok(error instanceof PomboError && error.code === 'idempotency_key_reused');
    assert.deepEqual([found.length, api.sent.length], [0, 1_500]);
  });
});

describe('a 429 in the middle', () => {
  test('is waited for as long as it lasts, as long as is asked each time', async () => {
    const api = new FakeApi();
    const limited = refusal(429, 'rate_limit_exceeded', undefined, 600);
    const full = refusal(409, 'limit_reached', 'instanceId', 60);
    const header: Reaction = { status: 429, headers: { 'retry-after': '7' }, body: { message: 'Too Many Requests' } };
    await using server = await api.serve({ 2: limited, 3: limited, 4: full, 5: header, 6: header });
    const { client, slept } = clientOf(server.url);
    const found = await all(client.batches.sendAll({ ...COMMON, recipients: people(2_500) }, KEY));
    assert.deepEqual(slept, [600_000, 600_000, 60_000, 7_000, 7_000]);
    assert.deepEqual(keys(server), ['spring-1', ...Array<string>(6).fill('spring-2'), 'spring-3']);
    assert.equal(found.length, 3);
    assert.deepEqual(api.sent, people(2_500));
  });

  for (const [status, code] of [[402, 'insufficient_credits'], [401, 'invalid_api_key'], [503, 'service_unavailable'], [409, 'instance_disconnected']] as const) {
    test(`is not what ${code} is: that ends the run`, async () => {
      const refused = refusal(status, code);
      await using server = await new FakeApi().serve({ 2: refused, 3: refused });
      const { client } = clientOf(server.url);
      const { found, error } = await untilError(client.batches.sendAll({ ...COMMON, recipients: people(1_500) }, KEY));
      assert.ok(error instanceof PomboError && error.code === code);
      assert.deepEqual(found.map(({ done }) => done.recipients), [1_000]);
    });
  }
});

describe('a rejected recipient', () => {
  test('has its position among all recipients', async () => {
    const recipients = people(2_500);
    for (const index of [3, 1_000, 2_499]) {
      recipients[index] = { to: '+55 11' };
    }
    await using server = await new FakeApi().serve();
    const found = await all(clientOf(server.url).client.batches.sendAll({ ...COMMON, recipients }, KEY));
    const rejected = found.map((part) => part.rejected.map(({ index, code, field }) => [index, code, field]));
    assert.deepEqual(rejected, [3, 1_000, 2_499].map((index) => [[index, 'invalid_phone_number', 'to']]));
    assert.deepEqual(found[1]?.messages[0], { index: 1_001, messageId: 'msg_5511900001001' });
    assert.deepEqual(found.at(-1)?.done, { recipients: 2_500, accepted: 2_497, rejected: 3 });
  });

  test('is one also where none of its batch is acceptable', async () => {
    const recipients = [...people(1_000), { to: '+55 11' }, { to: '+55 12' }];
    await using server = await new FakeApi().serve();
    const found = await all(clientOf(server.url).client.batches.sendAll({ ...COMMON, recipients }, KEY));
    const { batchId, accepted, rejected, done } = found[1] ?? assert.fail();
    assert.deepEqual([batchId, accepted], [undefined, 0]);
    const reason = { code: 'invalid_request', message: 'No.' };
    assert.deepEqual(rejected, [{ index: 1_000, ...reason, field: 'to' }, { index: 1_001, ...reason }]);
    assert.deepEqual(done, { recipients: 1_002, accepted: 1_000, rejected: 2 });
  });

  test('is none where the common fields are wrong: that ends the run', async () => {
    await using server = await new FakeApi().serve({ 1: refusal(400, 'invalid_request', 'message') });
    const { client } = clientOf(server.url);
    const { found, error } = await untilError(client.batches.sendAll({ ...COMMON, recipients: people(2) }, KEY));
    assert.ok(error instanceof PomboError && error.field === 'message');
    assert.deepEqual([found, server.seen.length], [[], 1]);
  });
});

describe('the signal', () => {
  test('ends it between batches', async () => {
    const api = new FakeApi();
    const end = new AbortController();
    await using server = await api.serve();
    const { client } = clientOf(server.url);
    const options = { ...KEY, signal: end.signal };
    const parts = client.batches.sendAll({ ...COMMON, recipients: people(3_000) }, options);
    await parts.next();
    end.abort();
    await assert.rejects(parts.next(), { name: 'PomboError', code: 'aborted' });
    assert.equal(server.seen.length, 1);
  });

  test('ends it between recipients, and closes their source', async () => {
    const end = new AbortController();
    let [read, closed] = [0, false];
    function* source(): Generator<BatchRecipient> {
      try {
        for (const row of people(900)) {
          read += 1;
          if (read === 3) {
            end.abort();
          }
          yield { ...row, message: 'Hello' };
        }
      } finally {
        closed = true;
      }
    }
    await using server = await new FakeApi().serve();
    const body = { instanceId: 'inst_1', recipients: source() };
    const parts = clientOf(server.url).client.batches.sendAll(body, { ...KEY, signal: end.signal });
    await assert.rejects(parts.next(), { name: 'PomboError', code: 'aborted' });
    assert.deepEqual([read, closed, server.seen.length], [3, true, 0]);
  });

  test('ends it in a wait', async () => {
    await using server = await new FakeApi().serve({ 1: refusal(429, 'rate_limit_exceeded', undefined, 3_600) });
    const end = new AbortController();
    const client = new Pombo({ apiKey: 'key', baseUrl: server.url, clock: abortedInSleep(end) });
    const parts = client.batches.sendAll({ ...COMMON, recipients: people(1) }, { ...KEY, signal: end.signal });
    await assert.rejects(parts.next(), { code: 'aborted' });
    assert.equal(server.seen.length, 1);
  });
});

/** A clock whose first wait is ended by the signal. */
function abortedInSleep(end: AbortController): Clock {
  return {
    now: () => 0,
    sleep: async (_, signal) => {
      end.abort();
      signal?.throwIfAborted();
    },
  };
}

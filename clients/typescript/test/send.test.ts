/** Sending against the real stack: the examples, a refusal, and a lost answer. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import { Pombo, PomboError, type SendAnswer } from '@pombo/client';

import { loseFirstAnswer } from './servers.js';
import { Stack } from './stack.js';

const EXAMPLES = [
  ...['send-text', 'send-image', 'send-document', 'reply', 'send-buttons', 'send-list', 'send-location'],
  'upload-file',
];

describe('sending', () => {
  let stack: Stack;
  let client: Pombo;

  before(async () => {
    stack = await Stack.start();
    client = stack.client();
  });
  after(() => stack?.stop());

  for (const name of EXAMPLES) {
    test(`the example ${name} runs letter for letter and its message is read`, async () => {
      const response = await run(await example(name), client);
      assert.equal(response.success, true);
      assert.match(response.messageId, /^msg_/);
      assert.equal(response.status, 'queued');
      assert.match(response.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      const state = await stack.untilRead(response.messageId);
      assert.equal(state.to, '5511999999999');
      assert.ok(state.sentAt && state.deliveredAt && state.readAt);
    });
  }

  test('a bad phone number is refused with code, field and request id', async () => {
    const { instanceId } = stack.state;
    const sent = client.messages.send({ instanceId, to: '+55 11 99999-9999', message: 'Hello' });
    await assert.rejects(sent, (error) => {
      assert.ok(error instanceof PomboError);
      assert.equal(error.code, 'invalid_phone_number');
      assert.equal(error.status, 400);
      assert.equal(error.field, 'to');
      assert.match(error.requestId ?? '', /^req_/);
      assert.notEqual(error.message, '');
      return true;
    });
  });

  test('an unknown message is refused as not found', async () => {
    await assert.rejects(client.messages.getStatus('msg_none'), { code: 'message_not_found', status: 404 });
  });

  test('a wrong key is refused as such', async () => {
    const unauthenticated = new Pombo({ apiKey: 'not-a-key', baseUrl: stack.state.apiUrl });
    await assert.rejects(unauthenticated.messages.getStatus('msg_none'), { code: 'invalid_api_key', status: 401 });
  });

  test('the same key and body of the caller make one message', async () => {
    const body = { instanceId: stack.state.instanceId, to: '5511900000001', message: 'Once' };
    const options = { idempotencyKey: 'order 4711' };
    const first = await client.messages.send(body, options);
    const second = await client.messages.send(body, options);
    assert.equal(second.messageId, first.messageId);
    await stack.untilRead(first.messageId);
    assert.equal((await stack.takenBy(body.to)).length, 1);
    const other = client.messages.send({ ...body, message: 'Twice' }, options);
    await assert.rejects(other, { code: 'idempotency_key_reused', status: 422 });
  });

  test('a send whose answer gets lost is repeated with the same key and arrives once', async () => {
    await using proxy = await loseFirstAnswer(stack.state.apiUrl);
    const to = '5511900000002';
    const body = { instanceId: stack.state.instanceId, to, message: 'Hello' };
    const { messageId } = await stack.client(proxy.url).messages.send(body);
    await stack.untilRead(messageId);
    const taken = await stack.takenBy(to);
    assert.equal(taken.length, 1);
    assert.ok(proxy.seen.length >= 2);
    const keys = new Set(proxy.seen.map(({ headers }) => headers['idempotency-key']));
    assert.equal(keys.size, 1);
    assert.ok(![...keys].includes(undefined));
  });
});

/** The call in an example, as the page has it. */
async function example(name: string): Promise<string> {
  const source = await readFile(new URL(`../../examples/${name}.ts`, import.meta.url), 'utf8');
  const [snippet] = /^const [^]*^\}\);$/m.exec(source) ?? [];
  assert.ok(snippet !== undefined);
  return snippet;
}

async function run(snippet: string, client: Pombo): Promise<SendAnswer> {
  const program = new Function('client', `return (async () => {\n${snippet}\nreturn response;\n})();`);
  return (await program(client)) as SendAnswer;
}

/** docs/no-code.md: its commands, bodies, events and code, against the real stack. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import type { CreatedWebhook, WebhookEvent } from '@pombo/client';

import { blocks, fields } from './documents.js';
import { eventually, PATIENCE_MS } from './eventually.js';
import { type Running, type Seen, serve } from './servers.js';
import { Stack } from './stack.js';

interface Answer<Data> {
  success: boolean;
  messageId?: string;
  status?: string;
  data: Data;
}

describe('the page for Zapier, n8n and Make', () => {
  let stack: Stack;
  let receiver: Running;
  let page: string;
  let webhook: CreatedWebhook;

  before(async () => {
    stack = await Stack.start();
    receiver = await serve({ status: 200 });
    page = await readFile('../../docs/no-code.md', 'utf8');
    const command = blocks(page, 'sh')[1]?.replace('https://example.com/webhook/pombo', receiver.url) ?? '';
    ({ data: webhook } = await shell<CreatedWebhook>(command));
  });
  after(async () => {
    await receiver?.[Symbol.asyncDispose]();
    await stack?.stop();
  });

  test('creates an inbound URL that takes each of its messages, once for each key', async () => {
    const { data } = await shell<{ url: string }>(blocks(page, 'sh')[0] ?? '');
    const bodies = blocks(page, 'json').filter((body) => !body.includes('"event"'));
    assert.equal(bodies.length, 4);
    for (const [index, body] of bodies.entries()) {
      const headers = { 'idempotency-key': `order-1001-${index}` };
      const post = async () => {
        const response = await fetch(data.url, { method: 'POST', body, headers });
        assert.equal(response.status, 202, body);
        return (await response.json()) as Answer<unknown>;
      };
      const answer = await post();
      assert.equal(answer.status, 'queued');
      // Until it has left, a repeat may be told to wait.
      await stack.untilRead(answer.messageId ?? '');
      assert.deepEqual(await post(), answer);
    }
    assert.equal((await stack.takenBy('5511999999999')).length, bodies.length);
  });

  test("has an expression of n8n's that makes a body of numbers, quotes and line breaks", () => {
    const [, expression = ''] = /^{{ (.*) }}$/m.exec(blocks(page, 'text').join()) ?? [];
    const evaluate = new Function('$json', `return ${expression}`) as (row: object) => unknown;
    const text = '"Hello",\nAna';
    for (const phone of [5511999999999, '+55 (11) 99999-9999']) {
      assert.deepEqual(evaluate({ phone, text }), { to: '5511999999999', message: text });
    }
  });

  test('shows a received message with the fields that it has', async () => {
    await stack.write('5511999999999', 'Where is my order?');
    const event = await received('message.received');
    assert.deepEqual(fields(JSON.parse(event.body)), fields(shown('message.received')));
    const { data } = JSON.parse(event.body) as { data: Record<string, string> };
    assert.deepEqual([data['from'], data['content']], ['5511999999999', 'Where is my order?']);
  });

  test('shows a failure with the fields that it has, and its code accepts only what Pombo signed', async () => {
    await stack.client().webhooks.test(webhook.id, { event: 'message.failed' });
    const event = await received('message.failed');
    const body = JSON.parse(event.body) as WebhookEvent;
    assert.deepEqual(fields({ ...body, test: undefined }), fields({ ...shown('message.failed'), test: undefined }));
    const signature = event.headers['x-enviaai-signature'];
    const [code = ''] = blocks(page, 'js');
    const verify = (inputData: Record<string, unknown>) =>
      new Function('inputData', 'require', `let output;\n${code}\nreturn output;`)(
        inputData,
        createRequire(import.meta.url),
      ) as unknown;
    const input = { body: event.body, signature, secret: webhook.secret };
    assert.deepEqual(verify(input), { valid: true, ...body });
    for (const wrong of [{ body: `${event.body} ` }, { secret: 'another' }, { signature: undefined }]) {
      assert.deepEqual(verify({ ...input, ...wrong }), { valid: false });
    }
  });

  function shown(name: string): object {
    return JSON.parse(blocks(page, 'json').find((block) => block.includes(`"${name}"`)) ?? '') as object;
  }

  async function shell<Data>(command: string): Promise<Answer<Data>> {
    const env = { ...process.env, POMBO_URL: stack.state.apiUrl, POMBO_API_KEY: stack.state.apiKey };
    const { stdout } = await promisify(execFile)('bash', ['-euc', command], { env });
    const answer = JSON.parse(stdout) as Answer<Data>;
    assert.equal(answer.success, true, stdout);
    return answer;
  }

  function received(name: string): Promise<Seen> {
    return eventually(PATIENCE_MS, `a webhook with ${name}`, async () =>
      receiver.seen.find(({ body }) => body.includes(`{"event":"${name}"`)),
    );
  }
});

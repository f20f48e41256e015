/** `JSON.stringify(JSON.parse(body)) === body` for all metadata and inbound messages. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { verifyWebhook } from '@pombo/client';
import { Webhook } from 'standardwebhooks';

import { eventually } from './eventually.js';
import { OddJson } from './odd-json.js';
import { REFUSED, TAKEN, TAKEN_INBOUND } from './odd-json-cases.js';
import { type Running, type Seen, serve } from './servers.js';
import { Stack } from './stack.js';

const TOLD_LIMIT_MS = 120_000;
const SEED = Number(process.env['POMBO_SEED'] ?? Date.now() % 2 ** 32);
const DOCUMENTS = 600;
const MAX_METADATA = 4096;
/** The number of the stack's own instance. */
const NUMBER_ID = '106540352242922';

describe('the body of a webhook', () => {
  let stack: Stack;
  let receiver: Running;
  let webhookId: string;
  let secret: string;

  before(async () => {
    stack = await Stack.start();
    receiver = await serve({ status: 200 });
    const { instanceId } = stack.state;
    const events = ['message.sent', 'message.received'] as const;
    const { webhooks } = stack.client();
    ({ id: webhookId, secret } = await webhooks.create({ url: receiver.url, instanceId, events: [...events] }));
  });
  after(async () => {
    await receiver?.[Symbol.asyncDispose]();
    await stack?.stop();
  });

  test('survives JSON.parse and JSON.stringify with every unusual metadata that is accepted', async () => {
    await send(TAKEN);
  });

  test(`survives with ${DOCUMENTS} generated objects (POMBO_SEED=${SEED})`, async () => {
    await send(packed(new OddJson(SEED), DOCUMENTS));
  });

  for (const [what, metadata, message] of REFUSED) {
    test(`is never made of metadata with ${what}, which is refused`, async () => {
      const { status, answer } = await post(metadata);
      assert.deepEqual([status, answer.error?.code, answer.error?.field], [400, 'invalid_request', 'metadata']);
      assert.match(answer.error?.message ?? '', message);
    });
  }

  test('never contains invalid UTF-8, which is refused', async () => {
    const [start = '', end = ''] = request('{"a":"HERE"}').split('HERE');
    const half = Buffer.concat([Buffer.from(start), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from(end)]);
    const response = await stack.post('/v1/messages/send', half);
    const { error } = (await response.json()) as Answer;
    assert.deepEqual([response.status, error?.code], [400, 'invalid_request']);
  });

  test('survives with every inbound message', async () => {
    const senders = TAKEN_INBOUND.map(([fields], index) => ({ fields, from: `55119100${10_000 + index}` }));
    const messages = senders.map(({ fields, from }) => inbound(from, fields));
    const response = await stack.postCallback(callback(messages));
    assert.equal(response.status, 200);
    const webhooks = await webhooksOf('message.received', 'from', senders.map(({ from }) => from));
    for (const [index, [fields, content, details]] of TAKEN_INBOUND.entries()) {
      const { from = '' } = senders[index] ?? {};
      const data = survives(webhooks.get(from), fields);
      assert.equal(data['content'], content, fields);
      assert.deepEqual(data['details'], details, fields);
      assert.equal(data['contactName'], odd(from), fields);
    }
  });

  test(`survives with generated objects that come in (POMBO_SEED=${SEED})`, async () => {
    const json = new OddJson(SEED + 1);
    const objects = new Map(Array.from({ length: 100 }, (_, index) => [`55119200${10_000 + index}`, json.object(6)]));
    const messages = [...objects].map(([from, object]) => inbound(from, `"type":"telepathy","telepathy":${object}`));
    const response = await stack.postCallback(callback(messages));
    assert.equal(response.status, 200);
    const webhooks = await webhooksOf('message.received', 'from', [...objects.keys()]);
    for (const [from, object] of objects) {
      assert.deepEqual(survives(webhooks.get(from), object)['details'], asRepeated(object), object);
    }
  });

  /** Sends a message with each and checks its webhook. */
  async function send(all: readonly string[]): Promise<void> {
    const sent = new Map<string, string>();
    await Promise.all(
      all.map(async (metadata) => {
        const { status, answer } = await post(metadata);
        assert.equal(status, 202, `${JSON.stringify(answer)}: ${metadata}`);
        sent.set(answer.messageId ?? '', metadata);
      }),
    );
    assert.equal(sent.size, all.length);
    const webhooks = await webhooksOf('message.sent', 'messageId', [...sent.keys()]);
    for (const [id, metadata] of sent) {
      const data = survives(webhooks.get(id), metadata);
      assert.deepEqual(data['metadata'], asRepeated(metadata), metadata);
    }
  }

  async function post(metadata: string): Promise<{ status: number; answer: Answer }> {
    const response = await stack.post('/v1/messages/send', request(metadata));
    return { status: response.status, answer: (await response.json()) as Answer };
  }

  function request(metadata: string): string {
    const to = `5511900${String(Math.floor(Math.random() * 1e6)).padStart(6, '0')}`;
    return `{"instanceId":"${stack.state.instanceId}","to":"${to}","message":"Hello","metadata":${metadata}}`;
  }

  /** The calls of an event, by a field of their data. */
  function webhooksOf(event: string, field: string, values: string[]): Promise<Map<string, Seen>> {
    const calls = (): Map<string, Seen> => {
      const webhooks = new Map<string, Seen>();
      for (const call of receiver.seen) {
        const body = JSON.parse(call.body) as { event: string; data: Record<string, unknown> };
        if (body.event === event) {
          webhooks.set(String(body.data[field]), call);
        }
      }
      return webhooks;
    };
    const untold = async (): Promise<string> => {
      const [first = '', ...more] = values.filter((value) => !calls().has(value));
      const state = await stack.client().messages.getStatus(first).catch(String);
      const logs = await stack.client().webhooks.getLogs(webhookId);
      return `${event} of ${first} and ${more.length} more: ${JSON.stringify({ state, logs })}`;
    };
    return eventually(TOLD_LIMIT_MS, untold, async () => {
      const webhooks = calls();
      return values.every((value) => webhooks.has(value)) ? webhooks : undefined;
    });
  }

  /** Checks the round trip and both signatures before and after it. */
  function survives(call: Seen | undefined, of: string): Record<string, unknown> {
    assert.ok(call !== undefined, of);
    const event = JSON.parse(call.body);
    const again = JSON.stringify(event);
    assert.ok(call.bytes.equals(Buffer.from(again)), `${call.body}\nbecame\n${again}\nof\n${of}`);
    const library = new Webhook(`whsec_${Buffer.from(secret).toString('base64')}`);
    const headers = call.headers as Record<string, string>;
    for (const body of [call.bytes, again]) {
      assert.deepEqual(library.verify(body, headers), event);
      assert.deepEqual(verifyWebhook(body, headers, secret), event);
      const own = createHmac('sha256', secret).update(body).digest('hex');
      assert.equal(headers['x-enviaai-signature'], `sha256=${own}`);
    }
    return event.data;
  }
});

interface Answer {
  messageId?: string;
  error?: { code: string; message: string; field?: string };
}

/** What JavaScript makes of it, but for -0: `JSON.stringify` has no such number. */
function asRepeated(json: string): unknown {
  return JSON.parse(json, (_, value) => (value === 0 ? 0 : value));
}

/** Metadata of generated objects: now and then one is all of it, most are packed under odd keys. */
function packed(json: OddJson, documents: number): string[] {
  const all: string[] = [];
  let members = new Map<string, string>();
  for (let made = 0; made < documents; made++) {
    if (made % 20 === 0) {
      all.push(json.object(8));
      continue;
    }
    const [key, document] = [json.key(), json.object(7)];
    const more = new Map([...members, [key, document]]);
    if (members.has(key) || JSON.stringify(JSON.parse(json.objectOf(more))).length * 3 > MAX_METADATA) {
      all.push(json.objectOf(members));
      members = new Map([[key, document]]);
    } else {
      members = more;
    }
  }
  return [...all, json.objectOf(members)];
}

/** A name that JSON libraries disagree about, another for each sender. */
function odd(from: string): string {
  return `Zoë \0\u2028\u{1fffe}😀</script> "${from}"`;
}

function inbound(from: string, fields: string): string {
  const timestamp = Math.floor(Date.now() / 1000);
  return `{"from":"${from}","id":"wamid.${from}","timestamp":"${timestamp}",${fields}}`;
}

/** A callback of inbound messages with the names of their senders. */
function callback(messages: string[]): string {
  const senders = messages.map((message) => /"from":"(\d+)"/.exec(message)?.[1] ?? '');
  const contacts = JSON.stringify(senders.map((from) => ({ wa_id: from, profile: { name: odd(from) } })));
  const value = `{"metadata":{"phone_number_id":"${NUMBER_ID}"},"contacts":${contacts},"messages":[${messages}]}`;
  return `{"entry":[{"id":"1","changes":[{"field":"messages","value":${value}}]}]}`;
}

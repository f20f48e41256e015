/** What a person chose, in events as the stack publishes them and as docs/webhooks.md shows them. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import { chosenReply, verifyWebhook, type CreatedWebhook, type WebhookEvent } from '@pombo/client';

import { blocks, fields } from './documents.js';
import { eventually, PATIENCE_MS } from './eventually.js';
import { type Running, serve } from './servers.js';
import { Stack } from './stack.js';

const ENVELOPE = { instanceId: 'inst_abc123', to: '5511999999999' };

/** What a block of the page has of `data`. */
interface Shown {
  type: string;
  content: string;
  caption?: string;
  details: Record<string, unknown>;
  context?: { messageId: string };
}

const form = { name: 'flow', body: 'Sent', response_json: '{}' };
const WRITTEN = {
  'a reply button': {
    message: { type: 'interactive', interactive: { type: 'button_reply', button_reply: { id: 'L', title: 'Large' } } },
    chosen: { id: 'L', title: 'Large' },
  },
  'a row of a list': {
    message: { type: 'interactive', interactive: { type: 'list_reply', list_reply: { id: 'am', title: 'Morning' } } },
    chosen: { id: 'am', title: 'Morning' },
  },
  "a template's quick reply": {
    message: { type: 'button', button: { payload: 'stop-offers', text: 'No more offers' } },
    chosen: { id: 'stop-offers', title: 'No more offers' },
  },
  'no form': { message: { type: 'interactive', interactive: { type: 'nfm_reply', nfm_reply: form } }, chosen: undefined },
  'no text': { message: { type: 'text', text: { body: 'Large' } }, chosen: undefined },
};

describe('a chosen reply', () => {
  let stack: Stack;
  let receiver: Running;
  let webhook: CreatedWebhook;

  before(async () => {
    stack = await Stack.start();
    receiver = await serve({ status: 204 });
    const body = { url: receiver.url, instanceId: stack.state.instanceId, events: ['message.received' as const] };
    webhook = await stack.client().webhooks.create(body);
  });
  after(async () => {
    await receiver?.[Symbol.asyncDispose]();
    await stack?.stop();
  });

  for (const [name, { message, chosen }] of Object.entries(WRITTEN)) {
    test(`is ${name}`, async () => assert.deepEqual(chosenReply(await received(message)), chosen));
  }

  test('and an image have the fields that the page about webhooks shows', async () => {
    const client = stack.client();
    const { messageId } = await client.messages.send({ ...ENVELOPE, message: 'Which size?' });
    await stack.untilRead(messageId);
    const { providerId } = await client.messages.get(messageId);
    const page = blocks(await readFile('../../docs/webhooks.md', 'utf8'), 'jsonc').map((block) => JSON.parse(block) as Shown);
    assert.deepEqual(page.map(({ type }) => type), ['interactive', 'interactive', 'button', 'image']);
    for (const shown of page) {
      const { type, details, caption, context } = shown;
      const file = { mime_type: details['mime_type'], caption, data: Buffer.from('a file').toString('base64') };
      const content = type === 'image' ? file : details;
      const event = await received({ type, [type]: content, ...(context && { context: { id: providerId } }) });
      assert.equal(event.event, 'message.received');
      const data = event.data as unknown as Shown;
      const common = Object.keys(shown).map((name) => [name, data[name as keyof Shown]]);
      assert.deepEqual(fields(Object.fromEntries(common)), fields(shown));
      assert.deepEqual([data.type, data.content], [type, shown.content]);
      assert.equal(data.context?.messageId, context && messageId);
    }
  });

  test('is nothing of another shape', () => {
    for (const [type, details] of [
      ['button', { text: 'No id' }],
      ['interactive', { button_reply: 'L' }],
      ['interactive', { list_reply: { id: 1, title: 'Morning' } }],
      ['order', { button_reply: { id: 'L', title: 'Large' } }],
      ['interactive', undefined],
    ]) {
      for (const event of ['message.received', 'message.sent']) {
        assert.equal(chosenReply({ event, data: { type, details } } as unknown as WebhookEvent), undefined);
      }
    }
  });

  /** Has a person send a message, and returns its event. */
  async function received(message: object): Promise<WebhookEvent> {
    const before = receiver.seen.length;
    await stack.say(ENVELOPE.to, message);
    const seen = await eventually(PATIENCE_MS, 'the event', async () => receiver.seen[before]);
    return verifyWebhook(seen.body, seen.headers, webhook.secret);
  }
});

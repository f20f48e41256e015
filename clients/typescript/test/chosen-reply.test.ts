/** What a person chose, in events as the stack publishes them. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { chosenReply, verifyWebhook, type CreatedWebhook, type WebhookEvent } from '@pombo/client';

import { eventually, PATIENCE_MS } from './eventually.js';
import { type Running, serve } from './servers.js';
import { Stack } from './stack.js';

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
    test(`is ${name}`, async () => {
      const before = receiver.seen.length;
      await stack.say('5511999999999', message);
      const seen = await eventually(PATIENCE_MS, 'the event', async () => receiver.seen[before]);
      assert.deepEqual(chosenReply(verifyWebhook(seen.body, seen.headers, webhook.secret)), chosen);
    });
  }

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
});

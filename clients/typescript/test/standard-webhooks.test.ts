/** The published Standard Webhooks library on genuine webhooks of the running stack. */

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, mock, test } from 'node:test';

import type { CreatedWebhook } from '@pombo/client';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

import { eventually, PATIENCE_MS } from './eventually.js';
import { type Running, type Seen, serve } from './servers.js';
import { Stack } from './stack.js';

/** The library's own. */
const TOLERANCE_MS = 300_000;

describe('the Standard Webhooks library', () => {
  let stack: Stack;
  let receiver: Running;
  let webhook: CreatedWebhook;
  let call: Call;

  before(async () => {
    stack = await Stack.start();
    receiver = await serve({ status: 200 });
    const { instanceId } = stack.state;
    webhook = await stack.client().webhooks.create({ url: receiver.url, instanceId, events: ['message.sent'] });
    call = await sendAndWait();
  });
  after(async () => {
    await receiver?.[Symbol.asyncDispose]();
    await stack?.stop();
  });
  afterEach(() => mock.timers.reset());

  test('accepts a webhook as it was received', () => {
    const event = verify(webhook.signingSecret, call) as { event: string };
    assert.equal(event.event, 'message.sent');
  });

  test('refuses it with any byte changed', () => {
    for (const index of call.body.keys()) {
      const body = Buffer.from(call.body);
      body.writeUInt8(body.readUInt8(index) ^ 1, index);
      refuses(webhook.signingSecret, { ...call, body }, /No matching signature/);
    }
  });

  test('refuses it with another id or time', () => {
    const seconds = Number(call.headers['webhook-timestamp']);
    for (const [name, value] of [['webhook-id', 'evt_1'], ['webhook-timestamp', String(seconds - 1)]] as const) {
      const headers = { ...call.headers, [name]: value };
      refuses(webhook.signingSecret, { ...call, headers }, /No matching signature/);
    }
  });

  test('refuses it with another secret', () => {
    const other = `whsec_${Buffer.from(`${webhook.secret.slice(0, -1)}!`).toString('base64')}`;
    refuses(other, call, /No matching signature/);
  });

  test('refuses it when its time is outside the tolerance', () => {
    const sent = Number(call.headers['webhook-timestamp']) * 1000;
    for (const [now, refused] of [
      [sent + TOLERANCE_MS, undefined],
      [sent + TOLERANCE_MS + 1000, /too old/],
      [sent - TOLERANCE_MS - 1000, /too new/],
    ] as const) {
      mock.timers.reset();
      mock.timers.enable({ apis: ['Date'], now });
      if (refused === undefined) {
        verify(webhook.signingSecret, call);
      } else {
        refuses(webhook.signingSecret, call, refused);
      }
    }
  });

  test('accepts a webhook with either secret while one is being rotated', async () => {
    const rotated = await stack.client().webhooks.rotateSecret(webhook.id);
    const both = await eventually(PATIENCE_MS, 'a webhook has two signatures', async () => {
      const next = await sendAndWait();
      return next.headers['webhook-signature']?.includes(' ') ? next : undefined;
    });
    assert.deepEqual(verify(rotated.signingSecret, both), verify(webhook.signingSecret, both));
    const other = `whsec_${Buffer.from('whs_neither-the-one-nor-the-other').toString('base64')}`;
    refuses(other, both, /No matching signature/);
    refuses(rotated.signingSecret, call, /No matching signature/); // made before there was a second secret
  });

  /** Sends a message and waits for its webhook. */
  async function sendAndWait(): Promise<Call> {
    const { instanceId } = stack.state;
    const { messageId } = await stack.client().messages.send({ instanceId, to: '5511900000007', message: 'Olá 🕊' });
    return eventually(PATIENCE_MS, `the webhook of ${messageId}`, async () => {
      const seen = receiver.seen.find(({ body }) => body.includes(messageId));
      return seen && { body: seen.bytes, headers: seen.headers as Record<string, string> };
    });
  }
});

type Call = { body: Seen['bytes']; headers: Record<string, string> };

function verify(secret: string, { body, headers }: Call): unknown {
  return new Webhook(secret).verify(body, headers);
}

function refuses(secret: string, call: Call, message: RegExp): void {
  const isThat = (error: unknown) => error instanceof WebhookVerificationError && message.test(error.message);
  assert.throws(() => verify(secret, call), isThat);
}

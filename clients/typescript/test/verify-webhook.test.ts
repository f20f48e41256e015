/** Verifying webhooks, and that the published Standard Webhooks library agrees in both directions. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';

import { verifyWebhook, WebhookVerificationError } from '@pombo/client';
import type { WebhookCheck, WebhookEvent, WebhookHeaders } from '@pombo/client';
import { Webhook } from 'standardwebhooks';

const SECRET = 'whs_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYq';
const OTHER = 'whs_another-secret-of-the-same-length-as-the-one';
const SIGNING_SECRET = `whsec_${Buffer.from(SECRET).toString('base64')}`;
const NOW = new Date('2026-02-03T12:00:00.000Z');
const EVENT: WebhookEvent = {
  event: 'message.sent',
  timestamp: '2026-02-03T11:59:59.000Z',
  data: {
    messageId: 'msg_1',
    instanceId: 'inst_1',
    to: '5511999999999',
    status: 'sent',
    timestamp: '2026-02-03T11:59:59.000Z',
    metadata: { name: 'Zoë 🕊' },
  },
};
const BODY = JSON.stringify(EVENT);

function hmac(secret: string, text: string, encoding: 'base64' | 'hex'): string {
  return createHmac('sha256', secret).update(text).digest(encoding);
}

function standard(secret = SECRET, seconds = NOW.getTime() / 1000, id = 'evt_1'): Record<string, string> {
  const signature = `v1,${hmac(secret, `${id}.${seconds}.${BODY}`, 'base64')}`;
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': signature };
}

function enviaAi(secret = SECRET): Record<string, string> {
  return { 'X-EnviaAI-Signature': `sha256=${hmac(secret, BODY, 'hex')}` };
}

function refuses(check: WebhookCheck, headers: WebhookHeaders, body = BODY, secret = SECRET): void {
  const verify = () => verifyWebhook(body, headers, secret, { now: NOW });
  assert.throws(verify, (error) => error instanceof WebhookVerificationError && error.check === check);
}

describe('verifyWebhook', () => {
  test('accepts a valid signature of either kind, or both', () => {
    for (const headers of [standard(), enviaAi(), { ...standard(), ...enviaAi() }]) {
      assert.deepEqual(verifyWebhook(BODY, headers, SECRET, { now: NOW }), EVENT);
    }
  });

  test('accepts bytes as well as text', () => {
    const bytes = new TextEncoder().encode(BODY);
    assert.deepEqual(verifyWebhook(bytes, standard(), SECRET, { now: NOW }), EVENT);
    assert.deepEqual(verifyWebhook(Buffer.from(BODY), enviaAi(), SECRET, { now: NOW }), EVENT);
  });

  test('accepts the secret in its whsec_ form', () => {
    for (const headers of [standard(), enviaAi()]) {
      assert.deepEqual(verifyWebhook(BODY, headers, SIGNING_SECRET, { now: NOW }), EVENT);
    }
  });

  test("takes a customer's own secret that looks like the whsec_ form", () => {
    const own = 'whsec_my-very-own-secret';
    assert.deepEqual(verifyWebhook(BODY, standard(own), own, { now: NOW }), EVENT);
  });

  test('accepts headers in any case, as lists and as Headers', () => {
    const upper = Object.fromEntries(Object.entries(standard()).map(([name, value]) => [name.toUpperCase(), value]));
    const lists = Object.fromEntries(Object.entries(standard()).map(([name, value]) => [name, [value]]));
    const absent = { 'webhook-id': undefined, ...enviaAi() };
    for (const headers of [upper, lists, absent, new Headers(standard()), new Headers(enviaAi())]) {
      assert.deepEqual(verifyWebhook(BODY, headers, SECRET, { now: NOW }), EVENT);
    }
  });

  test('accepts either secret while one is being rotated', () => {
    const signatures = [standard(), standard(OTHER)].map((headers) => headers['webhook-signature']).join(' ');
    const headers = { ...standard(), 'webhook-signature': signatures, ...enviaAi() };
    for (const secret of [SECRET, OTHER]) {
      assert.deepEqual(verifyWebhook(BODY, headers, secret, { now: NOW }), EVENT);
    }
  });

  test('refuses a changed byte, id or time', () => {
    const changed = BODY.replace('msg_1', 'msg_2');
    refuses('signature', standard(), changed);
    refuses('signature', enviaAi(), changed);
    refuses('signature', { ...standard(), 'webhook-id': 'evt_2' });
    refuses('signature', { ...standard(), 'webhook-timestamp': String(NOW.getTime() / 1000 - 1) });
  });

  test('refuses another secret', () => {
    refuses('signature', standard(OTHER));
    refuses('signature', enviaAi(OTHER));
  });

  test('refuses a signature that is cut short, empty or of another version', () => {
    const right = standard()['webhook-signature'] ?? '';
    for (const signature of [right.slice(0, -2), '', 'v1,', right.replace('v1', 'v1a'), right.slice(3)]) {
      refuses('signature', { ...standard(), 'webhook-signature': signature });
    }
    refuses('signature', { 'x-enviaai-signature': '' });
  });

  test('refuses a time that is old, in the future or invalid', () => {
    const seconds = NOW.getTime() / 1000;
    verifyWebhook(BODY, standard(SECRET, seconds - 300), SECRET, { now: NOW });
    refuses('timestamp', standard(SECRET, seconds - 301));
    refuses('timestamp', standard(SECRET, seconds + 301));
    refuses('timestamp', standard(SECRET, Number.NaN));
    const hourAgo = standard(SECRET, seconds - 3_600);
    assert.deepEqual(verifyWebhook(BODY, hourAgo, SECRET, { now: NOW, toleranceSeconds: 3_600 }), EVENT);
  });

  test('refuses wrong Standard Webhooks headers whatever the other signature says', () => {
    refuses('signature', { ...standard(OTHER), ...enviaAi() });
    for (const name of Object.keys(standard())) {
      refuses('headers', { ...standard(), [name]: undefined, ...enviaAi() });
    }
  });

  test('refuses what has no signature', () => {
    refuses('headers', {});
    refuses('headers', new Headers());
  });

  test('refuses an empty secret', () => {
    refuses('secret', enviaAi(), BODY, '');
    refuses('secret', enviaAi(), BODY, 'whsec_');
  });

  test('refuses a body that is parsed already or is no event', () => {
    refuses('body', enviaAi(), EVENT as unknown as string);
    for (const body of ['', '[]', '{"event":"message.sent"}']) {
      refuses('body', { 'x-enviaai-signature': `sha256=${hmac(SECRET, body, 'hex')}` }, body);
    }
  });
});

describe('the Standard Webhooks library', () => {
  const library = new Webhook(SIGNING_SECRET);

  test('signs what verifyWebhook accepts', () => {
    const signature = library.sign('evt_1', NOW, BODY);
    const headers = { ...standard(), 'webhook-signature': signature };
    assert.deepEqual(verifyWebhook(BODY, headers, SECRET, { now: NOW }), EVENT);
  });

  test('agrees on what is valid and what is not', () => {
    const now = Math.floor(Date.now() / 1000);
    const right = standard(SECRET, now);
    assert.deepEqual(library.verify(BODY, right), verifyWebhook(BODY, right, SECRET));
    for (const headers of [standard(OTHER, now), standard(SECRET, now - 400), standard(SECRET, now + 400)]) {
      assert.throws(() => library.verify(BODY, headers));
      assert.throws(() => verifyWebhook(BODY, headers, SECRET), WebhookVerificationError);
    }
    assert.throws(() => library.verify(`${BODY} `, right));
    assert.throws(() => verifyWebhook(`${BODY} `, right, SECRET), WebhookVerificationError);
  });
});

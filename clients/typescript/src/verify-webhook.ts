/** Verifies the signature of a webhook: the Standard Webhooks headers or, if they are missing, X-EnviaAI-Signature. */

import { createHmac, timingSafeEqual } from 'node:crypto';

import { isObject } from './answer.js';
import type { WebhookEvent } from './events.js';

/** A request's headers, as Node and as fetch have them. */
export type WebhookHeaders = Headers | Record<string, string | string[] | undefined>;

export interface VerifyOptions {
  /** How many seconds the timestamp may differ from the current time; 300 by default. */
  toleranceSeconds?: number;
  now?: Date;
}

/** The check that failed. */
export type WebhookCheck = 'secret' | 'headers' | 'timestamp' | 'signature' | 'body';

/** A webhook whose verification failed. */
export class WebhookVerificationError extends Error {
  override readonly name = 'WebhookVerificationError';

  constructor(
    readonly check: WebhookCheck,
    message: string,
  ) {
    super(message);
  }
}

/** The prefix of a secret in base64 (Standard Webhooks). */
const BASE64_PREFIX = 'whsec_';

/** Verifies a webhook and returns its event. The body must be the raw bytes or text. */
export function verifyWebhook(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string,
  { toleranceSeconds = 300, now = new Date() }: VerifyOptions = {},
): WebhookEvent {
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) {
    throw new WebhookVerificationError('body', 'the body must be raw: a string or bytes, not what was parsed');
  }
  const raw = Buffer.from(body);
  const keys = keysOf(secret);
  const id = header(headers, 'webhook-id');
  const timestamp = header(headers, 'webhook-timestamp');
  const signature = header(headers, 'webhook-signature');
  const enviaAi = header(headers, 'x-enviaai-signature');
  if (id !== undefined || timestamp !== undefined || signature !== undefined) {
    // The other signature is not checked then: while a secret is being rotated, it is made with only one of the two.
    if (id === undefined || timestamp === undefined || signature === undefined) {
      const message = 'webhook-id, webhook-timestamp or webhook-signature is missing';
      throw new WebhookVerificationError('headers', message);
    }
    checkTimestamp(timestamp, toleranceSeconds, now);
    checkStandard(signature, `${id}.${timestamp}.`, raw, keys);
  } else if (enviaAi !== undefined) {
    checkEnviaAi(enviaAi, raw, keys);
  } else {
    throw new WebhookVerificationError('headers', 'there is neither webhook-signature nor X-EnviaAI-Signature');
  }
  return parseEvent(raw);
}

/** The key is the secret's own bytes. A `whsec_…` may also be those bytes in base64. */
function keysOf(secret: string): Buffer[] {
  if (typeof secret !== 'string' || secret === '' || secret === BASE64_PREFIX) {
    throw new WebhookVerificationError('secret', 'the secret is empty');
  }
  const keys = [Buffer.from(secret)];
  const decoded = Buffer.from(secret.startsWith(BASE64_PREFIX) ? secret.slice(BASE64_PREFIX.length) : '', 'base64');
  return decoded.length > 0 ? [...keys, decoded] : keys;
}

function checkTimestamp(timestamp: string, toleranceSeconds: number, now: Date): void {
  if (!/^\d{1,12}$/.test(timestamp)) {
    throw new WebhookVerificationError('timestamp', 'webhook-timestamp is not a number of seconds');
  }
  const age = now.getTime() / 1000 - Number(timestamp);
  // Not `>`, which would let everything pass when one of them is not a number.
  if (!(Math.abs(age) <= toleranceSeconds)) {
    const seconds = Math.round(Math.abs(age));
    throw new WebhookVerificationError('timestamp', `webhook-timestamp is ${seconds} s ${age > 0 ? 'old' : 'ahead'}`);
  }
}

/** One of the signatures must be valid: there are two while a secret is being rotated. */
function checkStandard(signatures: string, prefix: string, body: Buffer, keys: Buffer[]): void {
  const expected = keys.map((key) => `v1,${createHmac('sha256', key).update(prefix).update(body).digest('base64')}`);
  const given = signatures.split(' ');
  if (!expected.some((right) => given.some((signature) => isEqual(signature, right)))) {
    throw new WebhookVerificationError('signature', 'webhook-signature is not that of this body, id, time and secret');
  }
}

function checkEnviaAi(signature: string, body: Buffer, keys: Buffer[]): void {
  const expected = keys.map((key) => `sha256=${createHmac('sha256', key).update(body).digest('hex')}`);
  if (!expected.some((right) => isEqual(signature, right))) {
    throw new WebhookVerificationError('signature', 'X-EnviaAI-Signature is not that of this body and secret');
  }
}

/** Compares in constant time. */
function isEqual(given: string, right: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function header(headers: WebhookHeaders, name: string): string | undefined {
  const entries = headers instanceof Headers ? headers.entries() : Object.entries(headers);
  for (const [key, value] of entries) {
    if (key.toLowerCase() === name && value !== undefined) {
      return Array.isArray(value) ? value.join(' ') : value;
    }
  }
  return undefined;
}

function parseEvent(body: Buffer): WebhookEvent {
  let event: unknown;
  try {
    event = JSON.parse(body.toString());
  } catch {
    throw new WebhookVerificationError('body', 'the body is not JSON');
  }
  if (!isObject(event) || typeof event['event'] !== 'string' || !isObject(event['data'])) {
    throw new WebhookVerificationError('body', 'the body is not an event');
  }
  return event as unknown as WebhookEvent;
}

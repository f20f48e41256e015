// Sends queued messages to WhatsApp: claim -> POST -> result, one after another in the order of the queue.

import { processPartialResponse, SqsFifoPartialProcessorAsync } from '@aws-lambda-powertools/batch';
import { ChangeMessageVisibilityCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { failureOf, isTemporary, type Failure } from '../../common/error_codes.js';
import { body, post, type GraphError } from '../../common/whatsapp.js';
import { findInstance } from './accounts.js';
import { queues } from './clients.js';
import { deliverVariables, expressQueue } from './environment.js';
import type { Delivery, Message } from './message.js';
import { claim, fail, read, release, sent, unknown } from './results.js';
import { open, tag } from './secrets.js';

const { settleQueue, whatsapp } = deliverVariables();
const processor = new SqsFifoPartialProcessorAsync();

// A POST and the record of its result must fit into what is left of the invocation.
const LEAST_TIME = 20_000;
const MAX_ATTEMPTS = 16;

// The message stays in the queue, to be received again after this time.
class Later extends Error {
  constructor(readonly seconds: number) {
    super(`again in ${seconds} s`);
  }
}

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  return processPartialResponse(event, deliver, processor, { context, skipGroupOnError: true, throwOnFullBatchFailure: false });
}

async function deliver(record: SQSRecord, context?: Context): Promise<void> {
  try {
    await attempt(JSON.parse(record.body), context!);
  } catch (error) {
    const seconds = error instanceof Later ? error.seconds : 2;
    console.warn({ event: 'delivery.later', seconds, error: String(error) });
    await queues.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: expressQueue, ReceiptHandle: record.receiptHandle, VisibilityTimeout: seconds }),
    );
    throw error;
  }
}

async function attempt(delivery: Delivery, context: Context): Promise<void> {
  const left = context.getRemainingTimeInMillis();
  if (left < LEAST_TIME) throw new Later(0);
  const instance = await findInstance(delivery.accountId, delivery.instanceId);
  const number = instance?.status === 'connected' ? instance.number : undefined;
  const now = Date.now();
  if (!number || delivery.deadline <= now) {
    const failure = number ? { code: 'expired', message: 'it was not sent within its expiresIn' } : disconnected;
    const untried = { id: delivery.messageId, accountId: delivery.accountId, attempt: 0 };
    if (await fail(untried, failure, 'queued')) return;
    return leave(await read(delivery.messageId));
  }
  if (instance?.holdUntil && instance.holdUntil > now) throw new Later(seconds(instance.holdUntil - now));
  const claimed = await claim(delivery.messageId, number.id, now + left + 5_000);
  if (!claimed.done) return leave(claimed.record);
  const message = claimed.record;
  const quoted = await quotedId(message);
  const token = open(number.accessToken, `${message.accountId}/${message.instanceId}/accessToken`);
  const outcome = await post(whatsapp, number.id, token, body(message.phone, message.content, quoted, tag(message.id, message.attempt)));
  switch (outcome.kind) {
    case 'accepted':
      await sent(message, outcome.providerId);
      console.info({ event: 'message.sent', messageId: message.id, attempt: message.attempt });
      return;
    case 'rejected':
      return refused(message, outcome.error);
    case 'notSent':
      return again(message, { code: 'provider_error', message: 'WhatsApp could not be reached' });
    case 'unknown':
      console.warn({ event: 'message.unknown', messageId: message.id, reason: outcome.reason });
      await unknown(message);
      return settle(message);
  }
}

const disconnected: Failure = { code: 'instance_disconnected', message: 'the instance is not connected to WhatsApp' };

// A message that can't be claimed.
async function leave(message: Message | undefined): Promise<void> {
  if (message?.status === 'sending') {
    const wait = (message.lease ?? 0) - Date.now();
    if (wait > 0) throw new Later(seconds(wait));
    await unknown(message); // its process ended before its result
    return settle(message);
  }
  if (message?.status === 'unknown' || message?.status === 'held') return settle(message);
}

async function quotedId({ quoted, ...message }: Message): Promise<string | undefined> {
  if (!quoted) return undefined;
  if ('provider' in quoted) return quoted.provider;
  const found = (await read(quoted.message)) as { providerId?: string } | undefined;
  if (found?.providerId) return found.providerId;
  await release(message);
  throw new Later(2);
}

async function refused(message: Message, error: GraphError): Promise<void> {
  console.warn({ event: 'message.rejected', messageId: message.id, attempt: message.attempt, code: error.code });
  if (isTemporary(error)) return again(message, failureOf(error));
  await fail(message, failureOf(error), 'sending');
}

async function again(message: Message, reason: Failure): Promise<void> {
  const wait = Math.min(300, 2 ** message.attempt) * (1 + Math.random() / 2);
  if (message.attempt >= MAX_ATTEMPTS || Date.now() + wait * 1000 >= message.deadline) {
    await fail(message, reason, 'sending');
    return;
  }
  await release(message);
  throw new Later(Math.ceil(wait));
}

// The outcome is unknown: callbacks decide, or settle after a while.
async function settle({ id: messageId, accountId, attempt }: Message): Promise<void> {
  const MessageBody = JSON.stringify({ messageId, accountId, attempt, since: Date.now() });
  await queues.send(new SendMessageCommand({ QueueUrl: settleQueue, MessageBody }));
}

const seconds = (millis: number) => Math.min(43_200, Math.ceil(millis / 1000));

// The claim of a message and the results of an attempt, each a conditional write of its record.

import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { GetCommand, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { randomUUID } from 'node:crypto';
import type { Failure } from '../../common/error_codes.js';
import { refund } from './books.js';
import { tables } from './clients.js';
import { messagesTable } from './environment.js';
import { RANK, type Message } from './message.js';

type Claimed = Message & { earlyFailure?: Failure };
type Change = Pick<UpdateCommandInput, 'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeValues'>;

// Every change may name these; DynamoDB refuses a name that is not used.
const RESERVED: Record<string, string> = { '#status': 'status', '#rank': 'rank', '#error': 'error', '#bulk': 'bulk' };

function update(id: string, change: Change & { UpdateExpression: string }) {
  const used = Object.entries(RESERVED).filter(([name]) => `${change.UpdateExpression} ${change.ConditionExpression}`.includes(name));
  const ExpressionAttributeNames = used.length ? Object.fromEntries(used) : undefined;
  return { TableName: messagesTable, Key: { id }, ...change, ExpressionAttributeNames };
}

// The record, and whether it was changed: it was not when a condition did not hold.
type Changed = { done: true; record: Claimed } | { done: false; record?: Claimed };

async function change(id: string, change: Change & { UpdateExpression: string }): Promise<Changed> {
  const command = { ...update(id, change), ReturnValues: 'ALL_NEW', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  try {
    const answer = await tables.send(new UpdateCommand(command));
    return { done: true, record: answer.Attributes as Claimed };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { done: false, record: error.Item && (unmarshall(error.Item) as Claimed) };
  }
}

// A message by its id.
export async function read(id: string): Promise<Message | undefined> {
  const answer = await tables.send(new GetCommand({ TableName: messagesTable, Key: { id }, ConsistentRead: true }));
  return answer.Item as Message | undefined;
}

// Claims a queued message until `lease`.
export function claim(id: string, numberId: string, lease: number): Promise<Changed> {
  return change(id, {
    UpdateExpression:
      'SET #status = :sending, #rank = :rank, attempt = attempt + :one, claim = :claim, lease = :lease, numberId = :number REMOVE ev',
    ConditionExpression: '#rank = :queued',
    ExpressionAttributeValues: {
      ':sending': 'sending',
      ':rank': RANK.sending,
      ':one': 1,
      ':claim': randomUUID(),
      ':lease': lease,
      ':number': numberId,
      ':queued': RANK.queued,
    },
  });
}

// WhatsApp accepted it. When a callback was faster, only the time of sending is missing.
export async function sent(message: Message, providerId: string): Promise<void> {
  const values = { ':now': Date.now(), ':id': providerId, ':ev': 'sent', ':attempt': message.attempt };
  const { done, record } = await change(message.id, {
    UpdateExpression: 'SET #status = :ev, #rank = :rank, sentAt = :now, providerId = :id, ev = :ev REMOVE lease, claim, #bulk',
    ConditionExpression: 'attempt = :attempt AND #rank < :rank AND attribute_not_exists(refunded)',
    ExpressionAttributeValues: { ...values, ':rank': RANK.sent },
  });
  if (done && record.earlyFailure) await fail(record, record.earlyFailure, 'sent');
  if (done || record?.sentAt !== undefined) return;
  await change(message.id, {
    UpdateExpression: 'SET sentAt = :now, providerId = if_not_exists(providerId, :id), ev = :ev REMOVE lease, claim',
    ConditionExpression: 'attempt = :attempt AND attribute_not_exists(sentAt)',
    ExpressionAttributeValues: values,
  });
}

// It was certainly not sent: it may be claimed again.
export async function release(message: Message): Promise<void> {
  await leave(message, 'queued', RANK.queued);
}

// Whether WhatsApp accepted it is unknown.
export async function unknown(message: Message): Promise<void> {
  await leave(message, 'unknown', RANK.unknown);
}

async function leave(message: Message, status: string, rank: number): Promise<void> {
  await change(message.id, {
    UpdateExpression: 'SET #status = :status, #rank = :rank REMOVE lease, claim, ev',
    ConditionExpression: 'attempt = :attempt AND #status = :sending',
    ExpressionAttributeValues: { ':status': status, ':rank': rank, ':attempt': message.attempt, ':sending': 'sending' },
  });
}

// It will not be sent: failed, and its credit is refunded.
export async function fail(message: Pick<Message, 'id' | 'accountId' | 'attempt'>, failure: Failure, from: string): Promise<boolean> {
  return refund(
    message.accountId,
    update(message.id, {
      UpdateExpression:
        'SET #status = :failed, #rank = :rank, failedAt = :now, #error = :error, ev = :failed, refunded = :yes REMOVE lease, claim, #bulk',
      ConditionExpression: 'attempt = :attempt AND #status = :from AND attribute_not_exists(refunded)',
      ExpressionAttributeValues: {
        ':failed': 'failed',
        ':rank': RANK.failed,
        ':now': Date.now(),
        ':error': failure,
        ':yes': true,
        ':attempt': message.attempt,
        ':from': from,
      },
    }),
  );
}

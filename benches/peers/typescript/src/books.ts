// The charge of a message: the key's limit, and the credit with the record in one transaction.

import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand, UpdateCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from './accounts.js';
import { ApiError } from '../../common/api_error.js';
import { tables } from './clients.js';
import { accountsTable, messagesTable } from './environment.js';
import type { Message } from './message.js';

type Writes = NonNullable<TransactWriteCommandInput['TransactItems']>;

const MINUTE = 60_000;
// Attempts at a transaction that conflicts with another one on the same account.
const TRIES = 8;

// Counts a request of a key in its minute and returns the count.
export async function countRequest({ accountId, keyId, requestsPerMinute }: Caller, now: number): Promise<number> {
  const minute = Math.floor(now / MINUTE);
  const count = new UpdateCommand({
    TableName: accountsTable,
    Key: { pk: accountId, sk: `window#${keyId}#${minute}` },
    UpdateExpression: 'ADD used :one SET forgetAt = :later',
    ConditionExpression: 'attribute_not_exists(used) OR used < :most',
    ExpressionAttributeValues: { ':one': 1, ':later': minute * 60 + 3600, ':most': requestsPerMinute },
    ReturnValues: 'UPDATED_NEW',
  });
  try {
    return (await tables.send(count)).Attributes?.used;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const seconds = Math.ceil(((minute + 1) * MINUTE - now) / 1000);
    throw new ApiError(429, 'rate_limit_exceeded', 'this API key has sent more than its plan allows', undefined, seconds);
  }
}

// Takes a credit and writes the record.
export async function charge(message: Message): Promise<void> {
  const record = { Put: { TableName: messagesTable, Item: message, ConditionExpression: 'attribute_not_exists(id)' } };
  const refused = await transact([credit(message.accountId, -1), record]);
  if (refused === 0) throw new ApiError(402, 'insufficient_credits', 'the account has no credits left; ask your operator for more');
  if (refused !== undefined) throw new Error('a new message id was taken');
}

// Reverts both, unless the message is being sent already.
export async function withdraw(message: Message): Promise<boolean> {
  const record = {
    Delete: {
      TableName: messagesTable,
      Key: { id: message.id },
      ConditionExpression: '#rank = :none AND attempt = :none',
      ExpressionAttributeNames: { '#rank': 'rank' },
      ExpressionAttributeValues: { ':none': 0 },
    },
  };
  return (await transact([credit(message.accountId, 1), record])) === undefined;
}

// Applies a change of the record that makes it failed, and refunds its credit.
export async function refund(accountId: string, update: NonNullable<Writes[number]['Update']>): Promise<boolean> {
  return (await transact([credit(accountId, 1), { Update: update }])) === undefined;
}

function credit(accountId: string, by: number): Writes[number] {
  return {
    Update: {
      TableName: accountsTable,
      Key: { pk: accountId, sk: 'meter' },
      UpdateExpression: 'SET credits = credits + :by',
      ConditionExpression: by < 0 ? 'credits >= :least' : 'attribute_exists(credits)',
      ExpressionAttributeValues: by < 0 ? { ':by': by, ':least': -by } : { ':by': by },
    },
  };
}

// Nothing when it was applied; which part's condition did not hold otherwise.
async function transact(writes: Writes): Promise<number | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      await tables.send(new TransactWriteCommand({ TransactItems: writes }));
      return undefined;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const codes = error.CancellationReasons?.map((reason) => reason.Code) ?? [];
      const refused = codes.indexOf('ConditionalCheckFailed');
      if (refused >= 0) return refused;
      if (!codes.includes('TransactionConflict') || attempt === TRIES) throw error;
      await sleep(Math.random() * 10 * 2 ** attempt);
    }
  }
}

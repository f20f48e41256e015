// Accepts a message: authenticate -> parse -> once per Idempotency-Key (limit -> charge and record -> enqueue) -> 202.

import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import {
  IdempotencyAlreadyInProgressError,
  IdempotencyConfig,
  IdempotencyPersistenceLayerError,
  IdempotencyValidationError,
  makeIdempotent,
} from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { createHash } from 'node:crypto';
import { findCaller, findInstance, type Caller } from './accounts.js';
import { ApiError, invalid, unavailable } from '../../common/api_error.js';
import { parse, type Quoted, type SendRequest } from '../../common/send_request.js';
import { answer, refuse, type Headers } from './answer.js';
import { charge, countRequest, withdraw } from './books.js';
import { dynamodb, queues, tables } from './clients.js';
import { expressQueue, messagesTable, sendVariables } from './environment.js';
import { newId, queued, type Delivery, type Message } from './message.js';

const { idempotencyTable, retentionSeconds } = sendVariables();

interface Invocation {
  // What Powertools hashes: the account and the body.
  key: string;
  bodyHash: string;
  caller: Caller;
  request: SendRequest;
}

// What is stored under an Idempotency-Key.
type Accepted = { messageId: string; timestamp: string };

const config = new IdempotencyConfig({
  eventKeyJmesPath: 'key',
  payloadValidationJmesPath: 'bodyHash',
  expiresAfterSeconds: retentionSeconds,
});
const persistenceStore = new DynamoDBPersistenceLayer({ tableName: idempotencyTable, awsSdkV3Client: dynamodb });
const acceptOnce = makeIdempotent(accept, { persistenceStore, config, dataIndexArgument: 0 });

export async function handler(event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2> {
  config.registerLambdaContext(context);
  const requestId = newId('req_');
  let headers: Headers = {};
  try {
    const caller = await authenticate(event.headers.authorization);
    if (!caller.scopes.includes('messages:write')) {
      throw new ApiError(403, 'insufficient_permissions', 'this API key lacks the scope messages:write');
    }
    const now = Date.now();
    headers = allowance(caller, await countRequest(caller, now), now);
    const body = event.isBase64Encoded ? Buffer.from(event.body ?? '', 'base64').toString() : (event.body ?? '');
    const { messageId, timestamp } = await once(caller, parse(body), body, event.headers['idempotency-key']);
    return answer(202, { success: true, messageId, status: 'queued', timestamp }, requestId, headers);
  } catch (error) {
    return refuse(idempotencyError(error) ?? error, requestId, headers);
  }
}

async function authenticate(authorization: string | undefined): Promise<Caller> {
  const apiKey = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (!apiKey) throw new ApiError(401, 'missing_api_key', 'send `Authorization: Bearer <api key>`');
  const caller = await findCaller(apiKey);
  if (!caller) throw new ApiError(401, 'invalid_api_key', 'there is no such API key');
  if (caller.expiresAt && caller.expiresAt <= Date.now()) throw new ApiError(401, 'expired_api_key', 'this API key has expired');
  return caller;
}

function once(caller: Caller, request: SendRequest, body: string, idempotencyKey: string | undefined): Promise<Accepted> {
  if (idempotencyKey === undefined) return accept({ key: '', bodyHash: '', caller, request });
  if (!/^[!-~]{1,255}$/.test(idempotencyKey)) throw invalid('Idempotency-Key', 'must have 1 to 255 visible ASCII characters');
  const bodyHash = createHash('sha256').update(body).digest('base64url');
  return acceptOnce({ key: `${caller.accountId}\n${idempotencyKey}`, bodyHash, caller, request });
}

async function accept({ caller, request }: Invocation): Promise<Accepted> {
  await checkInstance(caller.accountId, request.instanceId);
  await checkQuoted(caller.accountId, request.quoted);
  const message = queued(caller.accountId, request, retentionSeconds);
  await charge(message);
  await enqueue(message);
  console.info({ event: 'message.queued', messageId: message.id, instanceId: message.instanceId });
  return { messageId: message.id, timestamp: new Date(message.createdAt).toISOString() };
}

async function checkInstance(accountId: string, id: string): Promise<void> {
  const instance = await findInstance(accountId, id);
  if (!instance) throw new ApiError(404, 'invalid_instance', 'there is no such instance in this account', 'instanceId');
  if (instance.status !== 'connected' || !instance.number) {
    throw new ApiError(409, 'instance_disconnected', 'this instance is not connected to WhatsApp; connect it first', 'instanceId');
  }
}

async function checkQuoted(accountId: string, quoted: Quoted | undefined): Promise<void> {
  if (!quoted || !('message' in quoted)) return;
  const found = await tables.send(new GetCommand({ TableName: messagesTable, Key: { id: quoted.message }, ConsistentRead: true }));
  if (found.Item?.accountId !== accountId) throw invalid('quotedMessageId', 'there is no such message in this account');
}

// A message that cannot be queued is withdrawn, so that a 503 may say that nothing was accepted.
async function enqueue(message: Message): Promise<void> {
  const { id: messageId, accountId, instanceId, slot, deadline, chat, nonce } = message;
  const delivery: Delivery = { messageId, accountId, instanceId, slot, deadline };
  try {
    await queues.send(
      new SendMessageCommand({
        QueueUrl: expressQueue,
        MessageBody: JSON.stringify(delivery),
        MessageGroupId: chat,
        MessageDeduplicationId: nonce,
      }),
    );
  } catch (error) {
    console.error({ event: 'message.not_queued', messageId, error: String(error) });
    if (await withdraw(message)) throw unavailable();
  }
}

function allowance({ requestsPerMinute }: Caller, used: number, now: number): Headers {
  return {
    'x-ratelimit-limit': String(requestsPerMinute),
    'x-ratelimit-remaining': String(requestsPerMinute - used),
    'x-ratelimit-reset': String((Math.floor(now / 60_000) + 1) * 60),
  };
}

function idempotencyError(error: unknown): ApiError | undefined {
  if (error instanceof IdempotencyAlreadyInProgressError) {
    const message = 'the first request with this Idempotency-Key is still under way';
    return new ApiError(409, 'idempotency_in_progress', message, 'Idempotency-Key', 1);
  }
  if (error instanceof IdempotencyValidationError) {
    const message = 'this Idempotency-Key was used for another request; use a new one';
    return new ApiError(422, 'idempotency_key_reused', message, 'Idempotency-Key');
  }
  return error instanceof IdempotencyPersistenceLayerError ? unavailable() : undefined;
}

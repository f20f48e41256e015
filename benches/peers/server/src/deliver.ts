// Sends the messages of a conversation to WhatsApp, one after another: claim -> POST -> result.

import { failureOf, isTemporary, type Failure } from '../../common/error_codes.js';
import { body, post, type GraphError } from '../../common/whatsapp.js';
import { findInstance } from './accounts.js';
import { database } from './database.js';
import { workerVariables } from './environment.js';
import { log } from './log.js';
import { enqueueEvents, enqueueMessage, type Conversation } from './queues.js';
import { claim, fail, markUnknown, reach, release, type Message } from './transitions.js';

const { whatsapp } = workerVariables();
const MAX_ATTEMPTS = 16;

// Continues until nothing is left that may be sent now. A job that comes meanwhile finds the conversation busy and leaves its
// message to this one.
export async function deliver(conversation: Conversation): Promise<void> {
  for (let message; (message = await claim(conversation)); ) await attempt(message);
}

async function attempt(message: Message): Promise<void> {
  const instance = await findInstance(message.instance_id);
  if (!instance?.connected) return end(message, { code: 'instance_disconnected', message: 'the instance is not connected to WhatsApp' });
  if (message.deadline.getTime() <= Date.now()) return end(message, { code: 'expired', message: 'it was not sent within its expiresIn' });
  const quoted = await quotedId(message);
  if (quoted === 'later') return again(message, 2);
  // The tag: callbacks return it, and name the message even when no answer has told its id at WhatsApp.
  const outcome = await post(whatsapp, instance.numberId, instance.accessToken, body(message.recipient, message.content, quoted, message.id));
  switch (outcome.kind) {
    case 'accepted':
      await enqueueEvents(await reach(message.id, 'sent', new Date(), outcome.providerId));
      return log({ event: 'message.sent', messageId: message.id, attempt: message.attempt });
    case 'rejected':
      return refused(message, outcome.error);
    case 'notSent':
      return retry(message, { code: 'provider_error', message: 'WhatsApp could not be reached' });
    case 'unknown':
      log({ event: 'message.unknown', messageId: message.id, reason: outcome.reason });
      return markUnknown(message);
  }
}

// WhatsApp's id of the quoted message; `later` while it has none.
async function quotedId({ quoted }: Message): Promise<string | undefined> {
  if (!quoted) return undefined;
  if ('provider' in quoted) return quoted.provider;
  const { rows } = await database.query('SELECT provider_id, status FROM messages WHERE id = $1', [quoted.message]);
  return rows[0]?.provider_id ?? (rows[0]?.status === 'failed' ? undefined : 'later');
}

async function refused(message: Message, error: GraphError): Promise<void> {
  log({ event: 'message.rejected', messageId: message.id, attempt: message.attempt, code: error.code });
  return isTemporary(error) ? retry(message, failureOf(error)) : end(message, failureOf(error));
}

async function retry(message: Message, failure: Failure): Promise<void> {
  const wait = Math.min(300, 2 ** message.attempt) * (1 + Math.random() / 2);
  if (message.attempt >= MAX_ATTEMPTS || Date.now() + wait * 1000 >= message.deadline.getTime()) return end(message, failure);
  return again(message, wait);
}

async function again(message: Message, seconds: number): Promise<void> {
  await release(message, seconds);
  const conversation = { instanceId: message.instance_id, recipient: message.recipient };
  await enqueueMessage(message.id, message.attempt, conversation, Math.ceil(seconds * 1000));
}

async function end(message: Message, failure: Failure): Promise<void> {
  await enqueueEvents(await fail(message.id, failure));
}

/** The exports of the package. */

export type { OwnAccount } from './account.js';
export type * from './batch-body.js';
export type * from './batches.js';
export type * from './chats.js';
export { chosenReply, type ChosenReply } from './chosen-reply.js';
export { Pombo, Pombo as Client } from './client.js';
export type * from './content.js';
export { PomboError, type ApiErrorCode, type ClientErrorCode, type ErrorCode } from './errors.js';
export type * from './events.js';
export type { CallOptions, Clock, Options } from './http.js';
export type * from './instances.js';
export type * from './interactive.js';
export type * from './json.js';
export type * from './listeners.js';
export type * from './media.js';
export type * from './messages.js';
export type * from './statistics.js';
export type * from './templates.js';
export { verifyWebhook, WebhookVerificationError } from './verify-webhook.js';
export type { VerifyOptions, WebhookCheck, WebhookHeaders } from './verify-webhook.js';
export type * from './webhooks.js';

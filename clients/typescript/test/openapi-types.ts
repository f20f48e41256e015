/** Each type of this client against docs/openapi.json. The compiler is the test: it names the field that differs. */

import type * as pombo from '@pombo/client';

import type { Differences, None, Only } from './differences.js';
import type { components, operations, webhooks } from './openapi.js';

type Schemas = components['schemas'];
type Response<Ours, Name extends keyof Schemas> = Differences<Ours, Schemas[Name], 'response'>;
type Request<Ours, Name extends keyof Schemas> = Differences<Ours, Schemas[Name], 'request'>;
/** Only the operator, with the admin key, names an account. */
type Query<Ours, Name extends keyof operations> = Differences<
  Ours,
  Omit<NonNullable<operations[Name]['parameters']['query']>, 'accountId'>,
  'request'
>;

type FileName = `.interactive.header.${'image' | 'video'}.filename is missing`;

export type Responses = [
  None<Response<pombo.OwnAccount, 'OwnAccountResponse'>>,
  None<Response<pombo.BatchAnswer, 'BatchAccepted'>>,
  None<Response<pombo.Batch, 'BatchResponse'>>,
  None<Response<pombo.BatchProgress, 'BatchProgressResponse'>>,
  None<Response<pombo.Chat, 'ChatResponse'>>,
  None<Response<pombo.Instance, 'InstanceResponse'>>,
  None<Response<pombo.InstanceState, 'InstanceStatusResponse'>>,
  None<Response<pombo.Pagination, 'OffsetPage'>>,
  None<Response<pombo.ChatList['pagination'], 'CursorPage'>>,
  None<Response<pombo.Media, 'MediaResponse'>>,
  None<Response<pombo.MediaUpload, 'CreateMediaResponse'>>,
  None<Response<pombo.MediaUrl, 'MediaUrlResponse'>>,
  Only<FileName, Response<pombo.Message, 'MessageResponse'>>,
  None<Response<pombo.MessageState, 'MessageStatusResponse'>>,
  None<Response<pombo.Timeline, 'TimelineResponse'>>,
  None<Response<pombo.Statistics, 'StatisticsResponse'>>,
  None<Response<pombo.Listener, 'ListenerResponse'>>,
  None<Response<pombo.MessageTemplate, 'TemplateResponse'>>,
  None<Response<Awaited<ReturnType<pombo.Pombo['templates']['create']>>, 'CreateTemplateResponse'>>,
  None<Response<Awaited<ReturnType<pombo.Pombo['messages']['read']>>, 'ReadMessageResponse'>>,
  None<Response<pombo.RotatedSecret, 'RotateSecretResponse'>>,
  None<Response<pombo.Replay, 'ReplayResponse'>>,
  None<Response<pombo.WebhookLog, 'DeliveryLogResponse'>>,
  None<Response<pombo.WebhookTest, 'TestWebhookResponse'>>,
  // The operator's calls have codes of their own.
  Only<'account_closed' | 'account_not_found' | 'callback_not_found' | 'key_not_found', Exclude<Schemas['ErrorCode'], pombo.ApiErrorCode>>,
  // The answer of an inbound URL has no time.
  Only<'.timestamp is not required', Response<pombo.SendAnswer, 'Accepted'>>,
  // The operator's webhook has no instance.
  Only<'.instanceId is not required', Response<pombo.Webhook, 'WebhookResponse'>>,
  Only<'.instanceId is not required', Response<pombo.CreatedWebhook, 'CreateWebhookResponse'>>,
  // Only the answer that creates it has the URL.
  Only<'.url is not required', Response<pombo.InboundUrl, 'InboundUrlResponse'>>,
  Only<'.url is missing', Response<pombo.ListedInboundUrl, 'InboundUrlResponse'>>,
];

export type Requests = [
  // One schema for all files: only documents have a name.
  Only<FileName, Request<pombo.SendBody, 'SendBody'>>,
  // A batch cannot send reactions, which the client's types say.
  Only<`${'' | '.recipients[]'}${FileName | '.reaction is not in the document'}`, Request<pombo.BatchBody, 'BatchBody'>>,
  None<Request<pombo.CreateInstanceBody, 'CreateInstanceRequest'>>,
  None<Request<pombo.UpdateInstanceBody, 'UpdateInstanceRequest'>>,
  None<Request<pombo.ConnectBody, 'ConnectInstanceRequest'>>,
  None<Request<pombo.DisconnectBody, 'DisconnectInstanceRequest'>>,
  None<Request<pombo.CreateListenerBody, 'CreateListenerRequest'>>,
  None<Request<pombo.CreateMedia, 'CreateMediaRequest'>>,
  None<Request<pombo.CreateTemplate, 'CreateTemplateRequest'>>,
  None<Request<pombo.CreateWebhookBody, 'CreateWebhookRequest'>>,
  None<Request<pombo.UpdateWebhookBody, 'UpdateWebhookRequest'>>,
  None<Request<pombo.CreateInboundBody, 'CreateInboundUrlRequest'>>,
  None<Request<pombo.ReplayBody, 'ReplayRequest'>>,
];

export type Queries = [
  None<Query<pombo.ListBatchesQuery, 'listBatches'>>,
  None<Query<pombo.ListChatsQuery, 'listChats'>>,
  None<Query<pombo.ListInstancesQuery, 'listInstances'>>,
  None<Query<pombo.ListMessagesQuery, 'listMessages'>>,
  None<Query<pombo.StatisticsQuery, 'getStatistics'>>,
  None<Query<pombo.ListTemplatesQuery, 'listTemplates'>>,
  None<Query<pombo.ListWebhooksQuery, 'listWebhooks'>>,
  None<Query<pombo.WebhookLogsQuery, 'getWebhookLogs'>>,
  None<Query<pombo.InboundUrlsQuery, 'listInboundUrls'>>,
];

type Event<Name extends pombo.WebhookEvent['event'] & keyof webhooks> = Differences<
  Extract<pombo.WebhookEvent, { event: Name }>,
  webhooks[Name]['post']['requestBody']['content']['application/json'],
  'response'
>;
/** The document has one schema for the four: each of them has one status, and only a failure an error. */
type Progress = '.data.status has other values' | '.data.error is missing';

export type Events = [
  Only<Progress, Event<'message.sent'>>,
  Only<Progress, Event<'message.delivered'>>,
  Only<Progress, Event<'message.read'>>,
  Only<Progress | '.data.error is not required', Event<'message.failed'>>,
  // One schema for all messages: a received one has one direction and one status, and no size is known of its file.
  Only<`.data.${'direction' | 'status'} has other values` | '.data.media.size is missing', Event<'message.received'>>,
  None<Event<'instance.connected'>>,
  None<Event<'instance.disconnected'>>,
  None<Event<'instance.updated'>>,
  None<Event<'template.updated'>>,
  None<Event<'contact.updated'>>,
  None<Event<'contact.opted_out'>>,
  None<Event<'contact.opted_in'>>,
  None<Event<'batch.completed'>>,
  // One schema for both.
  Only<'.data.status has other values' | '.data.error is missing', Event<'media.ready'>>,
  Only<'.data.status has other values' | '.data.error is not required', Event<'media.failed'>>,
  None<Event<'webhook.exhausted'>>,
  None<Event<'webhook.disabled'>>,
  None<Exclude<keyof webhooks, pombo.WebhookEvent['event']>>,
];

/** That a difference is found, of each kind. */
export type Found = [
  // @ts-expect-error: a field is missing
  None<Differences<{ a: string }, { a: string; b?: string }, 'response'>>,
  // @ts-expect-error: a field is not in the document
  None<Differences<{ a: string; b?: string }, { a: string }, 'response'>>,
  // @ts-expect-error: a field is required
  None<Differences<{ a?: string }, { a: string }, 'request'>>,
  // @ts-expect-error: a field is not required, and null is no absence in a request
  None<Differences<{ a: string | null }, { a?: string | null }, 'request'>>,
  // @ts-expect-error: a response may lack it
  None<Differences<{ a: string }, { a?: string | null }, 'response'>>,
  None<Differences<{ a: string | null }, { a?: string | null }, 'response'>>,
  // @ts-expect-error: another type
  None<Differences<{ a: { b: number }[] }, { a: { b: string }[] }, 'response'>>,
  // @ts-expect-error: a list
  None<Differences<{ a: string }, { a: string[] }, 'response'>>,
  // @ts-expect-error: an object
  None<Differences<{ a: string }, { a: { b: string } }, 'response'>>,
  // @ts-expect-error: a word is missing
  None<Differences<'a' | 'b', 'a' | 'b' | 'c', 'response'>>,
  None<Differences<'a' | 'b' | (string & {}), 'a' | 'b' | 'c', 'response'>>,
  // @ts-expect-error: one member of a union lacks a field that is required
  None<Differences<{ a: string } | { b: string }, { a: string; b?: string }, 'request'>>,
];

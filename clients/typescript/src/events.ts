/** The events that webhooks receive: a union discriminated by `event`. */

import type { BatchCounts } from './batches.js';
import type { AccountState, InstanceStatus, PauseReason } from './instances.js';
import type { JsonObject } from './json.js';
import type { Failure, Pricing, ReceivedFields } from './messages.js';

interface EventOf<Name extends string, Data> {
  event: Name;
  timestamp: string;
  data: Data;
  /** Sent by `webhooks.test`. */
  test?: boolean;
}

export interface MessageProgress<Status extends string> {
  messageId: string;
  instanceId: string;
  to: string;
  status: Status;
  timestamp: string;
  metadata?: JsonObject;
  /** The customer's own number of the message, such as an order's: 1 to 64 characters. */
  reference?: string;
  /** WhatsApp's id, `wamid.…`. */
  providerId?: string;
  /** What the message costs at WhatsApp: in the event of the status that brings it. */
  pricing?: Pricing;
}

export interface ReceivedMessage extends ReceivedFields {
  messageId: string;
  /** WhatsApp's id, `wamid.…`. */
  providerId?: string;
  instanceId: string;
  /** As in its history. */
  direction: 'inbound';
  /** As in its history. */
  status: 'delivered';
  chatId: string;
  /** The phone number, or the user id of somebody who does not show one. */
  from: string;
  type: string;
  /** The text, or a file's caption. */
  content: string | null;
  contactName: string | null;
  timestamp: string;
  /** Sorts the messages of an instance as its history does. */
  sequence: string;
}

export interface InstanceChange {
  instanceId: string;
  status: InstanceStatus;
  phone?: string;
  /** Why it was disconnected. */
  reason?: string;
  timestamp: string;
}

/** What WhatsApp says of an instance's number and its business account. */
export interface InstanceUpdate {
  instanceId: string;
  status: InstanceStatus;
  phone?: string;
  quality?: string;
  messagingLimit?: string;
  throughput?: number;
  pausedUntil?: string;
  pauseReason?: PauseReason;
  accountState?: AccountState;
  timestamp: string;
}

/** What has changed of a template, in words of WhatsApp's. */
export interface TemplateUpdate {
  instanceId: string;
  templateId?: string;
  name: string;
  language?: string;
  status?: string;
  category?: string;
  previousCategory?: string;
  upcomingCategory?: string;
  categoryChangesAt?: string;
  quality?: string;
  previousQuality?: string;
  reason?: string;
  description?: string;
  recommendation?: string;
  /** What it consists of after an edit: WhatsApp's own object. */
  components?: JsonObject;
  timestamp: string;
}

/** Another phone number or user id of somebody who is known. */
export interface ContactUpdate {
  instanceId: string;
  /** The person's conversation, which stays. */
  chatId: string;
  /** All phone numbers and user ids of the person. */
  aliases: string[];
  timestamp: string;
}

/** Somebody who wants no marketing messages of the business, or wants them again. */
export interface ContactPreference {
  instanceId: string;
  phone?: string;
  userId?: string;
  parentUserId?: string;
  category: string;
  timestamp: string;
}

/** A file that WhatsApp has, or that cannot be sent. */
export interface MediaChange {
  mediaId: string;
  instanceId: string;
  filename?: string;
  mimeType: string;
  /** In bytes. */
  size: number;
  timestamp: string;
}

/** A batch of which nothing is left to be sent. */
export interface BatchCompletion {
  batchId: string;
  instanceId: string;
  /** Messages that were accepted. */
  accepted: number;
  /** Its messages by their status at this time; those that were sent go on. */
  counts: BatchCounts;
  /** Whether it was canceled. */
  canceled: boolean;
  timestamp: string;
}

/** A webhook of the account that is disabled, or one of whose events has no attempt left. */
export interface WebhookFailure {
  webhookId: string;
  instanceId: string;
  url: string;
  /** What went wrong at last. */
  reason: string;
  /** The event that was not delivered: this and the next three are of `webhook.exhausted`. */
  event?: string;
  /** The header `webhook-id` of that event. */
  eventId?: string;
  /** The message or instance that it is about. */
  subject?: string;
  attempts?: number;
  timestamp: string;
}

export type MessageSentEvent = EventOf<'message.sent', MessageProgress<'sent'>>;
export type MessageDeliveredEvent = EventOf<'message.delivered', MessageProgress<'delivered'>>;
export type MessageReadEvent = EventOf<'message.read', MessageProgress<'read'>>;
export type MessageFailedEvent = EventOf<'message.failed', MessageProgress<'failed'> & { error: Failure }>;
export type MessageReceivedEvent = EventOf<'message.received', ReceivedMessage>;
export type InstanceConnectedEvent = EventOf<'instance.connected', InstanceChange>;
export type InstanceDisconnectedEvent = EventOf<'instance.disconnected', InstanceChange>;
export type InstanceUpdatedEvent = EventOf<'instance.updated', InstanceUpdate>;
export type TemplateUpdatedEvent = EventOf<'template.updated', TemplateUpdate>;
export type ContactUpdatedEvent = EventOf<'contact.updated', ContactUpdate>;
export type ContactOptedOutEvent = EventOf<'contact.opted_out', ContactPreference>;
export type ContactOptedInEvent = EventOf<'contact.opted_in', ContactPreference>;
export type MediaReadyEvent = EventOf<'media.ready', MediaChange & { status: 'ready' }>;
export type MediaFailedEvent = EventOf<'media.failed', MediaChange & { status: 'failed'; error: Failure }>;
export type BatchCompletedEvent = EventOf<'batch.completed', BatchCompletion>;
export type WebhookExhaustedEvent = EventOf<'webhook.exhausted', WebhookFailure>;
export type WebhookDisabledEvent = EventOf<'webhook.disabled', WebhookFailure>;

export type WebhookEvent =
  | MessageSentEvent
  | MessageDeliveredEvent
  | MessageReadEvent
  | MessageFailedEvent
  | MessageReceivedEvent
  | InstanceConnectedEvent
  | InstanceDisconnectedEvent
  | InstanceUpdatedEvent
  | TemplateUpdatedEvent
  | ContactUpdatedEvent
  | ContactOptedOutEvent
  | ContactOptedInEvent
  | MediaReadyEvent
  | MediaFailedEvent
  | BatchCompletedEvent
  | WebhookExhaustedEvent
  | WebhookDisabledEvent;

/** The events that only an account's operator webhook receives. The log of deliveries names them as well. */
export type OperatorEventName = 'webhook.exhausted' | 'webhook.disabled';

/** The events that a webhook can subscribe to. `instance.qr_updated` is accepted and never published. */
export type EventName = Exclude<WebhookEvent['event'], OperatorEventName> | 'instance.qr_updated';

/** What webhooks tell: a union that `event` tells apart. */

import type { InstanceStatus } from './instances.js';
import type { Json, JsonObject } from './json.js';
import type { Failure } from './messages.js';

interface Told<Name extends string, Data> {
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
}

export interface ReceivedMessage {
  messageId: string;
  instanceId: string;
  chatId: string;
  from: string;
  type: string;
  content: Json;
  contactName: string | null;
  isGroup: boolean;
  timestamp: string;
}

export interface InstanceChange {
  instanceId: string;
  status?: InstanceStatus;
  reason?: string;
  timestamp?: string;
}

export type MessageSentEvent = Told<'message.sent', MessageProgress<'sent'>>;
export type MessageDeliveredEvent = Told<'message.delivered', MessageProgress<'delivered'>>;
export type MessageReadEvent = Told<'message.read', MessageProgress<'read'>>;
export type MessageFailedEvent = Told<'message.failed', MessageProgress<'failed'> & { error: Failure }>;
export type MessageReceivedEvent = Told<'message.received', ReceivedMessage>;
export type InstanceConnectedEvent = Told<'instance.connected', InstanceChange>;
export type InstanceDisconnectedEvent = Told<'instance.disconnected', InstanceChange>;

export type WebhookEvent =
  | MessageSentEvent
  | MessageDeliveredEvent
  | MessageReadEvent
  | MessageFailedEvent
  | MessageReceivedEvent
  | InstanceConnectedEvent
  | InstanceDisconnectedEvent;

/** What a webhook may be registered for. `instance.qr_updated` is taken and never told. */
export type EventName = WebhookEvent['event'] | 'instance.qr_updated';

/** The events that webhooks receive: a union discriminated by `event`. */

import type { InstanceStatus } from './instances.js';
import type { Json, JsonObject } from './json.js';
import type { Failure } from './messages.js';

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

export type MessageSentEvent = EventOf<'message.sent', MessageProgress<'sent'>>;
export type MessageDeliveredEvent = EventOf<'message.delivered', MessageProgress<'delivered'>>;
export type MessageReadEvent = EventOf<'message.read', MessageProgress<'read'>>;
export type MessageFailedEvent = EventOf<'message.failed', MessageProgress<'failed'> & { error: Failure }>;
export type MessageReceivedEvent = EventOf<'message.received', ReceivedMessage>;
export type InstanceConnectedEvent = EventOf<'instance.connected', InstanceChange>;
export type InstanceDisconnectedEvent = EventOf<'instance.disconnected', InstanceChange>;

export type WebhookEvent =
  | MessageSentEvent
  | MessageDeliveredEvent
  | MessageReadEvent
  | MessageFailedEvent
  | MessageReceivedEvent
  | InstanceConnectedEvent
  | InstanceDisconnectedEvent;

/** The events that a webhook can subscribe to. `instance.qr_updated` is accepted and never published. */
export type EventName = WebhookEvent['event'] | 'instance.qr_updated';

/** Messages: send, get the status, cancel, mark as read, list. */

import { randomUUID } from 'node:crypto';

import type { ContactCard, Location, MessageReaction, SendBody, Template } from './content.js';
import { type CallOptions, type Http, segment } from './http.js';
import { checkedKey } from './idempotency-key.js';
import type { Interactive } from './interactive.js';
import type { Json, JsonObject } from './json.js';

/** `scheduled` is the status of a message before its `sendAt`. */
export type MessageStatus = 'scheduled' | 'queued' | 'sent' | 'delivered' | 'read' | 'failed';

/** The status of what was accepted: `scheduled` if it has a `sendAt` in the future. */
export type AcceptedStatus = 'queued' | 'scheduled';

export interface SendAnswer {
  success: true;
  messageId: string;
  status: AcceptedStatus;
  timestamp: string;
}

export type FailureCode =
  | 'expired'
  | 'canceled'
  | 'unknown_outcome'
  | 'instance_disconnected'
  | 'unsupported_media_type'
  | 'media_too_large'
  | 'invalid_phone_number'
  | 'phone_number_required'
  | 'recipient_unreachable'
  | 'outside_window'
  | 'template_rejected'
  | 'blocked_by_policy'
  | 'recipient_opted_out'
  | 'payment_required'
  | 'provider_error'
  | (string & {});

/** Why a message failed. */
export interface Failure {
  code: FailureCode;
  message: string;
  /** WhatsApp's own error code. */
  providerCode?: number;
}

/** What a message costs at WhatsApp, in WhatsApp's own words. */
export interface Pricing {
  /** Such as `marketing`, `utility`, `authentication` or `service`. */
  category?: string;
  /** `regular`, `free_customer_service` or `free_entry_point`. */
  type?: string;
  billable?: boolean;
}

export interface MessageState {
  messageId: string;
  status: MessageStatus;
  to: string;
  sentAt: string | null;
  deliveredAt: string | null;
  readAt: string | null;
  /** When a voice message was first played. */
  playedAt?: string;
  pricing?: Pricing;
  error?: Failure;
}

/** What a message answers, reacts to, edits or repeats. */
export interface MessageContext {
  /** WhatsApp's id of that message. */
  providerId?: string;
  /** Our id of it, if it is one of the instance's last 200 to this person, or received. */
  messageId?: string;
  /** Who wrote it. */
  from?: string;
  forwarded?: boolean;
  frequentlyForwarded?: boolean;
  referredProduct?: { catalogId?: string; productRetailerId?: string };
}

/** An uploaded file that was sent. What is known of it is absent in messages of earlier versions. */
export interface SentFile {
  id: string;
  mimeType?: string;
  /** Bytes. */
  size?: number;
  /** Until when it can be sent. */
  expiresAt?: string;
}

/** The file of a received message. */
export interface ReceivedFile {
  /** WhatsApp's id of it. */
  id: string;
  /** Its type, as its sender's app gave it. */
  mimeType?: string;
  /** WhatsApp's SHA-256 of it, in base64. */
  sha256?: string;
  /** Until when WhatsApp keeps it. One that was fetched by then is kept as long as its message. */
  expiresAt?: string;
}

/** What a received message has in lists and in events. */
export interface ReceivedFields {
  media?: ReceivedFile;
  /** The text below a file. */
  caption?: string;
  /** The name of a document. */
  filename?: string;
  /** WhatsApp's own object of a message that is not text. */
  details?: JsonObject;
  /** The path of that object, if it is too large: `getDetails`. */
  detailsUrl?: string;
  /** The sender's profile name. */
  contactName?: string | null;
  isGroup?: boolean;
  group?: { id: string };
  /** WhatsApp's id of the sender. */
  userId?: string;
  username?: string;
  context?: MessageContext;
  /** The ad that the message came from: WhatsApp's own object. */
  referral?: JsonObject;
  /** Why WhatsApp does not show the message: WhatsApp's own list. */
  errors?: JsonObject[];
}

interface ListedMessage {
  messageId: string;
  /** WhatsApp's id of it. */
  providerId?: string;
  instanceId: string;
  chatId: string;
  type: string;
  /** The text, or a file's caption. */
  content: string | null;
  timestamp: string;
  /** Sorts the messages of an instance as its history does. */
  sequence: string;
  status: MessageStatus;
  sentAt?: string;
  deliveredAt?: string;
  readAt?: string;
  /** When a voice message was first played. */
  playedAt?: string;
  pricing?: Pricing;
}

export interface InboundMessage extends ListedMessage, ReceivedFields {
  direction: 'inbound';
  from: string;
}

export interface OutboundMessage extends ListedMessage {
  direction: 'outbound';
  to: string;
  /** What it replies to, by the id that was given. */
  context?: { messageId?: string; providerId?: string };
  mediaUrl?: string;
  caption?: string;
  filename?: string;
  metadata?: JsonObject;
  /** The customer's own number of it. */
  reference?: string;
  /** Why it failed. */
  error?: Failure;
  failedAt?: string;
  /** How long it may wait to be sent, in seconds. */
  expiresIn?: number;
  /** When it is to be sent, if that was in the future. */
  sendAt?: string;
  /** The batch that it was sent in. */
  batchId?: string;
  /** The file, if it was sent by its id. */
  media?: SentFile;
  template?: Template;
  interactive?: Interactive;
  location?: Location;
  contacts?: ContactCard[];
  reaction?: MessageReaction;
}

export type Message = InboundMessage | OutboundMessage;

export interface ListMessagesQuery {
  /** Required, but with `reference`, `batchId` or `status: 'failed'`. */
  instanceId?: string;
  phone?: string;
  userId?: string;
  chatId?: string;
  /** Messages that were sent with it, of all instances or of one. */
  reference?: string;
  /** Messages of a batch, in the order of its recipients: the next page begins `after` the last message of this one. */
  batchId?: string;
  direction?: 'inbound' | 'outbound';
  type?: string;
  status?: MessageStatus;
  /** The earliest time, such as `2026-02-03T12:00:00Z`. */
  from?: string;
  /** The latest time. */
  to?: string;
  /** 1 to 100; 50 by default. */
  limit?: number;
  /** The id of a message: lists older messages. */
  before?: string;
  /** The id of a message: lists newer messages. */
  after?: string;
}

export interface MessageList {
  /** Newest first; those of a batch in the order of its recipients. */
  data: Message[];
  pagination: { hasMore: boolean; nextCursor: string | null };
}

/** Where the file of a received message can be got, until `expiresAt`. */
export interface MediaUrl {
  url: string;
  expiresAt: string;
}

/** One thing that happened to a message, or that is going to. */
export interface TimelineEntry {
  /** `due` and `expires` are of a message that waits: when it may leave, and until when. */
  type:
    | 'accepted'
    | 'received'
    | 'due'
    | 'expires'
    | 'sent'
    | 'delivered'
    | 'read'
    | 'played'
    | 'failed'
    | 'webhookAttempt';
  at: string;
  /** WhatsApp's id of the message, of `sent` and `received`. */
  providerId?: string;
  /** Why it failed, of `failed`. */
  error?: Failure;
  /** Of `webhookAttempt`. */
  webhook?: {
    webhookId: string;
    event: string;
    /** The header `webhook-id`. */
    eventId: string;
    status: 'success' | 'failed';
    statusCode: number | null;
    /** In milliseconds. */
    responseTime: number;
    error?: string;
    retryCount: number;
    nextRetryAt?: string;
  };
}

export interface Timeline {
  messageId: string;
  status: MessageStatus;
  /** Attempts at sending it that were started. */
  attempts: number;
  /** Whether nobody knows yet if WhatsApp took the last attempt: it is not made again, and is decided within 15 minutes. */
  outcomeUnknown?: boolean;
  /** In the order of time. */
  entries: TimelineEntry[];
  /** What happened or may have happened, and is not stored. */
  notShown: ('earlier_attempts' | 'webhook_attempts' | 'successful_webhook_attempts' | 'older_webhook_attempts')[];
}

export interface SendOptions extends CallOptions {
  /** 1 to 255 ASCII characters. The same key and body, from whichever process, make one message. */
  idempotencyKey?: string | undefined;
}

export interface ReadOptions extends CallOptions {
  /** Shows that an answer is being typed, until it comes or for 25 seconds. */
  typing?: boolean;
}

export class Messages {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Sends a message once, however often the request has to be repeated. */
  async send(body: SendBody, { idempotencyKey = randomUUID(), signal }: SendOptions = {}): Promise<SendAnswer> {
    const key = checkedKey(idempotencyKey);
    return this.#http.answer({ method: 'POST', path: '/messages/send', body, idempotencyKey: key, signal });
  }

  /** Gets a message that was sent or received. */
  async get(id: string, { signal }: CallOptions = {}): Promise<Message> {
    return this.#http.data({ method: 'GET', path: `/messages/${segment(id)}`, signal });
  }

  /** Gets the status of a message. */
  async getStatus(id: string, { signal }: CallOptions = {}): Promise<MessageState> {
    return this.#http.data({ method: 'GET', path: `/messages/${segment(id)}/status`, signal });
  }

  /** Gets what happened to a message, as far as it is stored. */
  async getTimeline(id: string, { signal }: CallOptions = {}): Promise<Timeline> {
    return this.#http.data({ method: 'GET', path: `/messages/${segment(id)}/timeline`, signal });
  }

  /** Gets WhatsApp's own object of a received message: what an event with a `detailsUrl` leaves out. */
  async getDetails(id: string, { signal }: CallOptions = {}): Promise<Json> {
    return this.#http.data({ method: 'GET', path: `/messages/${segment(id)}/details`, signal });
  }

  /** Cancels a message that is still scheduled or queued. */
  async cancel(id: string, { signal }: CallOptions = {}): Promise<MessageState> {
    return this.#http.data({ method: 'DELETE', path: `/messages/${segment(id)}`, signal });
  }

  /** Marks a received message, and all earlier ones of its conversation, as read; `typing` shows that an answer comes. */
  async read(id: string, { typing, signal }: ReadOptions = {}): Promise<{ messageId: string }> {
    const path = `/messages/${segment(id)}/read`;
    return this.#http.data({ method: 'POST', path, body: typing === undefined ? {} : { typing }, signal });
  }

  /**
   * Gets a URL of the file of a received message, valid for 15 minutes, or nothing while it is fetched from WhatsApp: ask
   * again in a moment.
   */
  async getMedia(id: string, { signal }: CallOptions = {}): Promise<MediaUrl | undefined> {
    const path = `/messages/${segment(id)}/media`;
    const data = await this.#http.data<Partial<MediaUrl>>({
      method: 'GET',
      path,
      query: { redirect: 'false' },
      signal,
    });
    return data.url === undefined ? undefined : (data as MediaUrl);
  }

  /** Lists the messages of an instance, one page at a time. With filters a page may be short although more follow. */
  async list(query: ListMessagesQuery, { signal }: CallOptions = {}): Promise<MessageList> {
    return this.#http.page({ method: 'GET', path: '/messages', query: { ...query }, signal });
  }
}

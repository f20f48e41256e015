/** Messages: send, get the status, cancel, list. */

import { randomUUID } from 'node:crypto';

import { invalid } from './errors.js';
import { type CallOptions, type Http, segment } from './http.js';
import type { Json, JsonObject } from './json.js';

export type MediaType = 'image' | 'video' | 'audio' | 'document';
export type MessageStatus = 'queued' | 'sent' | 'delivered' | 'read' | 'failed';

interface Envelope {
  instanceId: string;
  /** International format without `+` and spaces: `5511999999999`; or a user id of WhatsApp's: `US.1349…`. */
  to: string;
  /** A `msg_…`, or a provider id `wamid.…`. */
  quotedMessageId?: string;
  /** Is included in every webhook of the message. */
  metadata?: JsonObject;
  /** Seconds, 1 to 86,400: a message not sent by then fails as `expired`. */
  expiresIn?: number;
}

interface NoText {
  message?: never;
}

interface NoMedia {
  mediaUrl?: never;
  mediaType?: never;
  filename?: never;
  caption?: never;
}

interface NoTemplate {
  template?: never;
}

export interface TextMessage extends Envelope, NoMedia, NoTemplate {
  message: string;
}

export interface ImageOrVideoMessage extends Envelope, NoText, NoTemplate {
  mediaUrl: string;
  mediaType: 'image' | 'video';
  caption?: string;
  filename?: never;
}

export interface AudioMessage extends Envelope, NoText, NoTemplate {
  mediaUrl: string;
  mediaType: 'audio';
  caption?: never;
  filename?: never;
}

export interface DocumentMessage extends Envelope, NoText, NoTemplate {
  mediaUrl: string;
  mediaType: 'document';
  caption?: string;
  filename?: string;
}

export interface Template {
  name: string;
  /** Such as `pt_BR`. */
  language: string;
  /** In WhatsApp's own form. */
  components?: Json[];
}

export interface TemplateMessage extends Envelope, NoText, NoMedia {
  template: Template;
}

/** Exactly one of text, media and template. */
export type SendBody = TextMessage | ImageOrVideoMessage | AudioMessage | DocumentMessage | TemplateMessage;

export interface SendAnswer {
  success: true;
  messageId: string;
  status: MessageStatus;
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

interface ListedMessage {
  messageId: string;
  type: string;
  content: Json;
  timestamp: string;
  status: MessageStatus;
  /** When a voice message was first played. */
  playedAt?: string;
  pricing?: Pricing;
}

export interface InboundMessage extends ListedMessage {
  direction: 'inbound';
  from: string;
  isGroup: boolean;
}

export interface OutboundMessage extends ListedMessage {
  direction: 'outbound';
  to: string;
}

export type Message = InboundMessage | OutboundMessage;

export interface ListMessagesQuery {
  instanceId: string;
  phone?: string;
  chatId?: string;
  /** 1 to 100; 50 by default. */
  limit?: number;
  /** The id of a message: lists older messages. */
  before?: string;
  /** The id of a message: lists newer messages. */
  after?: string;
}

export interface MessageList {
  /** Newest first. */
  data: Message[];
  pagination: { hasMore: boolean; nextCursor: string | null };
}

export interface SendOptions extends CallOptions {
  /** 1 to 255 ASCII characters. The same key and body, from whichever process, make one message. */
  idempotencyKey?: string;
}

export class Messages {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Sends a message once, however often the request has to be repeated. */
  async send(body: SendBody, { idempotencyKey = randomUUID(), signal }: SendOptions = {}): Promise<SendAnswer> {
    if (!/^[\x20-\x7e]{1,255}$/.test(idempotencyKey) || idempotencyKey.trim() === '') {
      throw invalid('Idempotency-Key', 'must have 1 to 255 ASCII characters');
    }
    return this.#http.answer({ method: 'POST', path: '/messages/send', body, idempotencyKey, signal });
  }

  /** Gets the status of a message. */
  async getStatus(id: string, { signal }: CallOptions = {}): Promise<MessageState> {
    return this.#http.data({ method: 'GET', path: `/messages/${segment(id)}/status`, signal });
  }

  /** Cancels a message that is still queued. */
  async cancel(id: string, { signal }: CallOptions = {}): Promise<MessageState> {
    return this.#http.data({ method: 'DELETE', path: `/messages/${segment(id)}`, signal });
  }

  /** Lists the messages of an instance, one page at a time. */
  async list(query: ListMessagesQuery, { signal }: CallOptions = {}): Promise<MessageList> {
    return this.#http.page({ method: 'GET', path: '/messages', query: { ...query }, signal });
  }
}

/** Conversations: when somebody last wrote, and until when WhatsApp's 24-hour window is open. */

import { type CallOptions, type Http, segment } from './http.js';

/** A conversation of an instance with a person. */
export interface Chat {
  chatId: string;
  instanceId: string;
  /** `null` when the person does not show one. */
  phone: string | null;
  /** WhatsApp's user id of the person. */
  userId: string | null;
  username: string | null;
  /** The profile name. */
  name: string | null;
  /** When the person last sent a message or called; `null` when that never happened. */
  lastInboundAt: string | null;
  /** Until when everything may be sent, and not only templates: 24 hours after `lastInboundAt`. */
  windowClosesAt: string | null;
  /** Whether the person has opted out of marketing messages. */
  optedOut: boolean;
}

export interface ListChatsQuery {
  instanceId: string;
  /** 1 to 100; 50 by default. */
  limit?: number;
  /** The `nextCursor` of the page before. */
  after?: string;
}

export interface ChatList {
  /** Who wrote last comes first. */
  data: Chat[];
  pagination: { hasMore: boolean; nextCursor: string | null };
}

export interface ChatOptions extends CallOptions {
  instanceId: string;
}

export class Chats {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Lists the conversations in which somebody has written, one page at a time. */
  async list(query: ListChatsQuery, { signal }: CallOptions = {}): Promise<ChatList> {
    return this.#http.page({ method: 'GET', path: '/chats', query: { ...query }, signal });
  }

  /** Gets a conversation by the `chatId` of any of its messages. */
  async get(chatId: string, { signal, ...query }: ChatOptions): Promise<Chat> {
    return this.#http.data({ method: 'GET', path: `/chats/${segment(chatId)}`, query, signal });
  }
}

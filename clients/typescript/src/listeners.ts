/** Listeners: an account's events, live, for somebody who watches. Use webhooks where every event counts. */

import type { WebhookEvent } from './events.js';
import { type CallOptions, type Http, segment } from './http.js';

export interface CreateListenerBody {
  /** The whole account without it. */
  instanceId?: string;
  events: string[];
}

export interface Listener {
  id: string;
  /** When it ends unless it is polled. */
  endsAt: string;
}

export interface ListenedEvents {
  /** `body` is what webhooks get. An event may come twice, with the same id. */
  data: { id: string; body: WebhookEvent }[];
  pagination: {
    /** The next poll's `after`. */
    nextCursor: string | null;
    /** Events that were left out, since there were too many at once. */
    skipped: number;
  };
}

export interface PollOptions extends CallOptions {
  after?: string;
}

export class Listeners {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Creates a listener, which ends 60 seconds after its last poll. */
  async create(body: CreateListenerBody, { signal }: CallOptions = {}): Promise<Listener> {
    return this.#http.data({ method: 'POST', path: '/listeners', body, signal });
  }

  /** Waits for events, for ten seconds at most. */
  async poll(id: string, { after, signal }: PollOptions = {}): Promise<ListenedEvents> {
    const query = after === undefined ? {} : { after };
    return this.#http.page({ method: 'GET', path: `/listeners/${segment(id)}/events`, query, signal });
  }

  /** Ends a listener: an account has at most five. */
  async delete(id: string, { signal }: CallOptions = {}): Promise<void> {
    return this.#http.data({ method: 'DELETE', path: `/listeners/${segment(id)}`, signal });
  }
}

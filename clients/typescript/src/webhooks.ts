/** Webhooks: where the API tells what happens to messages and instances, and URLs that send without a key. */

import type { EventName, WebhookEvent } from './events.js';
import { type CallOptions, type Http, segment } from './http.js';
import type { Pagination } from './instances.js';

export interface Webhook {
  id: string;
  name: string | null;
  url: string;
  instanceId: string;
  events: EventName[];
  status: 'active' | 'disabled' | (string & {});
  /** Why it was disabled, if nobody asked for it. */
  disabledReason?: string;
  logSuccess?: boolean;
  createdAt: string;
}

/** What a webhook is verified with. */
export interface WebhookSecret {
  /** `whs_…`, or the customer's own. */
  secret: string;
  /** The same in the form that Standard Webhooks libraries take: `whsec_…`. */
  signingSecret: string;
}

/** The only answer that shows the secret. */
export type CreatedWebhook = Webhook & WebhookSecret;

export interface RotatedSecret extends WebhookSecret {
  /** Until then deliveries are signed with both. */
  previousSecretExpiresAt: string;
}

export interface CreateWebhookBody {
  url: string;
  instanceId: string;
  events: EventName[];
  name?: string;
  /** 16 to 64 bytes; one is made when none is given. */
  secret?: string;
  /** Whether the log has deliveries that succeeded as well. */
  logSuccess?: boolean;
}

export interface UpdateWebhookBody extends Partial<Omit<CreateWebhookBody, 'secret' | 'instanceId'>> {
  /** `active` switches one on again that was disabled. */
  status?: 'active' | 'disabled';
}

export interface WebhookList {
  data: Webhook[];
  pagination: Pagination;
}

export interface WebhookTest {
  status: 'success' | 'failed';
  /** What the receiver answered; null when it did not. */
  statusCode: number | null;
  /** Milliseconds. */
  responseTime: number;
  payload: WebhookEvent;
}

/** One delivery. */
export interface WebhookLog {
  id: string;
  event: EventName;
  /** The `webhook-id`. */
  eventId?: string;
  messageId?: string;
  status: 'success' | 'failed';
  statusCode: number | null;
  responseTime: number;
  timestamp: string;
  error?: string;
  /** The first kilobyte of the answer. */
  response?: string;
  retryCount?: number;
  nextRetryAt?: string;
}

export interface WebhookLogsQuery {
  limit?: number;
  status?: 'success' | 'failed';
}

/** Of one message, of one row of the log, or of all messages accepted or received in a time (RFC 3339). */
export type ReplayBody = { messageId: string } | { logId: string } | { since: string; until?: string };

/** How far a replay is. */
export interface Replay {
  /** Names one that goes on. */
  replayId?: string;
  status: 'running' | 'done';
  messages: number;
  events: number;
}

export interface CreateInboundBody {
  name: string;
  instanceId: string;
}

export interface InboundUrl extends Partial<CreateInboundBody> {
  /** Holds a secret: who has it can send. */
  url: string;
  id?: string;
  createdAt?: string;
}

export class Webhooks {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async create(body: CreateWebhookBody, { signal }: CallOptions = {}): Promise<CreatedWebhook> {
    return this.#http.data({ method: 'POST', path: '/webhooks', body, signal });
  }

  async list({ signal }: CallOptions = {}): Promise<WebhookList> {
    return this.#http.page({ method: 'GET', path: '/webhooks', signal });
  }

  async get(id: string, { signal }: CallOptions = {}): Promise<Webhook> {
    return this.#http.data({ method: 'GET', path: `/webhooks/${segment(id)}`, signal });
  }

  async update(id: string, body: UpdateWebhookBody, { signal }: CallOptions = {}): Promise<Webhook> {
    return this.#http.data({ method: 'PUT', path: `/webhooks/${segment(id)}`, body, signal });
  }

  async delete(id: string, { signal }: CallOptions = {}): Promise<void> {
    return this.#http.data({ method: 'DELETE', path: `/webhooks/${segment(id)}`, signal });
  }

  /** A new secret; the one before stays good for a while. */
  async rotateSecret(id: string, { signal }: CallOptions = {}): Promise<RotatedSecret> {
    return this.#http.data({ method: 'POST', path: `/webhooks/${segment(id)}/rotate`, signal });
  }

  /** One delivery now, marked `test`. */
  async test(id: string, body: { event: EventName }, { signal }: CallOptions = {}): Promise<WebhookTest> {
    return this.#http.data({ method: 'POST', path: `/webhooks/${segment(id)}/test`, body, signal });
  }

  async getLogs(id: string, query: WebhookLogsQuery = {}, { signal }: CallOptions = {}): Promise<WebhookLog[]> {
    return this.#http.data({ method: 'GET', path: `/webhooks/${segment(id)}/logs`, query: { ...query }, signal });
  }

  /** Tells events again, under the ids that they had. */
  async replay(id: string, body: ReplayBody, { signal }: CallOptions = {}): Promise<Replay> {
    return this.#http.data({ method: 'POST', path: `/webhooks/${segment(id)}/replay`, body, signal });
  }

  async getReplay(id: string, replayId: string, { signal }: CallOptions = {}): Promise<Replay> {
    const path = `/webhooks/${segment(id)}/replays/${segment(replayId)}`;
    return this.#http.data({ method: 'GET', path, signal });
  }

  /** A URL that takes messages without a key. */
  async createInbound(body: CreateInboundBody, { signal }: CallOptions = {}): Promise<InboundUrl> {
    return this.#http.data({ method: 'POST', path: '/webhooks/inbound', body, signal });
  }
}

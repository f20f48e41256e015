/** Instances: the numbers that messages are sent from. */

import type { EventName } from './events.js';
import { type CallOptions, type Http, segment } from './http.js';
import type { JsonObject } from './json.js';

export type InstanceStatus = 'connected' | 'disconnected' | (string & {});

/** The condition of a number or its business account that pauses an instance. */
export type PauseReason =
  | 'policy'
  | 'payment_required'
  | 'account_restricted'
  | 'account_disabled'
  | (string & {});

/** WhatsApp's words for what happened to a business account. */
export interface AccountState {
  event: string;
  reason?: string;
  timestamp: string;
}

/** The settings of an instance. All but these are your own. */
export type InstanceSettings = JsonObject & {
  /** Whether a message that is not a template is sent outside the 24-hour window (the default), or refused: `outside_window`. */
  outsideWindow?: 'send' | 'refuse';
};

export interface Instance {
  id: string;
  name: string;
  status: InstanceStatus;
  phone: string | null;
  profileName: string | null;
  profilePicUrl: string | null;
  webhookUrl: string | null;
  webhookEvents: EventName[];
  settings: InstanceSettings;
  /** WhatsApp's rating of the number's quality, such as `GREEN`. */
  quality?: string | null;
  /** How many people may be written to first in a day, by WhatsApp's word, such as `TIER_2K`. */
  messagingLimit?: string | null;
  /** Messages a second, sent and received, that WhatsApp accepts from the number. */
  throughput?: number | null;
  /** Until when a condition of its number or its business account pauses it. */
  pausedUntil?: string | null;
  pauseReason?: PauseReason | null;
  /** Until when its messages wait, which are accepted meanwhile: WhatsApp wants fewer of them, or does not answer. */
  heldUntil?: string;
  /** What happened last to its business account. */
  accountState?: AccountState;
  createdAt: string;
}

export interface CreateInstanceBody {
  name: string;
  webhookUrl?: string | null;
  webhookEvents?: EventName[];
  settings?: InstanceSettings;
}

/** Absent fields stay as they are. */
export type UpdateInstanceBody = Partial<CreateInstanceBody>;

/** The number at Meta, and a token that may use it. */
export interface ConnectBody {
  method: 'official';
  businessId: string;
  phoneNumberId: string;
  accessToken: string;
  /** When the token belongs to another Meta app than the deployment's. */
  appSecret?: string;
}

export interface DisconnectBody {
  reason?: string;
}

/** Whether an instance is connected. */
export interface InstanceState {
  instanceId: string;
  status: InstanceStatus;
  phone?: string | null;
  profileName?: string | null;
  connectedAt?: string | null;
  disconnectedAt?: string | null;
  /** Why it was disconnected. */
  reason?: string | null;
  /** Until when a condition of its number or its business account pauses it. */
  pausedUntil?: string | null;
  pauseReason?: PauseReason | null;
  /** Until when its messages wait, which are accepted meanwhile: WhatsApp wants fewer of them, or does not answer. */
  heldUntil?: string;
}

export interface ListInstancesQuery {
  status?: InstanceStatus;
  limit?: number;
  offset?: number;
}

/** The position of a page in a list. */
export interface Pagination {
  total: number;
  limit: number;
  offset: number;
  hasMore: boolean;
}

export interface InstanceList {
  data: Instance[];
  pagination: Pagination;
}

export class Instances {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async create(body: CreateInstanceBody, { signal }: CallOptions = {}): Promise<Instance> {
    return this.#http.data({ method: 'POST', path: '/instances', body, signal });
  }

  async list(query: ListInstancesQuery = {}, { signal }: CallOptions = {}): Promise<InstanceList> {
    return this.#http.page({ method: 'GET', path: '/instances', query: { ...query }, signal });
  }

  async get(id: string, { signal }: CallOptions = {}): Promise<Instance> {
    return this.#http.data({ method: 'GET', path: `/instances/${segment(id)}`, signal });
  }

  async update(id: string, body: UpdateInstanceBody, { signal }: CallOptions = {}): Promise<Instance> {
    return this.#http.data({ method: 'PATCH', path: `/instances/${segment(id)}`, body, signal });
  }

  async delete(id: string, { signal }: CallOptions = {}): Promise<void> {
    return this.#http.data({ method: 'DELETE', path: `/instances/${segment(id)}`, signal });
  }

  /** Checks the number with WhatsApp and connects it. */
  async connect(id: string, body: ConnectBody, { signal }: CallOptions = {}): Promise<InstanceState> {
    return this.#http.data({ method: 'POST', path: `/instances/${segment(id)}/connect`, body, signal });
  }

  async disconnect(id: string, body: DisconnectBody = {}, { signal }: CallOptions = {}): Promise<InstanceState> {
    return this.#http.data({ method: 'POST', path: `/instances/${segment(id)}/disconnect`, body, signal });
  }

  async status(id: string, { signal }: CallOptions = {}): Promise<InstanceState> {
    return this.#http.data({ method: 'GET', path: `/instances/${segment(id)}/status`, signal });
  }
}

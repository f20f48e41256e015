/** Instances: the numbers that messages are sent from. */

import type { EventName } from './events.js';
import { type CallOptions, type Http, segment } from './http.js';
import type { JsonObject } from './json.js';

export type InstanceStatus = 'connected' | 'disconnected' | (string & {});

export interface Instance {
  id: string;
  name: string;
  status: InstanceStatus;
  phone: string | null;
  profileName: string | null;
  profilePicUrl: string | null;
  webhookUrl: string | null;
  webhookEvents: EventName[];
  settings: JsonObject;
  createdAt: string;
}

export interface CreateInstanceBody {
  name: string;
  webhookUrl?: string;
  webhookEvents?: EventName[];
  settings?: JsonObject;
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

/** The status of an instance. */
export type InstanceState = Pick<Instance, 'status'> & Partial<Instance>;

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

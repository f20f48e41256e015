/** The account of the API key. */

import type { CallOptions, Http } from './http.js';

export interface OwnAccount {
  id: string;
  name: string;
  plan: 'free' | 'starter' | 'pro' | 'enterprise';
  credits: number;
  /** What the key may do. */
  scopes: string[];
  limits: {
    /** Of each key. */
    requestsPerMinute: number;
    instances: number;
    apiKeys: number;
    inboundUrls: number;
    webhooks: number;
    webhooksPerInstance: number;
  };
}

export class Account {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Gets the plan, the credits and the limits. */
  async get({ signal }: CallOptions = {}): Promise<OwnAccount> {
    return this.#http.data({ method: 'GET', path: '/account', signal });
  }
}

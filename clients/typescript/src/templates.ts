/** Message templates, which WhatsApp keeps for each business account. */

import { type CallOptions, type Http, segment } from './http.js';
import type { JsonObject } from './json.js';

export interface MessageTemplate {
  id: string;
  name: string;
  /** Such as `pt_BR`. */
  language: string;
  /** WhatsApp's word, such as `APPROVED`. */
  status?: string;
  /** WhatsApp's word, such as `MARKETING`. */
  category?: string;
  subCategory?: string;
  /** WhatsApp's word, such as `GREEN`. */
  quality?: string;
  parameterFormat?: string;
  /** The names of the parameters in its texts. */
  parameters: string[];
  /** WhatsApp's own list. */
  components?: JsonObject[];
  rejectedReason?: string;
}

/** WhatsApp's own body, and the instance for whose business account it is. */
export type CreateTemplate = JsonObject & {
  instanceId: string;
  name: string;
  language: string;
  category: string;
  components: JsonObject[];
  /** `positional` or `named`. */
  parameter_format?: string;
};

export interface ListTemplatesQuery {
  instanceId: string;
  /** Templates with this in their name. */
  name?: string;
  status?: string;
  language?: string;
  /** 1 to 100; 50 by default. */
  limit?: number;
  /** The `nextCursor` of the page before. */
  after?: string;
}

export interface TemplateList {
  data: MessageTemplate[];
  pagination: { hasMore: boolean; nextCursor: string | null };
}

export interface TemplateOptions extends CallOptions {
  instanceId: string;
  /** Such as `pt_BR`. */
  language?: string;
}

export class Templates {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Lists templates, one page at a time. */
  async list(query: ListTemplatesQuery, { signal }: CallOptions = {}): Promise<TemplateList> {
    return this.#http.page({ method: 'GET', path: '/templates', query: { ...query }, signal });
  }

  /** Gets a template; one that exists in several languages needs the `language`. */
  async get(name: string, { signal, ...query }: TemplateOptions): Promise<MessageTemplate> {
    return this.#http.data({ method: 'GET', path: `/templates/${segment(name)}`, query, signal });
  }

  /** Asks WhatsApp to approve a template. */
  async create(
    body: CreateTemplate,
    { signal }: CallOptions = {}
  ): Promise<Pick<MessageTemplate, 'id' | 'status' | 'category'>> {
    return this.#http.data({ method: 'POST', path: '/templates', body, signal });
  }

  /** Deletes a template in one language, or in all. */
  async delete(name: string, { signal, ...query }: TemplateOptions): Promise<void> {
    return this.#http.data({ method: 'DELETE', path: `/templates/${segment(name)}`, query, signal });
  }
}

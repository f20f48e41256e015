/** The API's types, as its client for TypeScript has them, and the console's own that several files use. */
import type { Chat, Instance, Message, MessageTemplate as Template, OwnAccount, Webhook, WebhookLog } from '../../clients/typescript/src/index.js';

export type { Chat, Instance, Message, Template, Webhook, WebhookLog };

export type Account = OwnAccount & { scopes?: string[] };

export interface Store<T> {
  get(): T;
  set(value: T): void;
  subscribe(listener: (value: T) => void): () => void;
}

export interface LiveEvent {
  id: string;
  body: { event: string; timestamp: string; data: any };
}

export interface Page<T> {
  data: T[];
  pagination: { hasMore: boolean; nextCursor?: string | null; total?: number; offset?: number; limit?: number };
}

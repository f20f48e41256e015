/** Batches: one message to many recipients, or each recipient's own, with one charge. */

import { randomUUID } from 'node:crypto';

import type { BatchBody, SendAllBody } from './batch-body.js';
import { asRejected, type Batched, batched, type Fields, inWhole } from './batch-split.js';
import { type ErrorCode, PomboError, withKey } from './errors.js';
import { type CallOptions, type Http, segment } from './http.js';
import { checkedKey } from './idempotency-key.js';
import type { AcceptedStatus, MessageStatus, SendOptions } from './messages.js';
import { waitBefore } from './retry.js';

/** A recipient that was not accepted. It costs nothing. */
export interface BatchRejection {
  /** The position in `recipients`, from 0. */
  index: number;
  code: ErrorCode;
  message: string;
  /** The field of the recipient, or of the message, that it is about. */
  field?: string;
}

/** A recipient that was accepted. */
export interface BatchMessage {
  /** The position in `recipients`, from 0. */
  index: number;
  messageId: string;
}

export interface BatchAnswer {
  success: true;
  batchId: string;
  /** Messages that were accepted. Each costs a credit. */
  accepted: number;
  rejected: BatchRejection[];
  status: AcceptedStatus;
  messages: BatchMessage[];
  timestamp: string;
}

export interface Batch {
  batchId: string;
  instanceId: string;
  /** `scheduled` until its `sendAt`, `completed` when nothing of it is left to be sent. */
  status: 'scheduled' | 'sending' | 'completed' | 'canceled';
  /** Recipients that were accepted. */
  accepted: number;
  /** Recipients that were not. */
  rejected: number;
  timestamp: string;
  sendAt?: string;
  canceledAt?: string;
  completedAt?: string;
}

/** Messages by their status. */
export type BatchCounts = Record<MessageStatus, number>;

export interface BatchProgress extends Batch {
  counts: BatchCounts;
  firstSentAt?: string;
  /** So far. */
  lastSentAt?: string;
  /** When its last message will have been sent, as far as the number's other batches are known. */
  estimatedEndAt?: string;
}

export interface ListBatchesQuery {
  instanceId?: string;
  /** 1 to 100; 50 by default. */
  limit?: number;
  /** The `nextCursor` of a page: lists what follows it. */
  after?: string;
}

export interface BatchList {
  /** Newest first. */
  data: Batch[];
  pagination: { hasMore: boolean; nextCursor: string | null };
}

export interface SendAllOptions extends CallOptions {
  /** 1 to 240 ASCII characters, another for each campaign: the batches have the keys `<key>-1`, `<key>-2` and so on. */
  idempotencyKey: string;
}

/** A batch of `sendAll` that was answered. */
export interface SentBatch {
  /** Absent if none of its recipients was acceptable. */
  batchId?: string;
  idempotencyKey: string;
  accepted: number;
  /** With their positions among all recipients, from 0. */
  rejected: BatchRejection[];
  /** With their positions among all recipients, from 0. */
  messages: BatchMessage[];
  /** All recipients so far. */
  done: { recipients: number; accepted: number; rejected: number };
}

export class Batches {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Sends to 1 to 1,000 recipients in one request of at most 1 MB, once, however often the request has to be repeated. */
  async send(body: BatchBody, options: SendOptions = {}): Promise<BatchAnswer> {
    return this.#send(body, options);
  }

  /**
   * Sends to any number of recipients: batches of at most 1,000 recipients and 1 MB, one after the other. Nothing is sent
   * until you iterate; each batch that was answered is one value.
   *
   * A 429 is waited for, as long as it lasts, and so is an instance with 1,000 open batches. Any other error ends the iteration, as the `signal` does between two
   * recipients, in a call and in a wait; a `break` ends it as well. What was answered by then stays sent.
   *
   * **To go on after that, or after a crash, call it again with the same key and the same input.** Batches that were
   * accepted answer again as they did and send nothing; the rest is sent. The same input is: the same recipients in the same
   * order, each with the same fields in the same order, and the same common fields, `sendAt` included. A batch that was
   * accepted and now has other bytes is refused as `idempotency_key_reused`, and nothing of it is sent. This holds while the
   * API keeps the batches (90 days by default).
   *
   * A `sendAt` that has passed is refused for batches that were not accepted before it: send these recipients (those after
   * `done.recipients`) without it, with another key.
   *
   * @example
   * for await (const { rejected, done } of client.batches.sendAll({ instanceId, recipients }, { idempotencyKey })) {
   *   console.log(done.recipients, rejected);
   * }
   */
  async *sendAll(body: SendAllBody, options: SendAllOptions): AsyncGenerator<SentBatch, void, undefined> {
    const { idempotencyKey, signal } = options;
    checkedKey(`${checkedKey(idempotencyKey)}-${'9'.repeat(14)}`);
    const { recipients, ...common } = body;
    const done = { recipients: 0, accepted: 0, rejected: 0 };
    let number = 0;
    for await (const batch of batched(common, recipients, signal)) {
      number += 1;
      const key = `${idempotencyKey}-${number}`;
      const sent = this.#sendPatiently(common, batch, key, signal).catch((error: unknown) => {
        throw withKey(error, idempotencyKey); // the campaign's, which repeats this call
      });
      const answer = inWhole(await sent, done.recipients);
      done.recipients += batch.length;
      done.accepted += answer.accepted;
      done.rejected += answer.rejected.length;
      yield { ...answer, idempotencyKey: key, done: { ...done } };
    }
  }

  /** Gets a batch and how far it has come. */
  async get(id: string, { signal }: CallOptions = {}): Promise<BatchProgress> {
    return this.#http.data({ method: 'GET', path: `/batches/${segment(id)}`, signal });
  }

  /** Lists batches, newest first, one page at a time. */
  async list(query: ListBatchesQuery = {}, { signal }: CallOptions = {}): Promise<BatchList> {
    return this.#http.page({ method: 'GET', path: '/batches', query: { ...query }, signal });
  }

  /** Cancels what is still scheduled or queued of a batch, and gives its credits back. */
  async cancel(id: string, { signal }: CallOptions = {}): Promise<BatchProgress> {
    return this.#http.data({ method: 'DELETE', path: `/batches/${segment(id)}`, signal });
  }

  async #send(body: unknown, { idempotencyKey = randomUUID(), signal }: SendOptions): Promise<BatchAnswer> {
    const key = checkedKey(idempotencyKey);
    return this.#http.answer({ method: 'POST', path: '/messages/batch', body, idempotencyKey: key, signal });
  }

  /** Waits while the API takes no more of it: the client's own retries end sooner than a number's rate frees a slot. */
  async #sendPatiently(common: Fields, recipients: Fields[], idempotencyKey: string, signal?: AbortSignal): Promise<Batched> {
    for (let waits = 1; ; waits += 1) {
      try {
        return await this.#send({ ...common, recipients }, { idempotencyKey, ...(signal && { signal }) });
      } catch (error) {
        if (!(error instanceof PomboError)) {
          throw error;
        }
        const rejected = asRejected(error, recipients.length);
        if (rejected !== undefined) {
          return rejected;
        }
        if (!isOnlyLater(error)) {
          throw error;
        }
        await this.#http.wait(waitBefore(waits, error), signal);
      }
    }
  }
}

/** Whether the API accepts the same request later: a limit was reached, or the instance has as many open batches as it may. */
function isOnlyLater(error: PomboError): boolean {
  return error.status === 429 || (error.code === 'limit_reached' && error.field === 'instanceId');
}

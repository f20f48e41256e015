/**
 * Splits recipients into batches, always in the same way: their Idempotency-Keys are derived from their numbers, so that a
 * later version that splits otherwise could not go on with what this one began.
 */

import { isObject } from './answer.js';
import type { BatchAnswer } from './batches.js';
import { aborted, invalid, type PomboError } from './errors.js';

/** The API's limit of a batch. */
const MAX_RECIPIENTS = 1_000;
/** Bytes of a body; the API takes 1,048,576. */
const MAX_BODY = 1_000_000;
/** Bytes that the fields common to a batch may have over all of its recipients: the API's limit of 24 MB. */
const MAX_COMMON = 24 * 1_048_576;

/** The fields of a batch or of a recipient. */
export type Fields = Record<string, unknown>;

/** What became of a batch's recipients. */
export type Batched = Pick<BatchAnswer, 'accepted' | 'rejected' | 'messages'> & { batchId?: string };

/** The recipients in lists that are each a batch. */
export async function* batched(
  common: object,
  recipients: Iterable<unknown> | AsyncIterable<unknown>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Fields[], void, undefined> {
  const empty = bytes(JSON.stringify({ ...common, recipients: [] }));
  const most = Math.max(1, Math.min(MAX_RECIPIENTS, Math.floor(MAX_COMMON / empty)));
  let [batch, size, index] = [[] as Fields[], empty, 0];
  for await (const recipient of recipients) {
    throwIfAborted(signal);
    const own = JSON.stringify(checked(recipient, index));
    const more = bytes(own) + 1; // and a comma
    if (empty + more > MAX_BODY) {
      throw invalid(`recipients[${index}]`, `must leave the body of its batch at most ${MAX_BODY} bytes`);
    }
    if (batch.length === most || size + more > MAX_BODY) {
      yield batch;
      throwIfAborted(signal);
      [batch, size] = [[], empty];
    }
    batch.push(JSON.parse(own) as Fields); // as it is now: an iterator may fill the same object again
    [size, index] = [size + more, index + 1];
  }
  if (batch.length > 0) {
    throwIfAborted(signal);
    yield batch;
  }
}

/** The answer to a batch, with positions among all recipients. */
export function inWhole({ batchId, accepted, rejected, messages }: Batched, before: number): Batched {
  const shifted = <Row extends { index: number }>(row: Row): Row => ({ ...row, index: row.index + before });
  const rows = { accepted, rejected: rejected.map(shifted), messages: messages.map(shifted) };
  return batchId === undefined ? rows : { batchId, ...rows };
}

/**
 * The rejected recipients of a batch that was refused as a whole, since none of them is acceptable: the API names the first.
 * Nothing if it was refused for another reason, such as a field that all have in common.
 */
export function asRejected({ status, code, message, field = '' }: PomboError, recipients: number): Batched | undefined {
  const [, first, own] = /^recipients\[(\d+)\](?:\.(.*))?$/.exec(field) ?? [];
  if (status !== 400 || first === undefined) {
    return undefined;
  }
  const rejected = Array.from({ length: recipients }, (_, index) => ({
    index,
    code,
    message,
    ...(index === Number(first) && own !== undefined && { field: own }),
  }));
  return { accepted: 0, rejected, messages: [] };
}

function checked(recipient: unknown, index: number): Fields {
  if (!isObject(recipient)) {
    throw invalid(`recipients[${index}]`, 'must be an object: a recipient with its fields');
  }
  return recipient;
}

/** The bytes of a JSON text in a body. */
function bytes(text: string): number {
  return Buffer.byteLength(text);
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw aborted(signal.reason);
  }
}

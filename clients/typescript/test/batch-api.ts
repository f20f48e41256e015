/** A server that answers batches as the API does. */

import { type Reaction, type Running, serveBy } from './servers.js';

export interface Row {
  to: string;
  message?: string;
}

/** What the API accepted, and its reaction to a batch. A number that is not one of digits is rejected. */
export class FakeApi {
  readonly sent: Row[] = [];
  readonly #accepted = new Map<string, { body: string; answer: Reaction }>();

  react(key: string, body: string): Reaction {
    const before = this.#accepted.get(key);
    if (before !== undefined) {
      return before.body === body ? before.answer : refusal(422, 'idempotency_key_reused', 'Idempotency-Key');
    }
    const rows = (JSON.parse(body) as { recipients: Row[] }).recipients;
    const isGood = ({ to }: Row) => /^\d+$/.test(to);
    if (!rows.some(isGood)) {
      return refusal(400, 'invalid_request', 'recipients[0].to');
    }
    const of = <T>(choose: boolean, value: T) =>
      rows.flatMap((row, index) => (isGood(row) === choose ? [{ index, ...value }] : []));
    const messages = of(true, {}).map(({ index }) => ({ index, messageId: `msg_${rows[index]?.to}` }));
    const rejected = of(false, { code: 'invalid_phone_number', message: 'No.', field: 'to' });
    const batchId = `batch_${key}`;
    this.sent.push(...rows.filter(isGood));
    const answer: Reaction = {
      status: 202,
      body: { success: true, batchId, accepted: messages.length, rejected, messages, status: 'queued', timestamp: 'T' },
    };
    this.#accepted.set(key, { body, answer });
    return answer;
  }

  /** Reacts to the requests with these numbers, from 1, in another way. */
  serve(others: Record<number, Reaction> = {}): Promise<Running> {
    return serveBy(({ headers, body }, number) => others[number] ?? this.react(String(headers['idempotency-key']), body));
  }
}

export function refusal(status: number, code: string, field?: string, retryAfter?: number): Reaction {
  return { status, body: { success: false, error: { code, message: 'No.', requestId: 'req_1', field, retryAfter } } };
}

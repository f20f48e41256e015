/** Statistics: messages counted by the hour or day. */

import { type CallOptions, type Http } from './http.js';
import type { FailureCode, MessageStatus } from './messages.js';

/** Durations in milliseconds; `null` where there are none. */
export interface DurationSummary {
  count: number;
  average: number | null;
  /** Rounded up to the next power of two, as `percentile95`. */
  median: number | null;
  percentile95: number | null;
  longest: number | null;
}

export interface StatisticsCounts {
  messages: { direction: 'inbound' | 'outbound'; type: string; status: MessageStatus; count: number }[];
  failures: { code: FailureCode; count: number }[];
  /** Those that were delivered or read, among the ones sent that are not queued any more. */
  deliveryRate: number | null;
  /** Those that were read, among the ones that were delivered. */
  readRate: number | null;
  acceptedToSent: DurationSummary;
  sentToDelivered: DurationSummary;
  /** By WhatsApp's category. */
  pricing: { category: string; count: number; billable: number }[];
}

export interface StatisticsRow extends StatisticsCounts {
  from: string;
  partial: boolean;
  asOf?: string;
}

export interface Statistics {
  interval: 'hour' | 'day';
  from: string;
  to: string;
  /** Whether something is not counted yet: ask again, and the counting goes on. */
  partial: boolean;
  /** When the oldest counts that may still change were taken. */
  asOf?: string;
  total: StatisticsCounts;
  /** Hours or days in which there were messages, oldest first. */
  rows: StatisticsRow[];
}

export interface StatisticsQuery {
  instanceId?: string;
  /** Such as `2026-02-03T12:00:00Z`; extended to a whole hour or day of UTC. */
  from?: string;
  to?: string;
  /** `day` by default. */
  interval?: 'hour' | 'day';
}

export class StatisticsReader {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Counts messages of an instance or of the whole account. */
  async get(query: StatisticsQuery = {}, { signal }: CallOptions = {}): Promise<Statistics> {
    return this.#http.data({ method: 'GET', path: '/statistics', query: { ...query }, signal });
  }
}

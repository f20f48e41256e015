/** Decides whether a request may be retried without doing anything twice, and how long to wait before. */

import type { PomboError } from './errors.js';

/** The first wait is at most this long, each further one at most twice the one before. */
const FIRST_WAIT_MS = 500;
/** Never longer, unless the API says so. */
const LONGEST_WAIT_MS = 8_000;
/** The idempotent methods (RFC 9110, 9.2.2). */
const IDEMPOTENT_METHODS = ['GET', 'PUT', 'DELETE'];

/** Whether a retry is safe. */
export function isSafeToRepeat(error: PomboError, method: string, idempotencyKey: string | undefined): boolean {
  if (wasNothingDone(error)) {
    return true;
  }
  const hasKey = idempotencyKey !== undefined;
  if (error.status === 500) {
    return hasKey || method === 'GET';
  }
  return isOutcomeUnknown(error) && (hasKey || IDEMPOTENT_METHODS.includes(method));
}

function wasNothingDone(error: PomboError): boolean {
  return error.status === 429 || error.code === 'service_unavailable' || error.code === 'idempotency_in_progress';
}

/** No answer, or one of a gateway that may have lost the API's own. */
function isOutcomeUnknown(error: PomboError): boolean {
  return ['network_error', 'timeout', 'http_502', 'http_503', 'http_504'].includes(error.code);
}

/** Milliseconds to wait: what the API asks for, otherwise exponential backoff with full jitter. */
export function waitBefore(retry: number, error: PomboError): number {
  if (error.retryAfter !== undefined && error.retryAfter > 0) {
    return error.retryAfter * 1_000;
  }
  return Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, retry - 1));
}

/** Converts an HTTP response to the answer of the API or to an error. */

import { PomboError } from './errors.js';

/** A JSON object whose fields are not known yet. */
export type Fields = Record<string, unknown>;

/** Returns the answer's JSON, or nothing for 204; throws an error otherwise. */
export function readAnswer(response: Response, text: string): Fields | undefined | PomboError {
  if (response.status === 204) {
    return undefined;
  }
  const body = parseObject(text);
  if (!response.ok) {
    return refusal(response, body);
  }
  if (body?.['success'] !== true) {
    return new PomboError('invalid_answer', 'the answer is not one of the API: check the base URL', about(response));
  }
  return body;
}

function refusal(response: Response, body: Fields | undefined): PomboError {
  const error = body?.['success'] === false && isObject(body['error']) ? body['error'] : {};
  const { code, message, requestId, field, reason, providerCode, retryAfter } = error;
  const details = about(response);
  if (typeof code !== 'string' || typeof message !== 'string') {
    // The gateway's 429 means what ours does. Its 503 does not: the function may have run.
    const derived = response.status === 429 ? 'rate_limit_exceeded' : `http_${response.status}`;
    return new PomboError(derived, `HTTP ${response.status} ${response.statusText}`.trim(), details);
  }
  return new PomboError(code, message, {
    ...details,
    requestId: typeof requestId === 'string' ? requestId : details.requestId,
    field: typeof field === 'string' ? field : undefined,
    reason: typeof reason === 'string' ? reason : undefined,
    providerCode: typeof providerCode === 'number' ? providerCode : undefined,
    retryAfter: details.retryAfter ?? (typeof retryAfter === 'number' ? retryAfter : undefined),
  });
}

function about(response: Response) {
  const { status, headers } = response;
  return {
    status,
    requestId: headers.get('x-request-id') ?? undefined,
    retryAfter: seconds(headers.get('retry-after')),
  };
}

/** Retry-After has seconds or a date. */
function seconds(retryAfter: string | null): number | undefined {
  if (retryAfter === null) {
    return undefined;
  }
  if (/^\d+$/.test(retryAfter)) {
    return Number(retryAfter);
  }
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}

function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

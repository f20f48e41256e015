// The responses and errors of the API.

import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field?: string,
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

export const invalid = (field: string, message: string) => new ApiError(400, 'invalid_request', message, field);
export const unavailable = () =>
  new ApiError(503, 'service_unavailable', 'the service is not available for a moment; nothing was done, try again', undefined, 1);

export type Headers = Record<string, string>;

export function answer(status: number, body: object, requestId: string, headers: Headers = {}): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json', 'x-request-id': requestId, ...headers },
    body: JSON.stringify(body),
  };
}

export function refuse(error: unknown, requestId: string, headers: Headers = {}): APIGatewayProxyStructuredResultV2 {
  if (!(error instanceof ApiError)) {
    console.error({ event: 'request.failed', error: String(error) });
    const message = 'something went wrong on our side; the request may or may not have worked';
    return answer(500, { success: false, error: { code: 'internal_error', message, requestId } }, requestId, headers);
  }
  const { status, code, message, field, retryAfter } = error;
  const waits: Headers = retryAfter ? { 'retry-after': String(retryAfter) } : {};
  return answer(status, { success: false, error: { code, message, requestId, field, retryAfter } }, requestId, { ...headers, ...waits });
}

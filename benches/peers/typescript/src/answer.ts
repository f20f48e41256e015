// The responses of the API.

import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { ApiError, errorBody, internal } from '../../common/api_error.js';

export type Headers = Record<string, string>;

export function answer(status: number, body: object, requestId: string, headers: Headers = {}): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json', 'x-request-id': requestId, ...headers },
    body: JSON.stringify(body),
  };
}

export function refuse(error: unknown, requestId: string, headers: Headers = {}): APIGatewayProxyStructuredResultV2 {
  if (!(error instanceof ApiError)) console.error({ event: 'request.failed', error: String(error) });
  const refusal = error instanceof ApiError ? error : internal();
  const waits: Headers = refusal.retryAfter ? { 'retry-after': String(refusal.retryAfter) } : {};
  return answer(refusal.status, errorBody(refusal, requestId), requestId, { ...headers, ...waits });
}

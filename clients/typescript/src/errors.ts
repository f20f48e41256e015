/** The error class of API calls, and its codes. */

/** The error codes of the API. */
export type ApiErrorCode =
  | 'invalid_request'
  | 'invalid_phone_number'
  | 'unsupported_media_type'
  | 'media_too_large'
  | 'provider_error'
  | 'invalid_webhook_url'
  | 'missing_api_key'
  | 'invalid_api_key'
  | 'expired_api_key'
  | 'insufficient_credits'
  | 'insufficient_permissions'
  | 'invalid_instance'
  | 'instance_not_found'
  | 'message_not_found'
  | 'batch_not_found'
  | 'webhook_not_found'
  | 'chat_not_found'
  | 'media_not_found'
  | 'media_expired'
  | 'template_not_found'
  | 'invalid_template_parameters'
  | 'replay_not_found'
  | 'listener_not_found'
  | 'webhook_disabled'
  | 'replay_in_progress'
  | 'route_not_found'
  | 'method_not_allowed'
  | 'instance_disconnected'
  | 'instance_paused'
  | 'outside_window'
  | 'recipient_opted_out'
  | 'already_connected'
  | 'instance_not_connected'
  | 'idempotency_in_progress'
  | 'not_cancelable'
  | 'media_not_ready'
  | 'limit_reached'
  | 'payload_too_large'
  | 'idempotency_key_reused'
  | 'rate_limit_exceeded'
  | 'internal_error'
  | 'service_unavailable';

/** The error codes of this client: no answer, timeout, aborted by its signal, an answer that is not the API's. */
export type ClientErrorCode = 'network_error' | 'timeout' | 'aborted' | 'invalid_answer' | `http_${number}`;

/** Later versions of the API may answer more codes. */
export type ErrorCode = ApiErrorCode | ClientErrorCode | (string & {});

/** The optional details of an error. */
export interface ErrorDetails {
  status?: number | undefined;
  requestId?: string | undefined;
  field?: string | undefined;
  reason?: string | undefined;
  providerCode?: number | undefined;
  retryAfter?: number | undefined;
  cause?: unknown;
}

/** A call that failed. */
export class PomboError extends Error {
  override readonly name = 'PomboError';
  readonly code: ErrorCode;
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** The id of the request in the API's logs. */
  readonly requestId: string | undefined;
  /** The field that the error is about. */
  readonly field: string | undefined;
  /** Why, where the code has several reasons: that of `instance_paused`. */
  readonly reason: string | undefined;
  /** WhatsApp's own error code: that of `provider_error`. */
  readonly providerCode: number | undefined;
  /** Seconds after which the call may be retried. */
  readonly retryAfter: number | undefined;
  /** The Idempotency-Key of the call, also a generated one: the same call with it does nothing twice. */
  idempotencyKey: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status ?? 0;
    this.requestId = details.requestId;
    this.field = details.field;
    this.reason = details.reason;
    this.providerCode = details.providerCode;
    this.retryAfter = details.retryAfter;
  }
}

/** The same error, with the key of its call. */
export function withKey(error: unknown, idempotencyKey: string | undefined): unknown {
  if (error instanceof PomboError) {
    error.idempotencyKey = idempotencyKey;
  }
  return error;
}

/** An invalid argument; no request is made. */
export function invalid(field: string, message: string): PomboError {
  return new PomboError('invalid_request', `${field} ${message}`, { field });
}

/** A call whose signal ended it. */
export function aborted(cause: unknown): PomboError {
  return new PomboError('aborted', 'the call was ended by its signal', { cause });
}

// The errors of the API.

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

// The body of an error's response.
export function errorBody({ code, message, field, retryAfter }: ApiError, requestId: string): object {
  return { success: false, error: { code, message, requestId, field, retryAfter } };
}

// What a client may know of an error that is no ApiError.
export const internal = () => new ApiError(500, 'internal_error', 'something went wrong on our side; the request may or may not have worked');

"""The responses and errors of the API."""

import json


class ApiError(Exception):
    def __init__(self, status: int, code: str, message: str, field: str | None = None, retry_after: int | None = None):
        super().__init__(message)
        self.status, self.code, self.field, self.retry_after = status, code, field, retry_after


def invalid(field: str, message: str) -> ApiError:
    return ApiError(400, "invalid_request", message, field)


def unavailable() -> ApiError:
    return ApiError(503, "service_unavailable", "the service is not available for a moment; nothing was done, try again", retry_after=1)


def answer(status: int, body: dict, request_id: str, headers: dict) -> dict:
    headers = {"content-type": "application/json", "x-request-id": request_id, **headers}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body, separators=(",", ":"))}


def refuse(error: ApiError, request_id: str, headers: dict) -> dict:
    details = {"code": error.code, "message": str(error), "requestId": request_id}
    if error.field:
        details["field"] = error.field
    if error.retry_after:
        details["retryAfter"] = error.retry_after
        headers = {**headers, "retry-after": str(error.retry_after)}
    return answer(error.status, {"success": False, "error": details}, request_id, headers)

"""The error class of API calls, and its codes."""

from __future__ import annotations

from typing import Literal

ApiErrorCode = Literal[
    "invalid_request",
    "invalid_phone_number",
    "unsupported_media_type",
    "media_too_large",
    "provider_error",
    "invalid_webhook_url",
    "missing_api_key",
    "invalid_api_key",
    "expired_api_key",
    "insufficient_credits",
    "insufficient_permissions",
    "invalid_instance",
    "instance_not_found",
    "message_not_found",
    "batch_not_found",
    "webhook_not_found",
    "chat_not_found",
    "listener_not_found",
    "media_not_found",
    "media_expired",
    "template_not_found",
    "invalid_template_parameters",
    "replay_not_found",
    "webhook_disabled",
    "replay_in_progress",
    "route_not_found",
    "method_not_allowed",
    "instance_disconnected",
    "instance_paused",
    "outside_window",
    "recipient_opted_out",
    "already_connected",
    "instance_not_connected",
    "idempotency_in_progress",
    "not_cancelable",
    "media_not_ready",
    "limit_reached",
    "payload_too_large",
    "idempotency_key_reused",
    "rate_limit_exceeded",
    "internal_error",
    "service_unavailable",
]
"""The error codes of the API. Later versions may answer more."""

ClientErrorCode = Literal["network_error", "timeout", "invalid_answer"]
"""The error codes of this client, beside `http_502` and the like: a gateway answered instead of the API."""


class PomboError(Exception):
    """A call that failed."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 0,
        request_id: str | None = None,
        field: str | None = None,
        reason: str | None = None,
        provider_code: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        """A code of the API or of this client."""
        self.message = message
        self.status = status
        """The HTTP status; 0 when there was no answer."""
        self.request_id = request_id
        """The id of the request in the API's logs."""
        self.field = field
        """The field that the error is about, by the API's name."""
        self.reason = reason
        """Why, where the code has several reasons: that of `instance_paused`."""
        self.provider_code = provider_code
        """WhatsApp's own error code: that of `provider_error`."""
        self.retry_after = retry_after
        """Seconds after which the call may be retried."""
        self.idempotency_key: str | None = None
        """The Idempotency-Key of the call, also a generated one: the same call with it does nothing twice."""

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def invalid(field: str, message: str) -> PomboError:
    """An invalid argument; no request is made."""
    return PomboError("invalid_request", f"{field} {message}", field=field)

"""What happened to a message."""

from typing import Literal

from typing_extensions import NotRequired, TypedDict

from .messages import Failure, MessageStatus


class WebhookAttempt(TypedDict):
    """An attempt at telling a webhook of an event."""

    webhookId: str
    event: str
    eventId: str
    """The header `webhook-id`."""
    status: Literal["success", "failed"]
    statusCode: int | None
    responseTime: int
    """In milliseconds."""
    error: NotRequired[str]
    retryCount: int
    nextRetryAt: NotRequired[str]


class TimelineEntry(TypedDict):
    """One thing that happened. `due` and `expires` are of a message that waits: when it may leave, and until when."""

    type: Literal[
        "accepted",
        "received",
        "due",
        "expires",
        "sent",
        "delivered",
        "read",
        "played",
        "failed",
        "webhookAttempt",
    ]
    at: str
    providerId: NotRequired[str]
    """WhatsApp's id of the message, of `sent` and `received`."""
    error: NotRequired[Failure]
    """Why it failed, of `failed`."""
    webhook: NotRequired[WebhookAttempt]
    """Of `webhookAttempt`."""


class Timeline(TypedDict):
    """What happened to a message, as far as it is stored."""

    messageId: str
    status: MessageStatus
    attempts: int
    """Attempts at sending it that were started."""
    outcomeUnknown: NotRequired[bool]
    """Whether nobody knows yet if WhatsApp took the last attempt: it is decided within 15 minutes."""
    entries: list[TimelineEntry]
    """In the order of time."""
    notShown: list[
        Literal["earlier_attempts", "successful_webhook_attempts", "webhook_attempts", "older_webhook_attempts"]
    ]
    """What happened or may have happened, and is not stored."""

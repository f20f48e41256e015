"""The client for the Pombo WhatsApp message-sending API."""

from ._async.client import AsyncPombo
from ._chosen_reply import chosen_reply
from ._sync.client import Pombo
from ._verify import WebhookCheck, WebhookHeaders, WebhookVerificationError, verify_webhook
from .errors import ApiErrorCode, ClientErrorCode, PomboError

__all__ = [
    "ApiErrorCode",
    "AsyncPombo",
    "ClientErrorCode",
    "Pombo",
    "PomboError",
    "WebhookCheck",
    "WebhookHeaders",
    "WebhookVerificationError",
    "chosen_reply",
    "verify_webhook",
]

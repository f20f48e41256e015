"""Verifies the signature of a webhook: the Standard Webhooks headers or, if they are missing, X-EnviaAI-Signature."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Literal, Union, cast

from .types import WebhookEvent

WebhookCheck = Literal["secret", "headers", "timestamp", "signature", "body"]
"""The check that failed."""

WebhookHeaders = Union[Mapping[str, str], Mapping[str, Sequence[str]], Iterable[tuple[str, str]]]
"""A request's headers, as web frameworks have them."""

BASE64_PREFIX = "whsec_"
"""The prefix of a secret in base64 (Standard Webhooks)."""


class WebhookVerificationError(Exception):
    """A webhook whose verification failed."""

    def __init__(self, check: WebhookCheck, message: str) -> None:
        super().__init__(message)
        self.check = check


def verify_webhook(
    body: bytes | str,
    headers: WebhookHeaders,
    secret: str,
    *,
    tolerance: float = 300.0,
    now: float | None = None,
) -> WebhookEvent:
    """Verifies a webhook and returns its event.

    Args:
        body: The raw body, as it was received.
        headers: The request's headers, by names in any case.
        secret: The webhook's secret: `whs_…`, its `whsec_…` form, or your own.
        tolerance: How many seconds the timestamp may differ from the current time.
        now: The current time in Unix seconds, for tests.

    Raises:
        WebhookVerificationError: A check failed; `check` says which.
    """
    if not isinstance(body, (bytes, str)):
        raise WebhookVerificationError("body", "the body must be raw: a string or bytes, not what was parsed")
    raw = body.encode() if isinstance(body, str) else body
    keys = _keys(secret)
    given = _lower_case(headers)
    standard = [given.get(name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")]
    envia_ai = given.get("x-enviaai-signature")
    if any(value is not None for value in standard):
        # The other signature is not checked then: while a secret is being rotated, it is made with only one of the two.
        identifier, timestamp, signatures = standard
        if identifier is None or timestamp is None or signatures is None:
            message = "webhook-id, webhook-timestamp or webhook-signature is missing"
            raise WebhookVerificationError("headers", message)
        _check_timestamp(timestamp, tolerance, time.time() if now is None else now)
        _check_standard(signatures, f"{identifier}.{timestamp}.".encode(), raw, keys)
    elif envia_ai is not None:
        _check_envia_ai(envia_ai, raw, keys)
    else:
        raise WebhookVerificationError("headers", "there is neither webhook-signature nor X-EnviaAI-Signature")
    return _parse(raw)


def _keys(secret: str) -> list[bytes]:
    """The key is the secret's own bytes. A `whsec_…` may also be those bytes in base64."""
    if not isinstance(secret, str) or secret in ("", BASE64_PREFIX):
        raise WebhookVerificationError("secret", "the secret is empty")
    keys = [secret.encode()]
    if secret.startswith(BASE64_PREFIX):
        text = secret[len(BASE64_PREFIX) :].rstrip("=")
        with suppress(binascii.Error):  # a customer's own secret that begins alike
            keys.append(base64.b64decode(text + "=" * (-len(text) % 4), validate=True))
    return [key for key in keys if key]


def _lower_case(headers: WebhookHeaders) -> dict[str, str]:
    """The headers by their names in lower case; several of one name are joined."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    found: dict[str, str] = {}
    for name, value in pairs:
        text = value if isinstance(value, str) else " ".join(value or ())
        known = found.get(name.lower())
        found[name.lower()] = text if known is None else f"{known} {text}"
    return found


def _check_timestamp(timestamp: str, tolerance: float, now: float) -> None:
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise WebhookVerificationError("timestamp", "webhook-timestamp is not a number of seconds")
    age = now - int(timestamp)
    # Not `>`, which would let everything pass when one of them is not a number.
    if not abs(age) <= tolerance:
        message = f"webhook-timestamp is {abs(age):.0f} s {'old' if age > 0 else 'ahead'}"
        raise WebhookVerificationError("timestamp", message)


def _check_standard(signatures: str, prefix: bytes, body: bytes, keys: list[bytes]) -> None:
    """One of the signatures must be valid: there are two while a secret is being rotated."""
    digests = [hmac.new(key, prefix + body, hashlib.sha256).digest() for key in keys]
    expected = ["v1," + base64.b64encode(digest).decode() for digest in digests]
    if not _any_equal(signatures.split(" "), expected):
        message = "webhook-signature is not that of this body, id, time and secret"
        raise WebhookVerificationError("signature", message)


def _check_envia_ai(signature: str, body: bytes, keys: list[bytes]) -> None:
    expected = ["sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest() for key in keys]
    if not _any_equal([signature], expected):
        raise WebhookVerificationError("signature", "X-EnviaAI-Signature is not that of this body and secret")


def _any_equal(given: list[str], expected: list[str]) -> bool:
    """Compares each in constant time."""
    # Bytes, since `compare_digest` refuses text that is not ASCII.
    pairs = [(one.encode(errors="replace"), other.encode()) for one in given for other in expected]
    return any(hmac.compare_digest(one, other) for one, other in pairs)


def _parse(body: bytes) -> WebhookEvent:
    try:
        event = json.loads(body)
    except ValueError as cause:
        raise WebhookVerificationError("body", "the body is not JSON") from cause
    is_event = isinstance(event, dict) and isinstance(event.get("event"), str) and isinstance(event.get("data"), dict)
    if not is_event:
        raise WebhookVerificationError("body", "the body is not an event")
    return cast(WebhookEvent, event)

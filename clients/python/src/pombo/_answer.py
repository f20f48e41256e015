"""Converts an HTTP response to the answer of the API or to an error."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, TypedDict

from .errors import PomboError

Fields = dict[str, Any]


@dataclass(frozen=True)
class Response:
    """An HTTP response with its whole body."""

    status: int
    reason: str
    headers: Mapping[str, str]
    """Found by name in any case."""
    content: bytes

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status <= 299


class _About(TypedDict):
    status: int
    request_id: str | None
    retry_after: float | None


def read_answer(response: Response) -> Fields | None:
    """Returns the answer's JSON, or nothing for 204; raises a `PomboError` otherwise."""
    if response.status == 204:
        return None
    body = _parse_object(response.content)
    if not response.is_success:
        raise _refusal(response, body or {})
    if body is None or body.get("success") is not True:
        message = "the answer is not one of the API: check the base URL"
        raise PomboError("invalid_answer", message, **_about(response))
    return body


def upload_refused(response: Response) -> PomboError:
    """A signed URL that takes no bytes: its answer is not the API's."""
    found = re.search(r"<Code>([^<]+)</Code>", response.content.decode(errors="replace"))
    code = found[1] if found else response.reason
    return PomboError(f"http_{response.status}", f"the upload was refused: {code}", status=response.status)


def _refusal(response: Response, body: Fields) -> PomboError:
    given = body.get("error") if body.get("success") is False else None
    error: Fields = given if isinstance(given, dict) else {}
    about = _about(response)
    code, message = _text(error.get("code")), _text(error.get("message"))
    if code is None or message is None:
        # The gateway's 429 means what the API's does. Its 503 does not: the function may have run.
        derived = "rate_limit_exceeded" if response.status == 429 else f"http_{response.status}"
        return PomboError(derived, f"HTTP {response.status} {response.reason}".strip(), **about)
    provider_code = error.get("providerCode")
    about["request_id"] = _text(error.get("requestId")) or about["request_id"]
    if about["retry_after"] is None:
        about["retry_after"] = _number(error.get("retryAfter"))
    return PomboError(
        code,
        message,
        field=_text(error.get("field")),
        reason=_text(error.get("reason")),
        provider_code=provider_code if isinstance(provider_code, int) else None,
        **about,
    )


def _about(response: Response) -> _About:
    return {
        "status": response.status,
        "request_id": response.headers.get("x-request-id"),
        "retry_after": _seconds(response.headers.get("retry-after")),
    }


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After has seconds or a date."""
    if retry_after is None:
        return None
    if re.fullmatch(r"[0-9]+", retry_after):
        return float(retry_after)
    try:
        date = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=timezone.utc)
    return max(0.0, math.ceil((date - datetime.now(timezone.utc)).total_seconds()))


def _parse_object(content: bytes) -> Fields | None:
    try:
        value = json.loads(content)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> float | None:
    return value if isinstance(value, (int, float)) else None

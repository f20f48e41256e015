"""Decides whether a request may be retried without doing anything twice, and how long to wait before."""

from __future__ import annotations

import random

from .errors import PomboError

FIRST_WAIT = 0.5
"""Seconds: the first wait is at most this long, each further one at most twice the one before."""
LONGEST_WAIT = 8.0
"""Seconds: never longer, unless the API says so."""
IDEMPOTENT_METHODS = ("GET", "PUT", "DELETE")
"""The idempotent methods that the API has (RFC 9110, 9.2.2)."""
NOTHING_DONE = ("service_unavailable", "idempotency_in_progress")
OUTCOME_UNKNOWN = ("network_error", "timeout", "http_502", "http_503", "http_504")
"""No answer, or one of a gateway that may have lost the API's own."""


def is_safe_to_repeat(error: PomboError, method: str, idempotency_key: str | None) -> bool:
    """Whether a retry can do nothing twice."""
    if error.status == 429 or error.code in NOTHING_DONE:
        return True
    has_key = idempotency_key is not None
    if error.status == 500:
        return has_key or method == "GET"
    return error.code in OUTCOME_UNKNOWN and (has_key or method in IDEMPOTENT_METHODS)


def is_only_later(error: PomboError) -> bool:
    """Whether the API accepts the same request later: a limit was reached, also of open batches of the instance."""
    return error.status == 429 or (error.code == "limit_reached" and error.field == "instanceId")


def wait_before(retry: int, error: PomboError) -> float:
    """Seconds to wait: what the API asks for, otherwise exponential backoff with full jitter."""
    if error.retry_after is not None and error.retry_after > 0:
        return error.retry_after
    limit: float = min(LONGEST_WAIT, FIRST_WAIT * 2 ** max(0, retry - 1))
    return random.uniform(0, limit)

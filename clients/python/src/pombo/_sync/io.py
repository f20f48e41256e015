"""Time and HTTP for the synchronous client. `_async/io.py` is its counterpart."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from time import monotonic
from time import sleep as sleep

import httpx

from .._answer import Response
from ..errors import PomboError
from ..types import BatchBody

__all__ = ["AnyBatchBody", "each", "fetch", "monotonic", "sleep"]


AnyBatchBody = BatchBody
"""A batch of any size."""


def each(rows: Iterable[object]) -> Generator[object, None, None]:
    """One after the other."""
    yield from rows


def fetch(client: httpx.Client, request: httpx.Request, seconds: float) -> Response:
    """The response with its body; raises a `PomboError` when there is none within so many seconds.

    A thread cannot be interrupted: the limit holds for each step (connecting, sending, each read) and is checked
    between reads, so that an answer that trickles is given up as well.
    """
    end = monotonic() + seconds
    try:
        # Redirects are not followed: that would make a GET of a POST.
        response = client.send(request, stream=True, follow_redirects=False)
        try:
            content = _read(response, end)
        finally:
            response.close()
    except httpx.TimeoutException as cause:
        raise PomboError("timeout", f"no answer within {seconds:.3g} s") from cause
    except httpx.HTTPError as cause:
        raise PomboError("network_error", f"no answer: {str(cause) or type(cause).__name__}") from cause
    return Response(response.status_code, response.reason_phrase, response.headers, content)


def _read(response: httpx.Response, end: float) -> bytes:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if monotonic() >= end:
            raise httpx.ReadTimeout("the answer was not complete in time")
    return bytes(content)

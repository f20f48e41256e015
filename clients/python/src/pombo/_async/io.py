"""Time and HTTP for the asynchronous client. `_sync/io.py` is its counterpart."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from time import monotonic
from typing import Union

import anyio
import httpx

from .._answer import Response
from ..errors import PomboError
from ..types import BatchBody, StreamedBatchBody

__all__ = ["AnyBatchBody", "each", "fetch", "monotonic", "sleep"]


AnyBatchBody = Union[BatchBody, StreamedBatchBody]
"""A batch of any size."""


async def sleep(seconds: float) -> None:
    """Waits."""
    await anyio.sleep(seconds)


async def each(rows: Iterable[object] | AsyncIterable[object]) -> AsyncGenerator[object, None]:
    """One after the other."""
    if isinstance(rows, AsyncIterable):
        async for row in rows:
            yield row
    else:
        for row in rows:
            yield row


async def fetch(client: httpx.AsyncClient, request: httpx.Request, seconds: float) -> Response:
    """The response with its body; raises a `PomboError` when there is none within so many seconds."""
    try:
        with anyio.fail_after(seconds):
            # Redirects are not followed: that would make a GET of a POST.
            response = await client.send(request, follow_redirects=False)
    except (TimeoutError, httpx.TimeoutException) as cause:
        raise PomboError("timeout", f"no answer within {seconds:.3g} s") from cause
    except httpx.HTTPError as cause:
        raise PomboError("network_error", f"no answer: {str(cause) or type(cause).__name__}") from cause
    return Response(response.status_code, response.reason_phrase, response.headers, response.content)

# Generated from `_async` by `scripts/generate_sync.py`: change that.
"""HTTP calls: sends a request, retries it where that is safe, and returns the answer or raises a PomboError."""

from __future__ import annotations

from importlib.metadata import version
from typing import TypeVar, cast

import httpx

from .._answer import Fields, Response, read_answer, upload_refused
from .._call import Call, checked_base_url, checked_key
from .._retry import is_safe_to_repeat, wait_before
from ..errors import PomboError
from . import io

T = TypeVar("T")

UPLOAD_SPEED = 100_000
"""The lowest speed of an upload, in bytes per second."""
USER_AGENT = f"pombo-python/{version('pombo-client')}"


class Http:
    """Makes calls of one API with one key."""

    def __init__(
        self,
        api_key: str,
        base_url: str,
        max_retries: int,
        timeout: float,
        total_timeout: float,
        http_client: httpx.Client | None,
    ) -> None:
        self._api_key = checked_key(api_key)
        self._origin = checked_base_url(base_url)
        self._max_retries = max_retries
        self._timeout = timeout
        self._total_timeout = total_timeout
        self._owns_client = http_client is None
        self._client = httpx.Client() if http_client is None else http_client

    def close(self) -> None:
        """Closes the connections, unless they are the caller's."""
        if self._owns_client:
            self._client.close()

    def answer(self, call: Call[T]) -> T:
        """The whole answer."""
        return cast(T, self._ask(call))

    def data(self, call: Call[T]) -> T:
        """The content of `data`; nothing for 204."""
        answer = self._ask(call)
        return cast(T, None if answer is None else answer.get("data"))

    def page(self, call: Call[T]) -> T:
        """A list with its pagination."""
        answer = self._ask(call) or {}
        return cast(T, {"data": answer.get("data"), "pagination": answer.get("pagination")})

    def put(self, url: str, headers: dict[str, str], content: bytes) -> None:
        """Puts bytes to a signed URL, which is not the API's. A repeat puts the same bytes.

        An attempt may take the total timeout and the time that the bytes need at `UPLOAD_SPEED`.
        """
        seconds = self._total_timeout + len(content) / UPLOAD_SPEED
        timeout = httpx.Timeout(seconds, connect=self._total_timeout)
        retries = 0
        while True:
            request = self._client.build_request("PUT", url, headers=headers, content=content, timeout=timeout)
            try:
                response = io.fetch(self._client, request, seconds)
                # 412: it is there already, by a put whose answer was lost: the URL takes no other bytes.
                if response.is_success or response.status == 412:
                    return
                raise upload_refused(response)
            except PomboError as error:
                retries += 1
                if retries > self._max_retries or 0 < error.status < 500:
                    raise
                io.sleep(wait_before(retries, error))

    def _ask(self, call: Call[T]) -> Fields | None:
        content, headers = call.content(), call.headers(self._api_key, USER_AGENT)
        end = io.monotonic() + self._total_timeout
        retries = 0
        while True:
            try:
                seconds = max(0.0, min(self._timeout, end - io.monotonic()))
                return read_answer(self._fetch(call, content, headers, seconds))
            except PomboError as error:
                error.idempotency_key = call.idempotency_key
                # Waits for the first request with the same key by time and not by count.
                if error.code != "idempotency_in_progress" or self._max_retries <= 0:
                    retries += 1
                wait = wait_before(retries, error)
                is_safe = is_safe_to_repeat(error, call.method, call.idempotency_key)
                if not is_safe or retries > self._max_retries or io.monotonic() + wait >= end:
                    raise
                io.sleep(wait)

    def _fetch(self, call: Call[T], content: bytes | None, headers: dict[str, str], seconds: float) -> Response:
        url = f"{self._origin}/v1{call.path}"
        parameters = call.parameters() or None
        request = self._client.build_request(
            call.method, url, params=parameters, headers=headers, content=content, timeout=seconds
        )
        return io.fetch(self._client, request, seconds)

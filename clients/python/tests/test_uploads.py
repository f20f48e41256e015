"""Uploads to storage that is slow or never announces the bytes."""

from __future__ import annotations

import time
from typing import Any

import anyio
import httpx
import pytest

from pombo import PomboError
from pombo.types import UploadMedia

from .both import Clients, Clock, Flavour
from .servers import Reaction, Reply, Seen, listening

PNG: UploadMedia = {"instanceId": "inst_1", "mimeType": "image/png"}


class SlowStorage:
    """An API whose storage takes a second to answer, and the timeouts of the requests to it."""

    def __init__(self) -> None:
        self.timeouts: list[dict[str, float]] = []

    def client(self, flavour: Flavour) -> httpx.Client | httpx.AsyncClient:
        if flavour == "sync":
            return httpx.Client(transport=httpx.MockTransport(self._react))
        return httpx.AsyncClient(transport=httpx.MockTransport(self._react_async))

    def _react(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            time.sleep(1)
        return self._answer(request)

    async def _react_async(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            await anyio.sleep(1)
        return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            self.timeouts.append(request.extensions["timeout"])
            return httpx.Response(200, content=b"stored")
        created: dict[str, Any] = {"id": "media_1", "uploadUrl": "http://127.0.0.1/put", "uploadHeaders": {}}
        data = created if request.method == "POST" else {"id": "media_1", "status": "ready"}
        return httpx.Response(200, json={"success": True, "data": data})


def test_an_upload_may_take_longer_the_more_bytes_it_puts(clients: Clients) -> None:
    storage = SlowStorage()
    own = storage.client(clients.flavour)
    media = clients("http://127.0.0.1", http_client=own, total_timeout=0.5, max_retries=0).media
    with pytest.raises(PomboError, match="timeout"):
        media.upload(PNG, b"png")
    assert media.upload(PNG, b"x" * 500_000)["status"] == "ready"
    assert storage.timeouts[-1] == {"connect": 0.5, "read": 5.5, "write": 5.5, "pool": 5.5}


def test_an_upload_asks_less_and_less_often_whether_its_bytes_have_arrived(clients: Clients, clock: Clock) -> None:
    def react(request: Seen, _: int) -> Reaction:
        created = {"id": "media_1", "uploadUrl": f"{server.url}/put", "uploadHeaders": {}}
        data = created if request.method == "POST" else {"id": "media_1", "status": "waiting"}
        return Reply(200, {"success": True, "data": data})

    with listening(react) as server:
        with pytest.raises(PomboError, match="media_1") as caught:
            clients(server.url, total_timeout=10.0).media.upload(PNG, b"png")
        assert (caught.value.code, caught.value.status) == ("timeout", 0)
    assert clock.slept == [0.5, 1.0, 2.0, 2.0, 2.0, 2.0]

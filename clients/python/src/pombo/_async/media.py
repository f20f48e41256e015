"""Files: upload one, and send it by its id."""

from __future__ import annotations

from .._call import Call, segment
from ..errors import PomboError
from ..types import CreateMedia, Media, MediaUpload, UploadMedia
from . import io
from .http import Http

FIRST_POLL = 0.5
"""Seconds that an upload waits before it asks for the second time whether its bytes have arrived."""
LONGEST_POLL = 2.0
"""Seconds that it waits at most."""


class MediaFiles:
    """Files."""

    def __init__(self, http: Http, total_timeout: float) -> None:
        self._http = http
        self._total_timeout = total_timeout

    async def create(self, body: CreateMedia) -> MediaUpload:
        """Names a file, and returns where its bytes are to be put."""
        return await self._http.data(Call[MediaUpload]("POST", "/media", body=body))

    async def get(self, media_id: str) -> Media:
        """Gets a file, and how far it is."""
        return await self._http.data(Call[Media]("GET", f"/media/{segment(media_id)}"))

    async def upload(self, file: UploadMedia, content: bytes) -> Media:
        """Uploads a file. When it returns, the file can be sent, unless its `status` is `failed`.

        Each attempt to put the bytes may take the client's `total_timeout`, and a second more for each 100 KB. Bytes
        that have not arrived `total_timeout` after they were put are a `timeout`; `get` says what becomes of them.
        """
        body: CreateMedia = {**file, "size": len(content)}
        created = await self.create(body)
        await self._http.put(created["uploadUrl"], created["uploadHeaders"], content)
        end = io.monotonic() + self._total_timeout
        wait = FIRST_POLL
        while True:
            media = await self.get(created["id"])
            if media["status"] != "waiting":
                return media
            if io.monotonic() + wait >= end:
                raise PomboError("timeout", f"the bytes of {created['id']} were put and have not arrived")
            await io.sleep(wait)
            wait = min(wait * 2, LONGEST_POLL)

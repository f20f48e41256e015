# Generated from `_async` by `scripts/generate_sync.py`: change that.
"""The client of one API with one key."""

from __future__ import annotations

from types import TracebackType

import httpx

from .account import Account
from .batches import Batches
from .chats import Chats
from .http import Http
from .instances import Instances
from .listeners import Listeners
from .media import MediaFiles
from .messages import Messages
from .statistics import StatisticsReader
from .templates import Templates
from .webhooks import Webhooks


class Pombo:
    """The client of one API with one key. Close it, or use it in a `with` statement."""

    def __init__(
        self,
        api_key: str,
        base_url: str,
        *,
        max_retries: int = 3,
        timeout: float = 30.0,
        total_timeout: float = 90.0,
        http_client: httpx.Client | None = None,
    ) -> None:
        """Creates a client; makes no request.

        Args:
            api_key: An API key.
            base_url: The base URL of the API, with or without `/v1`.
            max_retries: The maximum number of retries of a call.
            timeout: Seconds that one attempt may take.
            total_timeout: Seconds that a call may take with all its attempts and waits. `media.upload` may take longer.
            http_client: Replaces the client's own connections, for proxies and certificates. It is not closed.
        """
        http = Http(api_key, base_url, max_retries, timeout, total_timeout, http_client)
        self._http = http
        self.account = Account(http)
        self.messages = Messages(http)
        self.batches = Batches(http)
        self.chats = Chats(http)
        self.media = MediaFiles(http, total_timeout)
        self.templates = Templates(http)
        self.instances = Instances(http)
        self.webhooks = Webhooks(http)
        self.statistics = StatisticsReader(http)
        self.listeners = Listeners(http)

    def close(self) -> None:
        """Closes the client's connections."""
        self._http.close()

    def __enter__(self) -> Pombo:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

"""An account's events, live, for somebody who watches. Use webhooks where every event counts."""

from __future__ import annotations

from .._call import Call, segment
from ..types import CreateListenerBody, ListenedEvents, Listener
from .http import Http


class Listeners:
    """Listeners."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def create(self, body: CreateListenerBody) -> Listener:
        """Creates a listener, which ends 60 seconds after its last poll."""
        return await self._http.data(Call[Listener]("POST", "/listeners", body=body))

    async def poll(self, listener_id: str, *, after: str | None = None) -> ListenedEvents:
        """Waits for events, for ten seconds at most.

        Args:
            listener_id: The listener.
            after: The `nextCursor` of the poll before.
        """
        path = f"/listeners/{segment(listener_id)}/events"
        query = {} if after is None else {"after": after}
        return await self._http.page(Call[ListenedEvents]("GET", path, query=query))

    async def delete(self, listener_id: str) -> None:
        """Ends a listener: an account has at most five."""
        await self._http.data(Call[None]("DELETE", f"/listeners/{segment(listener_id)}"))

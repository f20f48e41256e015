"""The account of the API key."""

from __future__ import annotations

from .._call import Call
from ..types import OwnAccount
from .http import Http


class Account:
    """The account of the API key."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def get(self) -> OwnAccount:
        """Gets the plan, the credits and the limits."""
        return await self._http.data(Call[OwnAccount]("GET", "/account"))

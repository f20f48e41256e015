"""Conversations: when somebody last wrote, and until when WhatsApp's 24-hour window is open."""

from __future__ import annotations

from .._call import Call, segment
from ..types import Chat, ChatList, ListChatsQuery
from .http import Http


class Chats:
    """Conversations."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def list(self, query: ListChatsQuery) -> ChatList:
        """Lists the conversations in which somebody has written, one page at a time."""
        return await self._http.page(Call[ChatList]("GET", "/chats", query=query))

    async def get(self, chat_id: str, *, instance_id: str) -> Chat:
        """Gets a conversation by the `chatId` of any of its messages."""
        path = f"/chats/{segment(chat_id)}"
        return await self._http.data(Call[Chat]("GET", path, query={"instanceId": instance_id}))

"""Conversations."""

from typing_extensions import NotRequired, TypedDict

from .pages import CursorPage


class Chat(TypedDict):
    """A conversation of an instance with a person."""

    chatId: str
    instanceId: str
    phone: str | None
    """`None` when the person does not show one."""
    userId: str | None
    """WhatsApp's user id of the person."""
    username: str | None
    name: str | None
    """The profile name."""
    lastInboundAt: str | None
    """When the person last sent a message or called; `None` when that never happened."""
    windowClosesAt: str | None
    """Until when everything may be sent, and not only templates: 24 hours after `lastInboundAt`."""
    optedOut: bool
    """Whether the person has opted out of marketing messages."""


class ListChatsQuery(TypedDict):
    """Which conversations to list."""

    instanceId: str
    limit: NotRequired[int]
    """1 to 100; 50 by default."""
    after: NotRequired[str]
    """The `nextCursor` of the page before."""


class ChatList(TypedDict):
    """A page of conversations: who wrote last comes first."""

    data: list[Chat]
    pagination: CursorPage

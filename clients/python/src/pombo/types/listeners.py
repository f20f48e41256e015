"""An account's events, live, for somebody who watches."""

from typing_extensions import NotRequired, TypedDict

from .events import WebhookEvent


class CreateListenerBody(TypedDict):
    """A new listener."""

    instanceId: NotRequired[str]
    """The whole account without it."""
    events: list[str]


class Listener(TypedDict):
    """A listener."""

    id: str
    endsAt: str
    """When it ends unless it is polled."""


class ListenedEvent(TypedDict):
    """An event. It may come twice, with the same id."""

    id: str
    body: WebhookEvent
    """What webhooks get."""


class ListenerPage(TypedDict):
    """Where the next poll begins."""

    nextCursor: str | None
    """The next poll's `after`."""
    skipped: int
    """Events that were left out, since there were too many at once."""


class ListenedEvents(TypedDict):
    """The events of a poll."""

    data: list[ListenedEvent]
    pagination: ListenerPage

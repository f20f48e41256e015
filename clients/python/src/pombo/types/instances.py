"""Instances."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from typing_extensions import NotRequired, TypedDict

from .events import EventName
from .pages import OffsetPage
from .states import AccountState, InstanceStatus, PauseReason


class Instance(TypedDict):
    """A number that messages are sent from."""

    id: str
    name: str
    status: InstanceStatus
    phone: str | None
    profileName: str | None
    profilePicUrl: str | None
    webhookUrl: str | None
    webhookEvents: list[EventName]
    settings: dict[str, Any]
    """`outsideWindow` is `send` (the default) or `refuse`; all others are your own."""
    quality: NotRequired[str | None]
    """WhatsApp's rating of the number's quality, such as `GREEN`."""
    messagingLimit: NotRequired[str | None]
    """How many people may be written to first in a day, by WhatsApp's word, such as `TIER_2K`."""
    throughput: NotRequired[int | None]
    """Messages a second, sent and received, that WhatsApp accepts from the number."""
    pausedUntil: NotRequired[str | None]
    """Until when a condition of its number or its business account pauses it."""
    pauseReason: NotRequired[PauseReason | None]
    heldUntil: NotRequired[str]
    """Until when its messages wait, which are accepted meanwhile: WhatsApp wants fewer of them, or does not answer."""
    accountState: NotRequired[AccountState]
    """What happened last to its business account."""
    createdAt: str


class CreateInstanceBody(TypedDict):
    """A new instance."""

    name: str
    webhookUrl: NotRequired[str | None]
    webhookEvents: NotRequired[Sequence[EventName]]
    settings: NotRequired[Mapping[str, Any]]
    """`outsideWindow` is `send` (the default) or `refuse`; all others are your own."""


class UpdateInstanceBody(TypedDict, total=False):
    """Changes of an instance; absent fields stay as they are."""

    name: str
    webhookUrl: str | None
    """`None` removes the webhook."""
    webhookEvents: Sequence[EventName]
    settings: Mapping[str, Any]


class ConnectBody(TypedDict):
    """The number at Meta, and a token that may use it."""

    method: Literal["official"]
    businessId: str
    phoneNumberId: str
    accessToken: str
    appSecret: NotRequired[str]
    """When the token belongs to another Meta app than the deployment's."""


class DisconnectBody(TypedDict, total=False):
    """Why an instance is disconnected."""

    reason: str


class InstanceState(TypedDict):
    """Whether an instance is connected."""

    instanceId: str
    status: InstanceStatus
    phone: NotRequired[str | None]
    profileName: NotRequired[str | None]
    connectedAt: NotRequired[str | None]
    disconnectedAt: NotRequired[str | None]
    reason: NotRequired[str | None]
    """Why it was disconnected."""
    pausedUntil: NotRequired[str | None]
    """Until when a condition of its number or its business account pauses it."""
    pauseReason: NotRequired[PauseReason | None]
    heldUntil: NotRequired[str]
    """Until when its messages wait, which are accepted meanwhile: WhatsApp wants fewer of them, or does not answer."""


class ListInstancesQuery(TypedDict, total=False):
    """Which instances to list."""

    status: InstanceStatus
    limit: int
    offset: int


class InstanceList(TypedDict):
    """A page of instances."""

    data: list[Instance]
    pagination: OffsetPage

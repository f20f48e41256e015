"""The events that webhooks receive. `event` tells which: a type checker narrows `data` by it."""

from typing import Any, Literal, Union

from typing_extensions import NotRequired, TypedDict

from .batches import BatchCounts
from .messages import Failure, MessageContext, Pricing, Received
from .states import AccountState, InstanceStatus, PauseReason


class _MessageProgress(TypedDict):
    messageId: str
    instanceId: str
    to: str
    timestamp: str
    metadata: NotRequired[dict[str, Any]]
    reference: NotRequired[str]
    """The customer's own number of the message, such as an order's."""
    providerId: NotRequired[str]
    """WhatsApp's id, `wamid.…`."""
    pricing: NotRequired[Pricing]
    """What the message costs at WhatsApp: in the event of the status that brings it."""


class MessageSent(_MessageProgress):
    """A message that was sent."""

    status: Literal["sent"]


class MessageDelivered(_MessageProgress):
    """A message that arrived."""

    status: Literal["delivered"]


class MessageRead(_MessageProgress):
    """A message that was read."""

    status: Literal["read"]


class MessageFailed(_MessageProgress):
    """A message that failed."""

    status: Literal["failed"]
    error: Failure


# `from` is a word of Python's, so that types with it need this form.
_ReceivedEnvelope = TypedDict(
    "_ReceivedEnvelope",
    {
        "messageId": str,
        "providerId": NotRequired[str],
        "instanceId": str,
        "chatId": str,
        "from": str,
        "type": str,
        "content": Union[str, None],
        "context": NotRequired[MessageContext],
        "timestamp": str,
        "sequence": str,
    },
)


class ReceivedMessage(_ReceivedEnvelope, Received):
    """A message that was received. `from` is the phone number, or the user id of somebody who does not show one."""


class InstanceChange(TypedDict):
    """An instance that was connected or disconnected."""

    instanceId: str
    status: InstanceStatus
    phone: NotRequired[str]
    reason: NotRequired[str]
    """Why it was disconnected."""
    timestamp: str


class InstanceUpdate(TypedDict):
    """What WhatsApp says of an instance's number and its business account."""

    instanceId: str
    status: InstanceStatus
    phone: NotRequired[str]
    quality: NotRequired[str]
    messagingLimit: NotRequired[str]
    throughput: NotRequired[int]
    pausedUntil: NotRequired[str]
    pauseReason: NotRequired[PauseReason]
    accountState: NotRequired[AccountState]
    timestamp: str


class TemplateUpdate(TypedDict):
    """What has changed of a template, in words of WhatsApp's."""

    instanceId: str
    templateId: NotRequired[str]
    name: str
    language: NotRequired[str]
    status: NotRequired[str]
    category: NotRequired[str]
    previousCategory: NotRequired[str]
    upcomingCategory: NotRequired[str]
    categoryChangesAt: NotRequired[str]
    quality: NotRequired[str]
    previousQuality: NotRequired[str]
    reason: NotRequired[str]
    description: NotRequired[str]
    recommendation: NotRequired[str]
    timestamp: str


class ContactUpdate(TypedDict):
    """Another phone number or user id of somebody who is known."""

    instanceId: str
    chatId: str
    """The person's conversation, which stays."""
    aliases: list[str]
    """All phone numbers and user ids of the person."""
    timestamp: str


class ContactPreference(TypedDict):
    """Somebody who wants no marketing messages of the business, or wants them again."""

    instanceId: str
    phone: NotRequired[str]
    userId: NotRequired[str]
    parentUserId: NotRequired[str]
    category: NotRequired[str]
    timestamp: str


class _MediaChange(TypedDict):
    mediaId: str
    instanceId: str
    filename: NotRequired[str]
    mimeType: str
    size: int
    """In bytes."""
    timestamp: str


class MediaReady(_MediaChange):
    """A file that WhatsApp has."""

    status: Literal["ready"]


class MediaFailed(_MediaChange):
    """A file that cannot be sent."""

    status: Literal["failed"]
    error: Failure


class BatchCompletion(TypedDict):
    """A batch of which nothing is left to be sent."""

    batchId: str
    instanceId: str
    accepted: int
    """Messages that were accepted."""
    counts: BatchCounts
    """Its messages by their status at this time; those that were sent go on."""
    canceled: bool
    """Whether it was canceled."""
    timestamp: str


class _Event(TypedDict):
    timestamp: str
    test: NotRequired[bool]
    """Sent by `webhooks.test`."""


class MessageSentEvent(_Event):
    """`message.sent`."""

    event: Literal["message.sent"]
    data: MessageSent


class MessageDeliveredEvent(_Event):
    """`message.delivered`."""

    event: Literal["message.delivered"]
    data: MessageDelivered


class MessageReadEvent(_Event):
    """`message.read`."""

    event: Literal["message.read"]
    data: MessageRead


class MessageFailedEvent(_Event):
    """`message.failed`."""

    event: Literal["message.failed"]
    data: MessageFailed


class MessageReceivedEvent(_Event):
    """`message.received`."""

    event: Literal["message.received"]
    data: ReceivedMessage


class InstanceConnectionEvent(_Event):
    """`instance.connected` or `instance.disconnected`."""

    event: Literal["instance.connected", "instance.disconnected"]
    data: InstanceChange


class InstanceUpdatedEvent(_Event):
    """`instance.updated`."""

    event: Literal["instance.updated"]
    data: InstanceUpdate


class TemplateUpdatedEvent(_Event):
    """`template.updated`."""

    event: Literal["template.updated"]
    data: TemplateUpdate


class ContactUpdatedEvent(_Event):
    """`contact.updated`."""

    event: Literal["contact.updated"]
    data: ContactUpdate


class ContactPreferenceEvent(_Event):
    """`contact.opted_out` or `contact.opted_in`."""

    event: Literal["contact.opted_out", "contact.opted_in"]
    data: ContactPreference


class MediaReadyEvent(_Event):
    """`media.ready`."""

    event: Literal["media.ready"]
    data: MediaReady


class MediaFailedEvent(_Event):
    """`media.failed`."""

    event: Literal["media.failed"]
    data: MediaFailed


class BatchCompletedEvent(_Event):
    """`batch.completed`."""

    event: Literal["batch.completed"]
    data: BatchCompletion


WebhookEvent = Union[
    MessageSentEvent,
    MessageDeliveredEvent,
    MessageReadEvent,
    MessageFailedEvent,
    MessageReceivedEvent,
    InstanceConnectionEvent,
    InstanceUpdatedEvent,
    TemplateUpdatedEvent,
    ContactUpdatedEvent,
    ContactPreferenceEvent,
    MediaReadyEvent,
    MediaFailedEvent,
    BatchCompletedEvent,
]
"""An event. Later versions of the API may publish more."""

EventName = Literal[
    "message.sent",
    "message.delivered",
    "message.read",
    "message.failed",
    "message.received",
    "instance.connected",
    "instance.disconnected",
    "instance.updated",
    "instance.qr_updated",
    "template.updated",
    "contact.updated",
    "contact.opted_out",
    "contact.opted_in",
    "media.ready",
    "media.failed",
    "batch.completed",
]
"""The events that a webhook can subscribe to. `instance.qr_updated` is accepted and never published."""

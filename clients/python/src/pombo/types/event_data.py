"""The `data` of the events that webhooks receive."""

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
        "direction": Literal["inbound"],
        "status": Literal["delivered"],
        "chatId": str,
        "from": str,
        "type": str,
        "content": Union[str, None],
        "contactName": Union[str, None],
        "context": NotRequired[MessageContext],
        "timestamp": str,
        "sequence": str,
    },
)


class ReceivedMessage(_ReceivedEnvelope, Received):
    """A message that was received. `from` is the phone number, or the user id of somebody who does not show one."""


class ChosenReply(TypedDict):
    """A button or a row that was chosen."""

    id: str
    """The id that you gave it when you sent it; of a template's button, its payload."""
    title: str
    """What it says."""


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
    components: NotRequired[dict[str, Any]]
    """What it consists of after an edit: WhatsApp's own object."""
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
    category: str
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


class _WebhookFailure(TypedDict):
    webhookId: str
    instanceId: str
    url: str
    reason: str
    """What went wrong at last."""
    timestamp: str


class WebhookFailure(_WebhookFailure, total=False):
    """A webhook of the account that is disabled, or one of whose events has no attempt left."""

    event: str
    """The event that was not delivered: this and the next three are of `webhook.exhausted`."""
    eventId: str
    """The header `webhook-id` of that event."""
    subject: str
    """The message or instance that it is about."""
    attempts: int

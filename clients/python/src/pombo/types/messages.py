"""Messages as the API shows them."""

from typing import Any, Literal, Union

from typing_extensions import NotRequired, TypedDict

from .pages import CursorPage

MessageStatus = Literal["scheduled", "queued", "sent", "delivered", "read", "failed"]
"""`scheduled` is the status of a message before its `sendAt`."""
AcceptedStatus = Literal["queued", "scheduled"]
"""The status of what was accepted: `scheduled` if it has a `sendAt` in the future."""
Direction = Literal["inbound", "outbound"]


class SendAnswer(TypedDict):
    """The answer to `send`."""

    success: Literal[True]
    messageId: str
    status: AcceptedStatus
    timestamp: str


class Failure(TypedDict):
    """Why a message failed."""

    code: str
    """`expired`, `canceled`, `unknown_outcome`, `outside_window` and so on: a code of the API reference."""
    message: str
    providerCode: NotRequired[int]
    """WhatsApp's own error code."""


class Pricing(TypedDict, total=False):
    """What a message costs at WhatsApp, in WhatsApp's own words."""

    category: str
    """Such as `marketing`, `utility`, `authentication` or `service`."""
    type: str
    """`regular`, `free_customer_service` or `free_entry_point`."""
    billable: bool


class MessageState(TypedDict):
    """The status of a message."""

    messageId: str
    status: MessageStatus
    to: str
    sentAt: str | None
    deliveredAt: str | None
    readAt: str | None
    playedAt: NotRequired[str]
    """When a voice message was first played."""
    pricing: NotRequired[Pricing]
    error: NotRequired[Failure]


class ReferredProduct(TypedDict, total=False):
    """A product of a catalog."""

    catalogId: str
    productRetailerId: str


# `from` is a word of Python's, so that types with it need this form.
MessageContext = TypedDict(
    "MessageContext",
    {
        "messageId": str,
        "providerId": str,
        "from": str,
        "forwarded": bool,
        "frequentlyForwarded": bool,
        "referredProduct": ReferredProduct,
    },
    total=False,
)
"""What a message answers or repeats: by the API's id where that is known, and WhatsApp's."""


class Group(TypedDict):
    """A group."""

    id: str


class MediaReference(TypedDict):
    """A file that was sent by its id."""

    id: str
    mimeType: NotRequired[str]
    """Its type."""
    size: NotRequired[int]
    """Its size in bytes."""
    expiresAt: NotRequired[str]
    """Until when it can be sent."""


class SentTemplate(TypedDict):
    """The template of a message."""

    name: str
    language: str
    components: NotRequired[list[Any]]


class SentReaction(TypedDict):
    """A reaction that was sent."""

    messageId: str | None
    emoji: str


class _Listed(TypedDict):
    messageId: str
    providerId: NotRequired[str]
    """WhatsApp's id of it."""
    instanceId: str
    chatId: str
    type: str
    content: str | None
    """The text, or a file's caption."""
    timestamp: str
    sequence: str
    """Sorts the messages of an instance as its history does."""
    status: MessageStatus
    sentAt: NotRequired[str]
    deliveredAt: NotRequired[str]
    readAt: NotRequired[str]
    playedAt: NotRequired[str]
    """When a voice message was first played."""
    pricing: NotRequired[Pricing]
    context: NotRequired[MessageContext]


# `from` is a word of Python's, so that types with it need this form.
_From = TypedDict("_From", {"from": str})


class ReceivedFile(TypedDict):
    """The file of a received message."""

    id: str
    """WhatsApp's id of it."""
    mimeType: NotRequired[str]
    """Its type, as its sender's app gave it."""
    sha256: NotRequired[str]
    """WhatsApp's SHA-256 of it, in base64."""
    expiresAt: NotRequired[str]
    """Until when WhatsApp keeps it. One that was fetched by then is kept as long as its message."""


class Received(TypedDict):
    """What a received message has in lists and in events."""

    media: NotRequired[ReceivedFile]
    caption: NotRequired[str]
    """The text below a file."""
    filename: NotRequired[str]
    """The name of a document."""
    isGroup: NotRequired[bool]
    group: NotRequired[Group]
    userId: NotRequired[str]
    """WhatsApp's id of the sender."""
    username: NotRequired[str]
    details: NotRequired[dict[str, Any]]
    """WhatsApp's own object of a message that is not text."""
    detailsUrl: NotRequired[str]
    """The path of that object, if it is too large: `get_details`."""
    referral: NotRequired[dict[str, Any]]
    """The ad that the message came from: WhatsApp's own object."""
    errors: NotRequired[list[Any]]
    """Why WhatsApp does not show the message: WhatsApp's own list."""


class InboundMessage(_Listed, Received, _From):
    """A message that was received."""

    direction: Literal["inbound"]
    contactName: NotRequired[str | None]
    """The sender's profile name."""


class OutboundMessage(_Listed):
    """A message that was sent."""

    direction: Literal["outbound"]
    to: str
    mediaUrl: NotRequired[str]
    caption: NotRequired[str]
    filename: NotRequired[str]
    metadata: NotRequired[dict[str, Any]]
    reference: NotRequired[str]
    """The customer's own number of it."""
    error: NotRequired[Failure]
    """Why it failed."""
    failedAt: NotRequired[str]
    expiresIn: NotRequired[int]
    """How long it may wait to be sent, in seconds."""
    sendAt: NotRequired[str]
    """When it is to be sent, if that was in the future."""
    batchId: NotRequired[str]
    """The batch that it was sent in."""
    media: NotRequired[MediaReference]
    """The file, if it was sent by its id."""
    template: NotRequired[SentTemplate]
    interactive: NotRequired[dict[str, Any]]
    location: NotRequired[dict[str, Any]]
    contacts: NotRequired[list[Any]]
    reaction: NotRequired[SentReaction]


Message = Union[InboundMessage, OutboundMessage]
"""A message; `direction` tells which."""

# `from` is a word of Python's, so that types with it need this form.
ListMessagesQuery = TypedDict(
    "ListMessagesQuery",
    {
        "instanceId": str,
        "phone": str,
        "userId": str,
        "chatId": str,
        "reference": str,
        "batchId": str,
        "direction": Direction,
        "type": str,
        "status": MessageStatus,
        "from": str,
        "to": str,
        "limit": int,
        "before": str,
        "after": str,
    },
    total=False,
)
"""Which messages to list. `instanceId` is required, but with `reference` or `batchId`; `from` and `to` are times like
`2026-02-03T12:00:00Z`; `limit` is 1 to 100, 50 by default; `before` and `after` are ids of messages. Those of a batch
are in the order of its recipients: the next page begins `after` the last message of the one before."""


class MessageList(TypedDict):
    """A page of messages, newest first; those of a batch in the order of its recipients."""

    data: list[Message]
    pagination: CursorPage


class MediaUrl(TypedDict):
    """Where the file of a received message can be got, until `expiresAt`."""

    url: str
    expiresAt: str


class ReadAnswer(TypedDict):
    """The message that was marked as read."""

    messageId: str

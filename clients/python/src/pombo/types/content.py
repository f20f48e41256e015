"""What a message contains: exactly one type of content."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Union

from typing_extensions import NotRequired, TypedDict

from .interactive import Interactive

MediaType = Literal["image", "video", "audio", "document", "sticker", "voice"]


class MessageReaction(TypedDict):
    """A reaction to a message."""

    messageId: str
    """A `msg_…`, or a provider id `wamid.…`."""
    emoji: str
    """Empty to remove the reaction."""


class TemplateComponent(TypedDict):
    """The values of one part of a template, in WhatsApp's own form."""

    type: str
    """Such as `header`, `body` or `button`."""
    sub_type: NotRequired[str]
    """Of a button: `url`, `quick_reply` and so on."""
    index: NotRequired[int | str]
    """The place of a button, from 0."""
    parameters: NotRequired[Sequence[Mapping[str, Any]]]
    """Such as `{"type": "text", "text": "Ana"}`."""
    cards: NotRequired[Sequence[Mapping[str, Any]]]
    """Of a carousel."""


class Template(TypedDict):
    """An approved template and its parameters."""

    name: str
    language: str
    """Such as `pt_BR`."""
    components: NotRequired[Sequence[TemplateComponent]]
    """Required if the template has parameters."""


class Location(TypedDict):
    """A place."""

    latitude: float
    """Degrees, -90 to 90."""
    longitude: float
    """Degrees, -180 to 180."""
    name: NotRequired[str]
    address: NotRequired[str]


class ContactName(TypedDict):
    """The name on a card."""

    formatted_name: str
    first_name: NotRequired[str]
    last_name: NotRequired[str]
    middle_name: NotRequired[str]
    prefix: NotRequired[str]
    suffix: NotRequired[str]


class ContactPhone(TypedDict, total=False):
    """A phone number on a card."""

    phone: str
    type: str
    wa_id: str


class ContactEmail(TypedDict, total=False):
    """An email address on a card."""

    email: str
    type: str


class ContactUrl(TypedDict, total=False):
    """A website on a card."""

    url: str
    type: str


class ContactAddress(TypedDict, total=False):
    """A postal address on a card."""

    street: str
    city: str
    state: str
    zip: str
    country: str
    country_code: str
    type: str


class ContactOrganization(TypedDict, total=False):
    """Where somebody works."""

    company: str
    department: str
    title: str


class ContactCard(TypedDict):
    """A card of a person, in WhatsApp's own form."""

    name: ContactName
    phones: NotRequired[Sequence[ContactPhone]]
    emails: NotRequired[Sequence[ContactEmail]]
    urls: NotRequired[Sequence[ContactUrl]]
    addresses: NotRequired[Sequence[ContactAddress]]
    org: NotRequired[ContactOrganization]
    birthday: NotRequired[str]
    """`YYYY-MM-DD`."""


class MessageOptions(TypedDict):
    """What a message may have, whatever it contains."""

    metadata: NotRequired[Mapping[str, Any]]
    """Is included in every webhook of the message."""
    reference: NotRequired[str]
    """The customer's own number of the message, such as an order's: 1 to 64 characters."""
    expiresIn: NotRequired[int]
    """Seconds, 1 to 86,400: a message not sent by then fails as `expired`. They count from `sendAt` if there is one."""


class Origin(TypedDict):
    """What the messages of a batch have in common, whatever they contain."""

    instanceId: str
    sendAt: NotRequired[str]
    """When to send, at most 30 days ahead, with an offset: `2026-02-03T09:00:00-03:00`.

    Until then a message is `scheduled` and can be canceled."""


class Destination(TypedDict):
    """A recipient."""

    to: str
    """International format without `+` and spaces: `5511999999999`; or a user id of WhatsApp's: `US.1349…`."""


class _Common(Origin, Destination, MessageOptions):
    pass


class _Envelope(_Common):
    quotedMessageId: NotRequired[str]
    """A `msg_…`, or a provider id `wamid.…`."""


class TextMessage(_Envelope):
    """A text of at most 4,096 characters."""

    message: str
    previewUrl: NotRequired[bool]
    """Whether WhatsApp shows a preview of the first URL; true by default."""


class FileByUrl(_Envelope):
    """A file that WhatsApp fetches."""

    mediaUrl: str
    mediaType: MediaType
    """`voice` is OGG with Opus, `sticker` WebP."""
    caption: NotRequired[str]
    """For images, videos and documents: at most 1,024 characters."""
    filename: NotRequired[str]
    """For documents."""


class FileById(_Envelope):
    """A file that was uploaded."""

    mediaId: str
    mediaType: MediaType
    caption: NotRequired[str]
    """For images, videos and documents: at most 1,024 characters."""
    filename: NotRequired[str]
    """For documents, which otherwise have the name that they were uploaded with."""


class TemplateMessage(_Envelope):
    """An approved template: the only message for those who have not written within 24 hours."""

    template: Template


class InteractiveMessage(_Envelope):
    """Buttons, a list and the like."""

    interactive: Interactive


class LocationMessage(_Envelope):
    """A place."""

    location: Location


class ContactsMessage(_Envelope):
    """Cards of people."""

    contacts: Sequence[ContactCard]


class ReactionMessage(_Common):
    """A reaction to a message."""

    reaction: MessageReaction


SendBody = Union[
    TextMessage,
    FileByUrl,
    FileById,
    TemplateMessage,
    InteractiveMessage,
    LocationMessage,
    ContactsMessage,
    ReactionMessage,
]
"""A message to send."""

"""The recipients of a batch, each with the fields of its message that differ."""

from collections.abc import Sequence
from typing import Union

from typing_extensions import NotRequired

from .content import ContactCard, Destination, Location, MediaType, MessageOptions, Template
from .interactive import Interactive


class _Recipient(Destination, MessageOptions):
    quotedMessageId: NotRequired[str]
    """A `msg_…`, or a provider id `wamid.…`."""


# With a message of its own, of any type that a batch can send: all but a reaction.


class OwnText(_Recipient):
    """A recipient with a text of its own."""

    message: str
    previewUrl: NotRequired[bool]


class OwnFileByUrl(_Recipient):
    """A recipient with a file of its own."""

    mediaUrl: str
    mediaType: MediaType
    caption: NotRequired[str]
    filename: NotRequired[str]


class OwnFileById(_Recipient):
    """A recipient with an uploaded file of its own."""

    mediaId: str
    mediaType: MediaType
    caption: NotRequired[str]
    filename: NotRequired[str]


class OwnTemplate(_Recipient):
    """A recipient with a template and parameters of its own."""

    template: Template


class OwnInteractive(_Recipient):
    """A recipient with buttons or a list of its own."""

    interactive: Interactive


class OwnLocation(_Recipient):
    """A recipient with a place of its own."""

    location: Location


class OwnContacts(_Recipient):
    """A recipient with cards of its own."""

    contacts: Sequence[ContactCard]


BatchRecipient = Union[OwnText, OwnFileByUrl, OwnFileById, OwnTemplate, OwnInteractive, OwnLocation, OwnContacts]
"""A recipient with a message of its own."""


# With what all get, or their own of the same type.


class TextRecipient(_Recipient):
    """A recipient of a text."""

    message: NotRequired[str]
    previewUrl: NotRequired[bool]


class FileByUrlRecipient(_Recipient):
    """A recipient of a file."""

    mediaUrl: NotRequired[str]
    mediaType: NotRequired[MediaType]
    caption: NotRequired[str]
    filename: NotRequired[str]


class FileByIdRecipient(_Recipient):
    """A recipient of an uploaded file."""

    mediaId: NotRequired[str]
    mediaType: NotRequired[MediaType]
    caption: NotRequired[str]
    filename: NotRequired[str]


class TemplateRecipient(_Recipient):
    """A recipient of a template."""

    template: NotRequired[Template]


class InteractiveRecipient(_Recipient):
    """A recipient of buttons or a list."""

    interactive: NotRequired[Interactive]


class LocationRecipient(_Recipient):
    """A recipient of a place."""

    location: NotRequired[Location]


class ContactsRecipient(_Recipient):
    """A recipient of cards."""

    contacts: NotRequired[Sequence[ContactCard]]


class FileUrlRecipient(_Recipient):
    """A recipient whose file has the type that all have in common."""

    mediaUrl: str
    caption: NotRequired[str]
    filename: NotRequired[str]


class FileIdRecipient(_Recipient):
    """A recipient whose uploaded file has the type that all have in common."""

    mediaId: str
    caption: NotRequired[str]
    filename: NotRequired[str]

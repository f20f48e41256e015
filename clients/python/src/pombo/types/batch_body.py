"""What a batch contains: the fields that its messages share, and the recipients, each with the fields that differ."""

from collections.abc import Iterable, Sequence
from typing import Union

from typing_extensions import NotRequired

from .batch_recipients import (
    BatchRecipient,
    ContactsRecipient,
    FileByIdRecipient,
    FileByUrlRecipient,
    FileIdRecipient,
    FileUrlRecipient,
    InteractiveRecipient,
    LocationRecipient,
    TemplateRecipient,
    TextRecipient,
)
from .content import ContactCard, Location, MediaType, MessageOptions, Origin, Template
from .interactive import Interactive

# What all have in common.


class OwnInCommon(Origin, MessageOptions):
    """Nothing but where and when: each recipient has a message of its own."""

    quotedMessageId: NotRequired[str]


class TextInCommon(OwnInCommon):
    """A text for all."""

    message: str
    previewUrl: NotRequired[bool]


class FileByUrlInCommon(OwnInCommon):
    """A file for all."""

    mediaUrl: str
    mediaType: MediaType
    caption: NotRequired[str]
    filename: NotRequired[str]


class FileByIdInCommon(OwnInCommon):
    """An uploaded file for all."""

    mediaId: str
    mediaType: MediaType
    caption: NotRequired[str]
    filename: NotRequired[str]


class FilesInCommon(OwnInCommon):
    """A type of file for all, and a file for each."""

    mediaType: MediaType
    caption: NotRequired[str]
    filename: NotRequired[str]


class TemplateInCommon(OwnInCommon):
    """A template for all."""

    template: Template


class InteractiveInCommon(OwnInCommon):
    """Buttons or a list for all."""

    interactive: Interactive


class LocationInCommon(OwnInCommon):
    """A place for all."""

    location: Location


class ContactsInCommon(OwnInCommon):
    """Cards for all."""

    contacts: Sequence[ContactCard]


# And the recipients.


class OwnBatch(OwnInCommon):
    """Each recipient has a message of its own."""

    recipients: Iterable[BatchRecipient]


class TextBatch(TextInCommon):
    """A text for all."""

    recipients: Iterable[TextRecipient]


class FileByUrlBatch(FileByUrlInCommon):
    """A file for all."""

    recipients: Iterable[FileByUrlRecipient]


class FileByIdBatch(FileByIdInCommon):
    """An uploaded file for all."""

    recipients: Iterable[FileByIdRecipient]


class FilesBatch(FilesInCommon):
    """A type of file for all, and a file for each."""

    recipients: Iterable[Union[FileUrlRecipient, FileIdRecipient]]


class TemplateBatch(TemplateInCommon):
    """A template for all."""

    recipients: Iterable[TemplateRecipient]


class InteractiveBatch(InteractiveInCommon):
    """Buttons or a list for all."""

    recipients: Iterable[InteractiveRecipient]


class LocationBatch(LocationInCommon):
    """A place for all."""

    recipients: Iterable[LocationRecipient]


class ContactsBatch(ContactsInCommon):
    """Cards for all."""

    recipients: Iterable[ContactsRecipient]


BatchBody = Union[
    OwnBatch,
    TextBatch,
    FileByUrlBatch,
    FileByIdBatch,
    FilesBatch,
    TemplateBatch,
    InteractiveBatch,
    LocationBatch,
    ContactsBatch,
]
"""What all messages have in common, and the recipients: a list, or what yields them one after the other.

A recipient's own fields come in the place of the common ones."""

"""Batches whose recipients come asynchronously, such as the rows of a database."""

from collections.abc import AsyncIterable
from typing import Union

from .batch_body import (
    ContactsInCommon,
    FileByIdInCommon,
    FileByUrlInCommon,
    FilesInCommon,
    InteractiveInCommon,
    LocationInCommon,
    OwnInCommon,
    TemplateInCommon,
    TextInCommon,
)
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


class OwnStream(OwnInCommon):
    """Each recipient has a message of its own."""

    recipients: AsyncIterable[BatchRecipient]


class TextStream(TextInCommon):
    """A text for all."""

    recipients: AsyncIterable[TextRecipient]


class FileByUrlStream(FileByUrlInCommon):
    """A file for all."""

    recipients: AsyncIterable[FileByUrlRecipient]


class FileByIdStream(FileByIdInCommon):
    """An uploaded file for all."""

    recipients: AsyncIterable[FileByIdRecipient]


class FilesStream(FilesInCommon):
    """A type of file for all, and a file for each."""

    recipients: AsyncIterable[Union[FileUrlRecipient, FileIdRecipient]]


class TemplateStream(TemplateInCommon):
    """A template for all."""

    recipients: AsyncIterable[TemplateRecipient]


class InteractiveStream(InteractiveInCommon):
    """Buttons or a list for all."""

    recipients: AsyncIterable[InteractiveRecipient]


class LocationStream(LocationInCommon):
    """A place for all."""

    recipients: AsyncIterable[LocationRecipient]


class ContactsStream(ContactsInCommon):
    """Cards for all."""

    recipients: AsyncIterable[ContactsRecipient]


StreamedBatchBody = Union[
    OwnStream,
    TextStream,
    FileByUrlStream,
    FileByIdStream,
    FilesStream,
    TemplateStream,
    InteractiveStream,
    LocationStream,
    ContactsStream,
]
"""As `BatchBody`, for the asynchronous client."""

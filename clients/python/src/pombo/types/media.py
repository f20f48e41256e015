"""Files."""

from typing import Literal

from typing_extensions import NotRequired, TypedDict

from .messages import Failure

MediaStatus = Literal["waiting", "uploading", "ready", "failed"]
"""Waiting for its bytes, on its way to WhatsApp, there, or not to be sent."""


class Media(TypedDict):
    """A file."""

    id: str
    instanceId: str
    filename: NotRequired[str]
    mimeType: str
    size: int
    """In bytes."""
    status: MediaStatus
    error: NotRequired[Failure]
    """Why it cannot be sent."""
    createdAt: str
    expiresAt: str
    """Until when it can be sent."""


class UploadMedia(TypedDict):
    """What to upload."""

    instanceId: str
    filename: NotRequired[str]
    """The name that WhatsApp shows for a document."""
    mimeType: str
    """Such as `image/jpeg`."""


class CreateMedia(UploadMedia):
    """A file that is to be uploaded."""

    size: int
    """The exact size in bytes."""


class MediaUpload(TypedDict):
    """Where the bytes are to be put, until `expiresAt`."""

    id: str
    uploadUrl: str
    uploadHeaders: dict[str, str]
    """The headers that the `PUT` must have."""
    expiresAt: str
    status: MediaStatus

"""Message templates."""

from collections.abc import Mapping, Sequence
from typing import Any

from typing_extensions import NotRequired, TypedDict

from .pages import CursorPage


class MessageTemplate(TypedDict):
    """A template as WhatsApp keeps it."""

    id: str
    name: str
    language: str
    """Such as `pt_BR`."""
    status: NotRequired[str]
    """WhatsApp's word, such as `APPROVED`."""
    category: NotRequired[str]
    """WhatsApp's word, such as `MARKETING`."""
    subCategory: NotRequired[str]
    quality: NotRequired[str]
    """WhatsApp's word, such as `GREEN`."""
    parameterFormat: NotRequired[str]
    parameters: list[str]
    """The names of the parameters in its texts."""
    components: NotRequired[list[Any]]
    """WhatsApp's own list."""
    rejectedReason: NotRequired[str]


class CreateTemplate(TypedDict):
    """WhatsApp's own body, and the instance for whose business account it is."""

    instanceId: str
    name: str
    language: str
    category: str
    """`MARKETING`, `UTILITY` or `AUTHENTICATION`."""
    components: Sequence[Mapping[str, Any]]
    parameter_format: NotRequired[str]
    """`positional` or `named`."""


class CreatedTemplate(TypedDict):
    """The template that was created."""

    id: str
    status: NotRequired[str]
    category: NotRequired[str]


class ListTemplatesQuery(TypedDict):
    """Which templates to list."""

    instanceId: str
    name: NotRequired[str]
    """Templates with this in their name."""
    status: NotRequired[str]
    language: NotRequired[str]
    limit: NotRequired[int]
    """1 to 100; 50 by default."""
    after: NotRequired[str]
    """The `nextCursor` of the page before."""


class TemplateList(TypedDict):
    """A page of templates."""

    data: list[MessageTemplate]
    pagination: CursorPage

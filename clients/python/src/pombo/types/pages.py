"""The pagination of lists."""

from typing_extensions import TypedDict


class OffsetPage(TypedDict):
    """The position of a page in a list."""

    total: int
    limit: int
    offset: int
    hasMore: bool


class CursorPage(TypedDict):
    """Where the next page begins."""

    hasMore: bool
    nextCursor: str | None
    """Is given to `before` when messages are listed, and to `after` in all other lists."""

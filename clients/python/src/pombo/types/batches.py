"""Batches as the API shows them, and what is sent in several."""

from typing import Literal

from typing_extensions import NotRequired, TypedDict

from .messages import AcceptedStatus
from .pages import CursorPage


class BatchRejection(TypedDict):
    """A recipient that was not accepted. It costs nothing."""

    index: int
    """The position in `recipients`, from 0."""
    code: str
    """A code of the API, such as `invalid_phone_number`."""
    message: str
    field: NotRequired[str]
    """The field of the recipient, or of the message, that it is about."""


class BatchMessage(TypedDict):
    """A recipient that was accepted."""

    index: int
    """The position in `recipients`, from 0."""
    messageId: str


class BatchAnswer(TypedDict):
    """The answer to a batch."""

    success: Literal[True]
    batchId: str
    accepted: int
    """Messages that were accepted. Each costs a credit."""
    rejected: list[BatchRejection]
    status: AcceptedStatus
    messages: list[BatchMessage]
    timestamp: str


class Batch(TypedDict):
    """A batch."""

    batchId: str
    instanceId: str
    status: Literal["scheduled", "sending", "completed", "canceled"]
    """`scheduled` until its `sendAt`, `completed` when nothing of it is left to be sent."""
    accepted: int
    """Recipients that were accepted."""
    rejected: int
    """Recipients that were not."""
    timestamp: str
    sendAt: NotRequired[str]
    canceledAt: NotRequired[str]
    completedAt: NotRequired[str]


class BatchCounts(TypedDict):
    """Messages by their status."""

    scheduled: int
    queued: int
    sent: int
    delivered: int
    read: int
    failed: int


class BatchProgress(Batch):
    """A batch and how far it has come."""

    counts: BatchCounts
    firstSentAt: NotRequired[str]
    lastSentAt: NotRequired[str]
    """So far."""
    estimatedEndAt: NotRequired[str]
    """When its last message will have been sent, as far as the number's other batches are known."""


class ListBatchesQuery(TypedDict, total=False):
    """Which batches to list."""

    instanceId: str
    limit: int
    """1 to 100; 50 by default."""
    after: str
    """The `nextCursor` of a page: lists what follows it."""


class BatchList(TypedDict):
    """A page of batches, newest first."""

    data: list[Batch]
    pagination: CursorPage


class RecipientsDone(TypedDict):
    """All recipients of `send_all` so far."""

    recipients: int
    accepted: int
    rejected: int


class SentBatch(TypedDict):
    """A batch of `send_all` that was answered. Positions are those among all recipients, from 0."""

    batchId: str | None
    """None if none of its recipients was acceptable."""
    idempotencyKey: str
    accepted: int
    rejected: list[BatchRejection]
    messages: list[BatchMessage]
    done: RecipientsDone

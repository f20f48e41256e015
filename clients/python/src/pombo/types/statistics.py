"""Messages counted by the hour or day."""

from typing import Literal

from typing_extensions import NotRequired, TypedDict

from .messages import Direction, MessageStatus


class MessageCount(TypedDict):
    """How many messages of a direction, type and status there are."""

    direction: Direction
    type: str
    status: MessageStatus
    count: int


class FailureCount(TypedDict):
    """How many messages failed with a code."""

    code: str
    count: int


class PricingCount(TypedDict):
    """How many messages WhatsApp has put into a category, and how many of them it charges for."""

    category: str
    count: int
    billable: int


class DurationSummary(TypedDict):
    """Durations in milliseconds; `None` where there are none."""

    count: int
    average: int | None
    median: int | None
    """Rounded up to the next power of two, as `percentile95`."""
    percentile95: int | None
    longest: int | None


class StatisticsCounts(TypedDict):
    """Counts of messages."""

    messages: list[MessageCount]
    failures: list[FailureCount]
    deliveryRate: float | None
    """Those that were delivered or read, among the ones sent that are not queued any more."""
    readRate: float | None
    """Those that were read, among the ones that were delivered."""
    acceptedToSent: DurationSummary
    sentToDelivered: DurationSummary
    pricing: list[PricingCount]
    """By WhatsApp's category."""


# `from` is a word of Python's, so that types with it need this form.
_From = TypedDict("_From", {"from": str})
_StatisticsPeriod = TypedDict("_StatisticsPeriod", {"from": NotRequired[str]})


class StatisticsRow(StatisticsCounts, _From):
    """The counts of an hour or a day."""

    partial: bool
    asOf: NotRequired[str]


class Statistics(_From):
    """The counts of a period."""

    interval: Literal["hour", "day"]
    to: str
    partial: bool
    """Whether something is not counted yet: ask again, and the counting goes on."""
    asOf: NotRequired[str]
    """When the oldest counts that may still change were taken."""
    total: StatisticsCounts
    rows: list[StatisticsRow]
    """Hours or days in which there were messages, oldest first."""


class StatisticsQuery(_StatisticsPeriod):
    """What to count. `from` and `to` are such as `2026-02-03T12:00:00Z`, extended to whole hours or days of UTC."""

    instanceId: NotRequired[str]
    to: NotRequired[str]
    interval: NotRequired[Literal["hour", "day"]]
    """`day` by default."""

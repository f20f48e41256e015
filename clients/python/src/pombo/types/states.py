"""The states of an instance, which instances and events show."""

from typing import Literal

from typing_extensions import NotRequired, TypedDict

InstanceStatus = Literal["connected", "disconnected"]

PauseReason = Literal["policy", "payment_required", "account_restricted", "account_disabled"]
"""The condition of a number or its business account that pauses an instance."""


class AccountState(TypedDict):
    """WhatsApp's words for what happened to a business account."""

    event: str
    reason: NotRequired[str]
    timestamp: str

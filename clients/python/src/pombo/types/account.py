"""The account of the API key."""

from typing import Literal

from typing_extensions import TypedDict

Plan = Literal["free", "starter", "pro", "enterprise"]


class AccountLimits(TypedDict):
    """How much an account may have and do."""

    requestsPerMinute: int
    """Of each key."""
    instances: int
    apiKeys: int
    inboundUrls: int
    webhooks: int
    webhooksPerInstance: int


class OwnAccount(TypedDict):
    """The account of the API key."""

    id: str
    name: str
    plan: Plan
    credits: int
    scopes: list[str]
    limits: AccountLimits

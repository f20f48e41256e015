"""The table of accounts: keys by their hashes, accounts, instances."""

import hashlib
from dataclasses import dataclass

from cache import Cache
from clients import get
from environment import ACCOUNTS_TABLE

_PLANS = {"free": 500, "starter": 2_000, "pro": 10_000, "enterprise": 10_000}

_callers = Cache(60)
_instances = Cache(30)


@dataclass(frozen=True, slots=True)
class Caller:
    key_id: str
    account_id: str
    scopes: list[str]
    expires_at: int | None
    requests_per_minute: int


def find_caller(api_key: str) -> Caller | None:
    """Whose API key this is."""
    digest = hashlib.sha256(api_key.encode()).hexdigest()
    return _callers.get(digest, lambda: _look_up(digest))


def _look_up(digest: str) -> Caller | None:
    key = get(ACCOUNTS_TABLE, pk=f"key#{digest}", sk="key")
    account = key and get(ACCOUNTS_TABLE, pk=key["accountId"], sk="account")
    if not account:
        return None
    own = account.get("requestsPerMinute") if account["plan"] == "enterprise" else None
    expires_at = int(key["expiresAt"]) if "expiresAt" in key else None
    return Caller(key["id"], key["accountId"], key["scopes"], expires_at, int(own or _PLANS[account["plan"]]))


def find_instance(account_id: str, instance_id: str) -> dict | None:
    """An instance of this account. One that is not connected is read each time."""
    key = (account_id, instance_id)
    instance = _instances.get(key, lambda: get(ACCOUNTS_TABLE, pk=account_id, sk=instance_id))
    if instance is None or instance["status"] != "connected":
        _instances.forget(key)
    return instance

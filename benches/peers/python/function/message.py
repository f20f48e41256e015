"""The record of a message, in the form that the rest of the stack works on."""

import base64
import os
import time

from order import Order

# A higher rank is never replaced by a lower one.
QUEUED, SENDING, UNKNOWN, SENT, FAILED = 0, 1, 2, 4, 5


def now() -> int:
    """Milliseconds since the Unix epoch."""
    return time.time_ns() // 1_000_000


def random(length: int) -> str:
    return base64.urlsafe_b64encode(os.urandom(length)).rstrip(b"=").decode()


def new_id(prefix: str) -> str:
    return prefix + random(16)


def queued(account_id: str, order: Order, retention: int) -> dict:
    """The record of a message that is accepted now, to be kept for `retention` seconds."""
    message_id, at = new_id("msg_"), now()
    return {
        "id": message_id,
        "accountId": account_id,
        "instanceId": order.instance_id,
        "direction": "outbound",
        "phone": order.to,
        "content": order.content,
        "quoted": order.quoted,
        "metadata": order.metadata,
        "status": "queued",
        "rank": QUEUED,
        "nonce": random(8),
        "slot": at,
        "attempt": 0,
        "createdAt": at,
        "deadline": at + order.expires_in * 1000,
        "expiresAt": at // 1000 + retention,
        "chat": f"{order.instance_id}#{order.to}",
        "at": f"{at:013}#{message_id}",
    }

"""A server that answers batches as the API does."""

from __future__ import annotations

import json
import re
from contextlib import AbstractContextManager
from typing import Any

from .servers import Reaction, Reply, Running, Seen, listening


def refusal(status: int, code: str, field: str | None = None, retry_after: float | None = None) -> Reply:
    error = {"code": code, "message": "No.", "requestId": "req_1", "field": field, "retryAfter": retry_after}
    return Reply(status, {"success": False, "error": error})


class FakeApi:
    """What the API accepted, and its reaction to a batch. A number that is not one of digits is rejected."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self._accepted: dict[str, tuple[bytes, Reply]] = {}

    def react(self, request: Seen) -> Reaction:
        key = request.headers["idempotency-key"]
        if key in self._accepted:
            body, answer = self._accepted[key]
            return answer if body == request.body else refusal(422, "idempotency_key_reused", "Idempotency-Key")
        rows = json.loads(request.body)["recipients"]
        good = [index for index, row in enumerate(rows) if re.fullmatch("[0-9]+", row["to"])]
        if not good:
            return refusal(400, "invalid_request", "recipients[0].to")
        self.sent += [rows[index] for index in good]
        reason = {"code": "invalid_phone_number", "message": "No.", "field": "to"}
        answer = Reply(
            202,
            {
                "success": True,
                "batchId": f"batch_{key}",
                "accepted": len(good),
                "rejected": [{"index": index, **reason} for index in range(len(rows)) if index not in set(good)],
                "messages": [{"index": index, "messageId": f"msg_{rows[index]['to']}"} for index in good],
                "status": "queued",
                "timestamp": "T",
            },
        )
        self._accepted[key] = (request.body, answer)
        return answer

    def serve(self, others: dict[int, Reaction] | None = None) -> AbstractContextManager[Running]:
        """Reacts to the requests with these numbers, from 1, in another way."""
        return listening(lambda request, number: (others or {}).get(number) or self.react(request))

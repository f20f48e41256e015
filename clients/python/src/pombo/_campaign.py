"""Splits recipients into batches, always in the same way.

The batches' Idempotency-Keys are derived from their numbers: a later version that splits otherwise could not go on
with what this one began.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ._answer import Fields
from ._call import checked_idempotency_key, json_bytes
from .errors import PomboError, invalid
from .types import BatchAnswer, BatchMessage, BatchRejection, SentBatch

MAX_RECIPIENTS = 1_000
"""The API's limit of a batch."""
MAX_BODY = 1_000_000
"""Bytes; the API takes 1,048,576."""
MAX_COMMON = 24 * 1_048_576
"""Bytes that the fields common to a batch may have over all of its recipients: the API's limit of 24 MB."""


@dataclass(frozen=True)
class PartOfCampaign:
    """A batch that is to be sent."""

    key: str
    body: Fields
    recipients: int


class Campaign:
    """Recipients on their way into batches, and what became of those before."""

    def __init__(self, body: Mapping[str, Any], key: str) -> None:
        checked_idempotency_key(f"{checked_idempotency_key(key)}-{'9' * 14}")
        self._key = key
        self._common = {name: value for name, value in body.items() if name != "recipients"}
        self._empty = len(json_bytes({**self._common, "recipients": []}))
        self._most = max(1, min(MAX_RECIPIENTS, MAX_COMMON // self._empty))
        self._batch: list[Fields] = []
        self._size = self._empty
        self._number = 0
        self._read = 0
        self._recipients = 0
        self._accepted = 0
        self._rejected = 0

    def add(self, recipient: object) -> PartOfCampaign | None:
        """Takes a recipient. Returns the batch before, if it is full."""
        index = self._read
        if not isinstance(recipient, dict):
            raise invalid(f"recipients[{index}]", "must be a dict: a recipient with its fields")
        own = json_bytes(recipient)
        more = len(own) + 1  # and a comma
        if self._empty + more > MAX_BODY:
            raise invalid(f"recipients[{index}]", f"must leave the body of its batch at most {MAX_BODY} bytes")
        is_full = len(self._batch) == self._most or self._size + more > MAX_BODY
        full = self.rest() if is_full else None
        self._batch.append(json.loads(own))  # as it is now: an iterator may fill the same dict again
        self._size += more
        self._read += 1
        return full

    def rest(self) -> PartOfCampaign | None:
        """The recipients that are in no batch yet, if there are any."""
        if not self._batch:
            return None
        self._number += 1
        body = {**self._common, "recipients": self._batch}
        part = PartOfCampaign(f"{self._key}-{self._number}", body, len(self._batch))
        self._batch, self._size = [], self._empty
        return part

    def answered(self, part: PartOfCampaign, answer: BatchAnswer | PomboError) -> SentBatch:
        """What became of a batch, with positions among all recipients. Raises an error that is not about recipients."""
        before = self._recipients
        if isinstance(answer, PomboError):
            answer.idempotency_key = self._key  # the campaign's, which repeats `send_all`
            batch_id, accepted, rejected = None, 0, _none_acceptable(answer, part.recipients)
            messages: list[BatchMessage] = []
        else:
            batch_id, accepted, rejected = answer["batchId"], answer["accepted"], answer["rejected"]
            messages = answer["messages"]
        self._recipients += part.recipients
        self._accepted += accepted
        self._rejected += len(rejected)
        return {
            "batchId": batch_id,
            "idempotencyKey": part.key,
            "accepted": accepted,
            "rejected": [{**each, "index": each["index"] + before} for each in rejected],
            "messages": [{**each, "index": each["index"] + before} for each in messages],
            "done": {"recipients": self._recipients, "accepted": self._accepted, "rejected": self._rejected},
        }


def _none_acceptable(error: PomboError, recipients: int) -> list[BatchRejection]:
    """The recipients of a batch that was refused as a whole, since none is acceptable: the API names the first.

    Raises the error if it is another, such as one about a field that all have in common.
    """
    found = re.fullmatch(r"recipients\[(\d+)\](?:\.(.*))?", error.field or "")
    if error.status != 400 or found is None:
        raise error
    rejected: list[BatchRejection] = [
        {"index": index, "code": error.code, "message": error.message} for index in range(recipients)
    ]
    if found[2] is not None:
        rejected[int(found[1])]["field"] = found[2]
    return rejected

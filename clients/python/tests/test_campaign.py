"""Batches against the real stack: one is sent, listed and canceled, and a larger list goes on after a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from pombo import PomboError
from pombo.types import BatchBody, OwnText

from .both import Clients
from .eventually import PATIENCE, eventually
from .servers import Reply, serve
from .stack import Stack

MINUTES = 3 * PATIENCE
"""The stack looks once a minute which batches are complete."""


def later() -> str:
    return (datetime.now(timezone.utc) + timedelta(hours=1)).isoformat()


def test_a_batch_is_sent_and_its_completion_is_an_event(clients: Clients, stack: Stack) -> None:
    client = clients(stack.api_url, stack.api_key)
    first, second = stack.person(), stack.person()
    with serve(Reply(204)) as receiver:
        webhook = client.webhooks.create(
            {"url": receiver.url, "instanceId": stack.instance_id, "events": ["batch.completed"]}
        )
        body: BatchBody = {
            "instanceId": stack.instance_id,
            "message": "Hello",
            "recipients": [{"to": first}, {"to": "+55 11"}, {"to": second, "message": "Bye", "reference": "order-2"}],
        }
        answer = client.batches.send(body, idempotency_key=f"batch {first}")
        assert (answer["success"], answer["accepted"], answer["status"]) == (True, 2, "queued")
        rejected = [(each["index"], each["code"], each["field"]) for each in answer["rejected"]]
        assert rejected == [(1, "invalid_phone_number", "to")]
        assert [each["index"] for each in answer["messages"]] == [0, 2]
        assert client.batches.send(body, idempotency_key=f"batch {first}") == answer

        batch_id = answer["batchId"]
        page = client.messages.list({"batchId": batch_id, "limit": 1})
        rest = client.messages.list({"batchId": batch_id, "after": page["pagination"]["nextCursor"] or ""})
        listed = [*page["data"], *rest["data"]]
        assert [each["messageId"] for each in listed] == [each["messageId"] for each in answer["messages"]]
        own = listed[1]
        assert own["direction"] == "outbound"
        assert (own["content"], own["reference"], own["batchId"]) == ("Bye", "order-2", batch_id)

        def completed() -> dict[str, Any] | None:
            bodies = [json.loads(each.body)["data"] for each in receiver.seen]
            return next((data for data in bodies if data["batchId"] == batch_id), None)

        event = eventually("batch.completed is published", completed, MINUTES)
        assert (event["accepted"], event["canceled"], event["counts"]["queued"]) == (2, False, 0)
        client.webhooks.delete(webhook["id"])
    for each in answer["messages"]:
        stack.until_read(client, each["messageId"])
    batch = client.batches.get(batch_id)
    assert (batch["status"], batch["accepted"], batch["rejected"]) == ("completed", 2, 1)
    assert batch["counts"]["read"] == 2
    assert [len(stack.taken_by(person)) for person in (first, second)] == [1, 1]


def test_a_batch_is_scheduled_listed_and_canceled(clients: Clients, stack: Stack) -> None:
    client, to = clients(stack.api_url, stack.api_key), stack.person()
    answer = client.batches.send(
        {"instanceId": stack.instance_id, "message": "Later", "sendAt": later(), "recipients": [{"to": to}]}
    )
    assert answer["status"] == "scheduled"
    (listed,) = client.batches.list({"instanceId": stack.instance_id, "limit": 1})["data"]
    assert (listed["batchId"], listed["status"]) == (answer["batchId"], "scheduled")
    assert client.batches.get(answer["batchId"])["counts"]["scheduled"] == 1
    message = client.messages.get(answer["messages"][0]["messageId"])
    assert message["direction"] == "outbound"
    assert (message["status"], message["sendAt"]) == ("scheduled", listed["sendAt"])

    canceled = client.batches.cancel(answer["batchId"])
    assert (canceled["status"], canceled["counts"]["failed"], canceled["counts"]["scheduled"]) == ("canceled", 1, 0)
    assert client.messages.get_status(message["messageId"])["error"]["code"] == "canceled"
    assert stack.taken_by(to) == []
    with pytest.raises(PomboError) as caught:
        client.batches.get("batch_none")
    assert (caught.value.status, caught.value.code) == (404, "batch_not_found")


def test_a_message_is_scheduled_and_canceled(clients: Clients, stack: Stack) -> None:
    client = clients(stack.api_url, stack.api_key)
    answer = client.messages.send(
        {"instanceId": stack.instance_id, "to": stack.person(), "message": "Later", "sendAt": later()}
    )
    assert answer["status"] == "scheduled"
    assert client.messages.get_status(answer["messageId"])["status"] == "scheduled"
    scheduled = client.messages.list({"instanceId": stack.instance_id, "status": "scheduled"})["data"]
    assert [each["messageId"] for each in scheduled] == [answer["messageId"]]
    assert client.messages.cancel(answer["messageId"])["status"] == "failed"


def test_more_than_a_batch_holds_goes_on_after_a_crash_and_sends_nothing_twice(clients: Clients, stack: Stack) -> None:
    # A machine that is busy with other work may need longer for a batch than a function has.
    client = clients(stack.api_url, stack.api_key, max_retries=30, total_timeout=MINUTES)
    people = [stack.person() for _ in range(130)]
    long = "é" * 4_000  # 1 MB are 124 of them

    def rows() -> Iterator[OwnText]:
        for to in people:
            yield {"to": to, "message": long}
        yield {"to": "+55 11", "message": long}

    def campaign() -> Iterator[Any]:
        return client.batches.send_all(
            {"instanceId": stack.instance_id, "recipients": rows()}, idempotency_key=f"campaign {people[0]}"
        )

    before = client.account.get()["credits"]
    first = next(campaign())  # the caller ends here
    found = list(campaign())
    assert found[0] == first
    assert [part["done"]["recipients"] for part in found] == [124, 131]
    assert found[-1]["done"] == {"recipients": 131, "accepted": 130, "rejected": 1}
    assert [each["index"] for each in found[-1]["rejected"]] == [130]
    assert len({each["messageId"] for part in found for each in part["messages"]}) == 130
    assert before - client.account.get()["credits"] == 130
    listed = client.batches.list({"instanceId": stack.instance_id, "limit": 2})["data"]
    assert [each["batchId"] for each in listed] == [found[1]["batchId"], found[0]["batchId"]]
    for part in found:
        client.batches.cancel(part["batchId"])
    # Canceled or sent, each was charged and is there once.
    counts = [client.batches.get(part["batchId"])["counts"] for part in found]
    assert sum(sum(int(str(count)) for count in each.values()) for each in counts) == 130
    assert all(len(stack.taken_by(to)) <= 1 for to in people[:3])

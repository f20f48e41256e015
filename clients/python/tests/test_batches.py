"""Batches against a server that answers as the API does: splitting, resuming, waiting, rejected recipients."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import pytest

from pombo import AsyncPombo, PomboError
from pombo.types import OwnText, SentBatch, TextRecipient

from .batch_api import FakeApi, refusal
from .both import Clients, Clock
from .servers import Reaction, Reply, Running, Seen, listening


def people(count: int) -> list[TextRecipient]:
    return [{"to": str(5511900000000 + index)} for index in range(count)]


def campaign(clients: Clients, server: Running, recipients: Any, key: str = "spring") -> Iterator[SentBatch]:
    client = clients(server.url, max_retries=1)
    return client.batches.send_all(
        {"instanceId": "inst_1", "message": "Hello", "recipients": recipients}, idempotency_key=key
    )


def until_error(parts: Iterator[SentBatch]) -> tuple[list[SentBatch], PomboError]:
    """Runs until it ends, and with what."""
    found: list[SentBatch] = []
    with pytest.raises(PomboError) as caught:
        found.extend(parts)  # keeps those before the error
    return found, caught.value


def keys(server: Running) -> list[str]:
    return [each.headers["idempotency-key"] for each in server.seen]


def sizes(server: Running) -> list[int]:
    return [len(json.loads(each.body)["recipients"]) for each in server.seen]


def done(parts: list[SentBatch]) -> list[int]:
    return [part["done"]["recipients"] for part in parts]


def test_recipients_are_as_they_were_when_they_were_read(clients: Clients) -> None:
    def reused() -> Iterator[TextRecipient]:
        row: TextRecipient = {"to": ""}
        for person in people(3):
            row["to"] = person["to"]
            yield row

    api = FakeApi()
    with api.serve() as server:
        assert done(list(campaign(clients, server, reused()))) == [3]
    assert api.sent == people(3)


def test_recipients_are_fewer_in_each_batch_where_the_common_fields_are_large(clients: Clients) -> None:
    with FakeApi().serve() as server:
        body: Any = {"instanceId": "inst_1", "message": "x" * 50_000, "recipients": people(600)}
        list(clients(server.url).batches.send_all(body, idempotency_key="spring"))
    assert len(sizes(server)) == 2
    assert max(sizes(server)) * 50_000 <= 24 * 1_048_576


class TestSend:
    def test_is_one_request_with_its_key_and_repeated_with_the_same(self, clients: Clients, clock: Clock) -> None:
        with FakeApi().serve({1: "break the connection"}) as server:
            answer = clients(server.url).batches.send(
                {"instanceId": "inst_1", "message": "Hello", "recipients": people(2)}, idempotency_key="one"
            )
        assert (answer["accepted"], len(answer["messages"]), answer["status"]) == (2, 2, "queued")
        assert keys(server) == ["one", "one"]
        expected = {"instanceId": "inst_1", "message": "Hello", "recipients": people(2)}
        assert [json.loads(each.body) for each in server.seen] == [expected, expected]

    def test_has_a_key_of_its_own_if_it_is_given_none(self, clients: Clients) -> None:
        with FakeApi().serve() as server:
            client = clients(server.url)
            for _ in range(2):
                client.batches.send({"instanceId": "inst_1", "message": "Hello", "recipients": people(1)})
            with pytest.raises(PomboError, match="Idempotency-Key"):
                client.batches.send(
                    {"instanceId": "inst_1", "message": "Hello", "recipients": people(1)}, idempotency_key=""
                )
        assert len(set(keys(server))) == 2


class TestSplitting:
    @pytest.mark.parametrize("read", [list, iter])
    def test_sends_batches_of_1000_in_order_with_keys_that_follow_from_one(self, clients: Clients, read: Any) -> None:
        api = FakeApi()
        with api.serve() as server:
            found = list(campaign(clients, server, read(people(2_001))))
        assert keys(server) == ["spring-1", "spring-2", "spring-3"]
        assert sizes(server) == [1_000, 1_000, 1]
        assert {f"{each.method} {each.path}" for each in server.seen} == {"POST /v1/messages/batch"}
        assert api.sent == people(2_001)
        assert done(found) == [1_000, 2_000, 2_001]
        assert found[-1]["done"] == {"recipients": 2_001, "accepted": 2_001, "rejected": 0}
        assert [part["batchId"] for part in found] == ["batch_spring-1", "batch_spring-2", "batch_spring-3"]
        assert found[2]["messages"] == [{"index": 2_000, "messageId": "msg_5511900002000"}]

    def test_fills_bodies_of_at_most_1_mb(self, clients: Clients) -> None:
        rows = [{**row, "message": "é" * 1_500} for row in people(700)]
        with FakeApi().serve() as server:
            list(campaign(clients, server, rows))
        lengths = [len(each.body) for each in server.seen]
        assert sum(sizes(server)) == 700
        assert len(lengths) == 3
        assert max(lengths) <= 1_000_000
        assert min(lengths[:-1]) > 996_000

    def test_reads_nothing_before_the_batch_ahead_is_answered(self, clients: Clients) -> None:
        read = 0

        def counted() -> Iterator[TextRecipient]:
            nonlocal read
            for row in people(3_000):
                read += 1
                yield row

        with FakeApi().serve() as server:
            for part in campaign(clients, server, counted()):
                assert read <= part["done"]["recipients"] + 1
        assert read == 3_000

    def test_of_nobody_makes_no_request(self, clients: Clients) -> None:
        with FakeApi().serve() as server:
            assert list(campaign(clients, server, [])) == []
        assert server.seen == []

    @pytest.mark.parametrize("key", ["é", "x" * 241, "", " ", None])
    def test_with_a_key_that_no_header_can_carry_makes_no_request(self, clients: Clients, key: Any) -> None:
        with FakeApi().serve() as server:
            _, error = until_error(campaign(clients, server, people(1), key))
        assert (error.code, error.field, server.seen) == ("invalid_request", "Idempotency-Key", [])

    @pytest.mark.parametrize("wrong", ["5511999999999", {"to": "5511999999999", "message": "x" * 1_000_000}])
    def test_ends_at_a_recipient_that_is_none_with_its_position(self, clients: Clients, wrong: Any) -> None:
        api = FakeApi()
        with api.serve() as server:
            _, error = until_error(campaign(clients, server, [*people(1_500), wrong]))
        assert (error.code, error.field) == ("invalid_request", "recipients[1500]")
        assert len(api.sent) == 1_000

    def test_takes_recipients_that_come_asynchronously(self) -> None:
        api = FakeApi()

        async def rows() -> AsyncIterator[OwnText]:
            for row in people(1_001):
                yield {"to": row["to"], "message": "Hello"}

        async def run(url: str) -> list[SentBatch]:
            async with AsyncPombo("key", url) as client:
                parts = client.batches.send_all(
                    {"instanceId": "inst_1", "recipients": rows()}, idempotency_key="spring"
                )
                return [part async for part in parts]

        with api.serve() as server:
            found = anyio.run(run, server.url)
        assert done(found) == [1_000, 1_001]
        assert api.sent == [{**row, "message": "Hello"} for row in people(1_001)]


class TestASecondRunAfterACrash:
    def test_has_the_same_keys_and_bodies_sends_nothing_twice_and_sends_the_rest(self, clients: Clients) -> None:
        api = FakeApi()
        with api.serve() as first:
            for part in campaign(clients, first, iter(people(3_500))):
                if part["done"]["recipients"] == 2_000:
                    break  # the caller ends here
        assert len(api.sent) == 2_000
        with api.serve() as second:
            found = list(campaign(clients, second, iter(people(3_500))))
        assert keys(second) == ["spring-1", "spring-2", "spring-3", "spring-4"]
        assert [each.body for each in second.seen[:2]] == [each.body for each in first.seen]
        assert found[-1]["done"] == {"recipients": 3_500, "accepted": 3_500, "rejected": 0}
        assert api.sent == people(3_500)

    def test_sends_what_was_accepted_before_the_answer_was_lost_only_once(self, clients: Clients, clock: Clock) -> None:
        api = FakeApi()

        def react(request: Seen, number: int) -> Reaction:
            reaction = api.react(request)
            return reaction if number == 1 else "break the connection"

        with listening(react) as first:
            found, error = until_error(campaign(clients, first, people(2_500)))
        assert (error.code, len(found), len(api.sent)) == ("network_error", 1, 2_000)
        assert error.idempotency_key == "spring"
        with api.serve() as second:
            list(campaign(clients, second, people(2_500)))
        assert api.sent == people(2_500)

    def test_is_refused_when_a_recipient_who_was_accepted_has_changed(self, clients: Clients) -> None:
        api = FakeApi()
        with api.serve() as server:
            list(campaign(clients, server, people(1_500)))
            found, error = until_error(campaign(clients, server, people(1_501)[1:]))
        assert (error.code, found, len(api.sent)) == ("idempotency_key_reused", [], 1_500)


class TestA429InTheMiddle:
    def test_is_waited_for_as_long_as_it_lasts(self, clients: Clients, clock: Clock) -> None:
        api = FakeApi()
        limited = refusal(429, "rate_limit_exceeded", retry_after=600)
        full = refusal(409, "limit_reached", "instanceId", retry_after=60)
        header = Reply(429, {"message": "Too Many Requests"}, {"retry-after": "7"})
        with api.serve({2: limited, 3: limited, 4: full, 5: header, 6: header}) as server:
            found = list(campaign(clients, server, people(2_500)))
        assert clock.slept == [600, 600, 60, 7, 7]
        assert keys(server) == ["spring-1", *["spring-2"] * 6, "spring-3"]
        assert len(found) == 3
        assert api.sent == people(2_500)

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            (402, "insufficient_credits"),
            (401, "invalid_api_key"),
            (503, "service_unavailable"),
            (409, "instance_disconnected"),
        ],
    )
    def test_is_not_what_another_error_is(self, clients: Clients, clock: Clock, status: int, code: str) -> None:
        refused = refusal(status, code)
        with FakeApi().serve({2: refused, 3: refused}) as server:
            found, error = until_error(campaign(clients, server, people(1_500)))
        assert (error.code, done(found)) == (code, [1_000])

    def test_is_ended_by_a_canceled_task(self) -> None:
        with FakeApi().serve({1: refusal(429, "rate_limit_exceeded", retry_after=3_600)}) as server:

            async def run() -> bool:
                async with AsyncPombo("key", server.url) as client:
                    with anyio.move_on_after(1) as scope:
                        parts = client.batches.send_all(
                            {"instanceId": "inst_1", "message": "Hello", "recipients": people(1)},
                            idempotency_key="spring",
                        )
                        async for _ in parts:
                            pass
                    return scope.cancelled_caught

            assert anyio.run(run)
        assert len(server.seen) == 1


class TestARejectedRecipient:
    def test_has_its_position_among_all_recipients(self, clients: Clients) -> None:
        recipients = people(2_500)
        for index in (3, 1_000, 2_499):
            recipients[index] = {"to": "+55 11"}
        with FakeApi().serve() as server:
            found = list(campaign(clients, server, recipients))
        reason = {"code": "invalid_phone_number", "message": "No.", "field": "to"}
        assert [part["rejected"] for part in found] == [[{"index": index, **reason}] for index in (3, 1_000, 2_499)]
        assert found[1]["messages"][0] == {"index": 1_001, "messageId": "msg_5511900001001"}
        assert found[-1]["done"] == {"recipients": 2_500, "accepted": 2_497, "rejected": 3}

    def test_is_one_also_where_none_of_its_batch_is_acceptable(self, clients: Clients) -> None:
        with FakeApi().serve() as server:
            found = list(campaign(clients, server, [*people(1_000), {"to": "+55 11"}, {"to": "+55 12"}]))
        assert (found[1]["batchId"], found[1]["accepted"], found[1]["messages"]) == (None, 0, [])
        reason = {"code": "invalid_request", "message": "No."}
        assert found[1]["rejected"] == [{"index": 1_000, **reason, "field": "to"}, {"index": 1_001, **reason}]
        assert found[1]["done"] == {"recipients": 1_002, "accepted": 1_000, "rejected": 2}

    def test_is_none_where_the_common_fields_are_wrong(self, clients: Clients) -> None:
        with FakeApi().serve({1: refusal(400, "invalid_request", "message")}) as server:
            found, error = until_error(campaign(clients, server, people(2)))
        assert (error.field, found, len(server.seen)) == ("message", [], 1)

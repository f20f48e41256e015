"""What is retried and what is not, against a real server. Waits are recorded and not made."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from email.utils import formatdate

import anyio
import pytest

from pombo import AsyncPombo, Pombo, PomboError
from pombo.types import TextMessage

from .both import Clients, Clock
from .servers import Reaction, Reply, serve

SENT = {"success": True, "messageId": "msg_1", "status": "queued", "timestamp": "2026-02-03T12:00:00.000Z"}
ACCEPTED = Reply(202, SENT)
FOUND = Reply(200, {"success": True, "data": {"id": "wh_1"}})
GATEWAY_503 = Reply(503, {"message": "Service Unavailable"})
GATEWAY_429 = Reply(429, {"message": "Too Many Requests"})
BODY: TextMessage = {"instanceId": "inst_1", "to": "5511999999999", "message": "Hello"}


def refusal(status: int, code: str, retry_after: float | None = None) -> Reply:
    error = {"code": code, "message": "No.", "requestId": "req_1", "retryAfter": retry_after}
    return Reply(status, {"success": False, "error": error})


class TestSend:
    @pytest.mark.parametrize(
        "reaction",
        [
            refusal(429, "rate_limit_exceeded", 1),
            GATEWAY_429,
            refusal(503, "service_unavailable", 1),
            GATEWAY_503,
            Reply(502, "<html>Bad Gateway</html>"),
            Reply(504),
            refusal(500, "internal_error"),
            refusal(409, "idempotency_in_progress", 1),
            "break the connection",
            "break off the body",
        ],
    )
    def test_is_repeated_with_the_same_key_and_body(self, clients: Clients, clock: Clock, reaction: Reaction) -> None:
        with serve(reaction, ACCEPTED) as server:
            assert clients(server.url).messages.send(BODY) == SENT
        first, second = server.seen
        assert re.fullmatch(r"[\da-f-]{36}", first.headers["idempotency-key"])
        assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
        assert first.body == second.body
        assert len(clock.slept) == 1

    @pytest.mark.parametrize("silence", ["say nothing", "trickle"])
    def test_is_repeated_after_a_timeout(
        self, clients: Clients, monkeypatch: pytest.MonkeyPatch, silence: Reaction
    ) -> None:
        monkeypatch.setattr("pombo._retry.FIRST_WAIT", 0.0)
        with serve(silence, ACCEPTED) as server:
            assert clients(server.url, timeout=1.0, max_retries=9).messages.send(BODY) == SENT
        assert len(server.seen) >= 2
        assert len({each.headers["idempotency-key"] for each in server.seen}) == 1

    def test_uses_the_caller_s_key_on_every_attempt(self, clients: Clients, clock: Clock) -> None:
        with serve("break the connection", ACCEPTED) as server:
            clients(server.url).messages.send(BODY, idempotency_key="order-1")
        assert [each.headers["idempotency-key"] for each in server.seen] == ["order-1", "order-1"]

    def test_uses_another_key_for_each_message(self, clients: Clients) -> None:
        with serve(ACCEPTED) as server:
            client = clients(server.url)
            client.messages.send(BODY)
            client.messages.send(BODY)
        assert server.seen[0].headers["idempotency-key"] != server.seen[1].headers["idempotency-key"]

    def test_waits_for_the_first_request_longer_than_max_retries_would_allow(
        self, clients: Clients, clock: Clock
    ) -> None:
        under_way = [refusal(409, "idempotency_in_progress", 1)] * 10
        later: list[Reaction] = ["break the connection", refusal(503, "service_unavailable", 2), ACCEPTED]
        with serve(*under_way, *later) as server:
            assert clients(server.url).messages.send(BODY) == SENT
        assert clock.slept[:10] == [1.0] * 10
        assert len(clock.slept) == 12

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            (400, "invalid_phone_number"),
            (401, "invalid_api_key"),
            (402, "insufficient_credits"),
            (404, "invalid_instance"),
            (409, "instance_disconnected"),
            (422, "idempotency_key_reused"),
        ],
    )
    def test_is_not_repeated_after_a_refusal(self, clients: Clients, clock: Clock, status: int, code: str) -> None:
        with serve(refusal(status, code)) as server:
            with pytest.raises(PomboError) as caught:
                clients(server.url).messages.send(BODY)
            assert (caught.value.status, caught.value.code, caught.value.request_id) == (status, code, "req_1")
            assert len(server.seen) == 1

    @pytest.mark.parametrize("key", ["", " ", "a\nb", "é", "x" * 256])
    def test_with_a_key_that_no_header_can_carry_makes_no_request(self, clients: Clients, key: str) -> None:
        with serve(ACCEPTED) as server:
            with pytest.raises(PomboError) as caught:
                clients(server.url).messages.send(BODY, idempotency_key=key)
            assert (caught.value.code, caught.value.field) == ("invalid_request", "Idempotency-Key")
            assert server.seen == []


CALLS: dict[str, Callable[[Pombo], object]] = {
    "create": lambda client: client.instances.create({"name": "Shop"}),
    "patch": lambda client: client.instances.update("inst_1", {"name": "Shop"}),
    "get": lambda client: client.webhooks.get("wh_1"),
    "put": lambda client: client.webhooks.update("wh_1", {"name": "Shop"}),
    "delete": lambda client: client.webhooks.delete("wh_1"),
}
IDEMPOTENT = ["get", "put", "delete"]
NOTHING_DONE: list[Reaction] = [refusal(429, "rate_limit_exceeded"), GATEWAY_429, refusal(503, "service_unavailable")]
UNKNOWN: list[Reaction] = ["break the connection", GATEWAY_503, Reply(504)]


class TestCallWithoutAKey:
    @pytest.mark.parametrize("name", CALLS)
    def test_is_repeated_where_nothing_was_done(self, clients: Clients, clock: Clock, name: str) -> None:
        for reaction in NOTHING_DONE:
            with serve(reaction, FOUND) as server:
                CALLS[name](clients(server.url))
            assert len(server.seen) == 2

    @pytest.mark.parametrize("name", [name for name in CALLS if name != "get"])
    def test_is_not_repeated_after_a_500_where_it_changes_something(
        self, clients: Clients, clock: Clock, name: str
    ) -> None:
        with serve(refusal(500, "internal_error")) as server, pytest.raises(PomboError, match="internal_error"):
            CALLS[name](clients(server.url))
        assert len(server.seen) == 1

    @pytest.mark.parametrize("reply", [refusal(500, "internal_error"), Reply(500)])
    def test_is_repeated_after_a_500_where_it_only_reads(self, clients: Clients, clock: Clock, reply: Reply) -> None:
        with serve(reply, FOUND) as server:
            CALLS["get"](clients(server.url))
        assert len(server.seen) == 2

    @pytest.mark.parametrize("name", CALLS)
    def test_is_repeated_when_its_outcome_is_unknown_only_where_its_method_is_idempotent(
        self, clients: Clients, clock: Clock, name: str
    ) -> None:
        for reaction in UNKNOWN:
            with serve(reaction, FOUND) as server:
                if name in IDEMPOTENT:
                    CALLS[name](clients(server.url))
                else:
                    with pytest.raises(PomboError):
                        CALLS[name](clients(server.url))
            assert len(server.seen) == (2 if name in IDEMPOTENT else 1)


class TestWaiting:
    @pytest.mark.parametrize(
        "limited",
        [
            Reply(429, {"message": "Too Many Requests"}, {"retry-after": "7"}),
            refusal(429, "rate_limit_exceeded", 7),
        ],
    )
    def test_is_as_long_as_the_answer_says(self, clients: Clients, clock: Clock, limited: Reply) -> None:
        with serve(limited, ACCEPTED) as server:
            clients(server.url).messages.send(BODY)
        assert clock.slept == [7.0]

    def test_is_as_long_as_retry_after_says_as_a_date(self, clients: Clients, clock: Clock) -> None:
        begun = time.time()
        with serve(Reply(503, headers={"retry-after": formatdate(begun + 60, usegmt=True)}), ACCEPTED) as server:
            clients(server.url).messages.send(BODY)
        assert int(begun) + 60 - time.time() <= clock.slept[0] <= 61

    def test_grows_at_random_below_a_limit_that_doubles(self, clients: Clients, clock: Clock) -> None:
        with serve("break the connection") as server, pytest.raises(PomboError, match="network_error"):
            clients(server.url, max_retries=6).messages.send(BODY)
        limits = [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
        assert len(clock.slept) == len(limits)
        assert all(0 <= slept <= limit for slept, limit in zip(clock.slept, limits, strict=True))

    def test_ends_with_the_time_that_a_call_may_take_in_all(self, clients: Clients, clock: Clock) -> None:
        with serve(refusal(409, "idempotency_in_progress", 1)) as server:
            with pytest.raises(PomboError) as caught:
                clients(server.url, total_timeout=5.0).messages.send(BODY)
            assert (caught.value.code, caught.value.retry_after) == ("idempotency_in_progress", 1)
        assert len(clock.slept) == 4

    def test_does_not_start_when_it_would_take_too_long(self, clients: Clients, clock: Clock) -> None:
        with serve(refusal(429, "rate_limit_exceeded", 3_600)) as server:
            with pytest.raises(PomboError) as caught:
                clients(server.url).messages.send(BODY)
            assert caught.value.retry_after == 3_600
        assert clock.slept == []

    @pytest.mark.parametrize("reply", [refusal(409, "idempotency_in_progress", 1), GATEWAY_429])
    def test_does_not_start_when_no_retries_are_wanted(self, clients: Clients, clock: Clock, reply: Reply) -> None:
        with serve(reply) as server, pytest.raises(PomboError):
            clients(server.url, max_retries=0).messages.send(BODY)
        assert len(server.seen) == 1


class TestNoAnswer:
    def test_is_a_network_error_with_its_cause(self, clients: Clients, clock: Clock) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
        with pytest.raises(PomboError) as caught:
            clients(f"http://127.0.0.1:{port}").messages.send(BODY)
        assert (caught.value.code, caught.value.status) == ("network_error", 0)
        assert caught.value.__cause__ is not None

    def test_has_the_generated_key_in_its_error_with_which_the_call_can_be_made_again(
        self, clients: Clients, clock: Clock
    ) -> None:
        with serve("break the connection", "break the connection", ACCEPTED) as server:
            client = clients(server.url, max_retries=1)
            with pytest.raises(PomboError) as caught:
                client.messages.send(BODY)
            key = caught.value.idempotency_key
            client.messages.send(BODY, idempotency_key=key)
        assert key is not None
        assert [each.headers["idempotency-key"] for each in server.seen] == [key] * 3

    @pytest.mark.parametrize("silence", ["say nothing", "trickle"])
    def test_is_a_timeout(self, clients: Clients, monkeypatch: pytest.MonkeyPatch, silence: Reaction) -> None:
        monkeypatch.setattr("pombo._retry.FIRST_WAIT", 0.0)
        with serve(silence) as server, pytest.raises(PomboError) as caught:
            clients(server.url, timeout=0.1, max_retries=1).messages.send(BODY)
        assert (caught.value.code, caught.value.status) == ("timeout", 0)
        assert len(server.seen) == 2

    def test_ends_at_once_when_its_task_is_canceled(self) -> None:
        async def cancel(url: str) -> None:
            async with AsyncPombo("key", url) as client:
                with anyio.move_on_after(0.2) as scope:
                    await client.messages.send(BODY)
                assert scope.cancelled_caught

        with serve("say nothing") as server:
            anyio.run(cancel, server.url)
        assert len(server.seen) == 1

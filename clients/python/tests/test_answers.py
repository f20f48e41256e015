"""Requests as they are sent, and answers as values or errors, against a real server."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from pombo import AsyncPombo, Pombo, PomboError
from pombo.types import ConnectBody, CreateWebhookBody, WebhookLogList

from .both import Clients
from .servers import Reply, serve

OK = Reply(200, {"success": True, "data": {"id": "inst_1", "status": "ready"}})
HOOK: CreateWebhookBody = {"url": "https://example.com", "instanceId": "inst_1", "events": []}
NUMBER: ConnectBody = {"method": "official", "businessId": "1", "phoneNumberId": "2", "accessToken": "3"}

CALLS: list[tuple[str, Callable[[Pombo], object]]] = [
    ("GET /v1/account", lambda c: c.account.get()),
    ("POST /v1/messages/send", lambda c: c.messages.send({"instanceId": "inst_1", "to": "55", "message": "Hello"})),
    (
        "POST /v1/messages/batch",
        lambda c: c.batches.send({"instanceId": "inst_1", "message": "Hello", "recipients": [{"to": "55"}]}),
    ),
    ("GET /v1/batches?instanceId=inst_1", lambda c: c.batches.list({"instanceId": "inst_1"})),
    ("GET /v1/batches/batch_1", lambda c: c.batches.get("batch_1")),
    ("DELETE /v1/batches/batch_1", lambda c: c.batches.cancel("batch_1")),
    ("GET /v1/messages?batchId=batch_1", lambda c: c.messages.list({"batchId": "batch_1"})),
    ("GET /v1/messages/msg_1", lambda c: c.messages.get("msg_1")),
    ("GET /v1/messages/msg_1/status", lambda c: c.messages.get_status("msg_1")),
    ("GET /v1/messages/msg_1/details", lambda c: c.messages.get_details("msg_1")),
    ("GET /v1/messages/msg_1/timeline", lambda c: c.messages.get_timeline("msg_1")),
    ("GET /v1/statistics?interval=hour", lambda c: c.statistics.get({"interval": "hour"})),
    ("POST /v1/listeners", lambda c: c.listeners.create({"events": ["message.received"]})),
    ("GET /v1/listeners/lst_1/events?after=c1", lambda c: c.listeners.poll("lst_1", after="c1")),
    ("DELETE /v1/listeners/lst_1", lambda c: c.listeners.delete("lst_1")),
    ("GET /v1/messages/msg_1/media?redirect=false", lambda c: c.messages.get_media("msg_1")),
    ("POST /v1/messages/msg_1/read", lambda c: c.messages.read("msg_1", typing=True)),
    ("DELETE /v1/messages/msg_1", lambda c: c.messages.cancel("msg_1")),
    ("GET /v1/messages?instanceId=inst_1&from=x", lambda c: c.messages.list({"instanceId": "inst_1", "from": "x"})),
    ("GET /v1/chats?instanceId=inst_1", lambda c: c.chats.list({"instanceId": "inst_1"})),
    ("GET /v1/chats/chat_1?instanceId=inst_1", lambda c: c.chats.get("chat_1", instance_id="inst_1")),
    ("POST /v1/media", lambda c: c.media.create({"instanceId": "inst_1", "mimeType": "image/png", "size": 1})),
    ("GET /v1/media/media_1", lambda c: c.media.get("media_1")),
    ("GET /v1/templates?instanceId=inst_1", lambda c: c.templates.list({"instanceId": "inst_1"})),
    ("GET /v1/templates/t?instanceId=inst_1", lambda c: c.templates.get("t", instance_id="inst_1")),
    (
        "POST /v1/templates",
        lambda c: c.templates.create(
            {"instanceId": "inst_1", "name": "t", "language": "en", "category": "UTILITY", "components": []}
        ),
    ),
    (
        "DELETE /v1/templates/t?instanceId=inst_1&language=en",
        lambda c: c.templates.delete("t", instance_id="inst_1", language="en"),
    ),
    ("POST /v1/instances", lambda c: c.instances.create({"name": "Shop"})),
    ("GET /v1/instances", lambda c: c.instances.list()),
    ("GET /v1/instances/inst_1", lambda c: c.instances.get("inst_1")),
    ("PATCH /v1/instances/inst_1", lambda c: c.instances.update("inst_1", {})),
    ("DELETE /v1/instances/inst_1", lambda c: c.instances.delete("inst_1")),
    ("POST /v1/instances/inst_1/connect", lambda c: c.instances.connect("inst_1", NUMBER)),
    ("POST /v1/instances/inst_1/disconnect", lambda c: c.instances.disconnect("inst_1")),
    ("GET /v1/instances/inst_1/status", lambda c: c.instances.status("inst_1")),
    ("POST /v1/webhooks", lambda c: c.webhooks.create(HOOK)),
    ("GET /v1/webhooks", lambda c: c.webhooks.list()),
    ("GET /v1/webhooks/wh_1", lambda c: c.webhooks.get("wh_1")),
    ("PUT /v1/webhooks/wh_1", lambda c: c.webhooks.update("wh_1", {"name": "Shop"})),
    ("DELETE /v1/webhooks/wh_1", lambda c: c.webhooks.delete("wh_1")),
    ("POST /v1/webhooks/wh_1/rotate", lambda c: c.webhooks.rotate_secret("wh_1")),
    ("POST /v1/webhooks/wh_1/test", lambda c: c.webhooks.test("wh_1")),
    ("GET /v1/webhooks/wh_1/logs?status=failed", lambda c: c.webhooks.get_logs("wh_1", {"status": "failed"})),
    (
        "GET /v1/webhooks/wh_1/logs?limit=10&after=c1",
        lambda c: c.webhooks.list_logs("wh_1", {"limit": 10, "after": "c1"}),
    ),
    ("POST /v1/webhooks/wh_1/replay", lambda c: c.webhooks.replay("wh_1", {"messageId": "msg_1"})),
    ("GET /v1/webhooks/wh_1/replays/r_1", lambda c: c.webhooks.get_replay("wh_1", "r_1")),
    ("POST /v1/webhooks/inbound", lambda c: c.webhooks.create_inbound({"name": "Shop", "instanceId": "inst_1"})),
    ("GET /v1/webhooks/inbound?limit=10", lambda c: c.webhooks.list_inbound({"limit": 10})),
]
"""Every call, and the request that it makes."""


def test_each_call_goes_to_its_method_and_path(clients: Clients) -> None:
    with serve(OK) as server:
        client = clients(server.url)
        for _, call in CALLS:
            call(client)
    assert [f"{each.method} {each.path}" for each in server.seen] == [expected for expected, _ in CALLS]


def test_a_request_carries_the_key_the_body_and_nothing_that_is_none(clients: Clients) -> None:
    with serve(OK) as server:
        client = clients(server.url)
        client.templates.get("hello", instance_id="inst_1", language=None)
        client.instances.disconnect("inst_1", {"reason": "Olá 🕊"})
    get, post = server.seen
    assert get.path == "/v1/templates/hello?instanceId=inst_1"
    assert get.headers["authorization"] == "Bearer key"
    assert get.headers["content-type"] is None
    assert get.headers["idempotency-key"] is None
    assert get.headers["user-agent"].startswith("pombo-python/")
    assert post.headers["content-type"] == "application/json"
    assert json.loads(post.body) == {"reason": "Olá 🕊"}


def test_the_api_is_found_with_or_without_v1_and_a_slash_in_the_base_url(clients: Clients) -> None:
    with serve(OK) as server:
        for end in ["", "/", "/v1", "/v1/"]:
            clients(server.url + end).instances.get("inst_1")
    assert {each.path for each in server.seen} == {"/v1/instances/inst_1"}


def test_an_id_stays_within_its_segment_of_the_path(clients: Clients) -> None:
    with serve(OK) as server:
        client = clients(server.url)
        client.webhooks.get("../instances?a#b")
        assert server.seen[0].path == "/v1/webhooks/..%2Finstances%3Fa%23b"
        for identifier in ["", ".", ".."]:
            with pytest.raises(PomboError) as caught:
                client.webhooks.get(identifier)
            assert (caught.value.code, caught.value.field) == ("invalid_request", "id")
    assert len(server.seen) == 1


@pytest.mark.parametrize("value", [float("nan"), object(), "\ud800", {1, 2}])
def test_a_body_that_is_no_json_makes_no_request(clients: Clients, value: Any) -> None:
    with serve(OK) as server:
        with pytest.raises(PomboError) as caught:
            clients(server.url).instances.create({"name": "Shop", "settings": {"color": value}})
        assert (caught.value.code, caught.value.field) == ("invalid_request", "body")
        assert server.seen == []


def test_the_caller_s_own_http_client_is_used_and_left_open() -> None:
    own = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200, json=OK.body)))
    with Pombo("key", "http://127.0.0.1", http_client=own) as client:
        assert client.instances.get("inst_1")["id"] == "inst_1"
    assert not own.is_closed
    own.close()


def test_a_redirect_is_not_followed_even_where_the_own_http_client_follows_them() -> None:
    with serve(Reply(302, headers={"location": "/elsewhere"}), OK) as server:
        with httpx.Client(follow_redirects=True) as own, pytest.raises(PomboError, match="http_302"):
            Pombo("key", server.url, http_client=own).instances.get("inst_1")
        assert len(server.seen) == 1


@pytest.mark.parametrize("kind", [Pombo, AsyncPombo])
def test_a_client_without_a_key_or_an_address_is_not_created(kind: type[Pombo] | type[AsyncPombo]) -> None:
    for key in ["", "a\nb", "é"]:
        with pytest.raises(PomboError) as caught:
            kind(key, "http://127.0.0.1")
        assert caught.value.code == "missing_api_key"
    for url in ["", "api", "ftp://127.0.0.1", "http://"]:
        with pytest.raises(PomboError) as caught:
            kind("key", url)
        assert (caught.value.code, caught.value.field) == ("invalid_request", "base_url")


def test_an_answer_of_204_is_none(clients: Clients) -> None:
    with serve(Reply(204)) as server:
        deleted: object = clients(server.url).webhooks.delete("wh_1")  # type: ignore[func-returns-value]
        assert deleted is None


def test_the_answer_to_a_list_is_its_data_and_pagination(clients: Clients) -> None:
    page = {"data": [{"id": "inst_1"}], "pagination": {"total": 1, "limit": 50, "offset": 0, "hasMore": False}}
    with serve(Reply(200, {"success": True, **page})) as server:
        assert clients(server.url).instances.list() == page


def test_the_log_of_a_webhook_is_a_page_also_an_empty_one_with_more_behind_it(clients: Clients) -> None:
    page: WebhookLogList = {"data": [], "pagination": {"hasMore": True, "nextCursor": "c1"}}
    with serve(Reply(200, {"success": True, **page})) as server:
        webhooks = clients(server.url).webhooks
        assert webhooks.list_logs("wh_1", {"status": "failed"}) == page
        assert webhooks.get_logs("wh_1", {"status": "failed"}) == []


def failure(clients: Clients, reply: Reply) -> PomboError:
    with serve(reply) as server, pytest.raises(PomboError) as caught:
        clients(server.url, max_retries=0).messages.get_status("msg_1")
    return caught.value


def test_a_refusal_is_an_error_with_all_of_its_fields(clients: Clients) -> None:
    body = {
        **{"code": "a_new_code", "message": "No.", "requestId": "req_1", "field": "to"},
        **{"reason": "policy", "providerCode": 100, "retryAfter": 5},
    }
    error = failure(clients, Reply(418, {"success": False, "error": body}))
    assert (error.code, error.message, error.status, error.request_id) == ("a_new_code", "No.", 418, "req_1")
    assert (error.field, error.reason, error.provider_code, error.retry_after) == ("to", "policy", 100, 5)
    assert str(error) == "a_new_code: No."


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(429, {"message": "Too Many Requests"}), "rate_limit_exceeded"),
        (Reply(503, {"message": "Service Unavailable"}), "http_503"),
        (Reply(502, "<html>Bad Gateway</html>"), "http_502"),
        (Reply(500), "http_500"),
        (Reply(500, "null"), "http_500"),
        (Reply(400, {"success": False, "error": {}}), "http_400"),
        (Reply(400, {"success": False, "error": {"code": 1, "message": []}}), "http_400"),
        (Reply(302, headers={"location": "/elsewhere"}), "http_302"),
        (Reply(200, "<html>Sign in</html>"), "invalid_answer"),
        (Reply(200, b"\xff\xfe"), "invalid_answer"),
        (Reply(200), "invalid_answer"),
        (Reply(200, {"ok": True}), "invalid_answer"),
    ],
)
def test_an_answer_that_is_not_the_api_s_is_an_error_by_its_status(clients: Clients, reply: Reply, code: str) -> None:
    error = failure(clients, reply)
    assert (error.code, error.status) == (code, reply.status)
    assert error.message != ""


def test_a_request_id_that_is_only_in_a_header_is_included(clients: Clients) -> None:
    assert failure(clients, Reply(500, headers={"x-request-id": "req_9"})).request_id == "req_9"

"""Instances, webhooks, templates, chats and lists against the real stack."""

from __future__ import annotations

import base64

import pytest

from pombo import PomboError, verify_webhook
from pombo.types import ConnectBody, CreateTemplate, EventName, WebhookLogList

from .both import Clients
from .eventually import eventually
from .servers import Reply, Seen, serve
from .stack import Stack


def refused(caught: pytest.ExceptionInfo[PomboError]) -> tuple[int, str]:
    return (caught.value.status, caught.value.code)


def test_the_account_shows_its_credits_and_limits(clients: Clients, stack: Stack) -> None:
    account = clients(stack.api_url, stack.api_key).account.get()
    assert account["id"].startswith("acc_")
    assert account["credits"] > 0
    assert account["limits"]["webhooksPerInstance"] == 20


def test_an_instance_is_created_read_changed_listed_and_deleted(clients: Clients, stack: Stack) -> None:
    client = clients(stack.api_url, stack.api_key)
    created = client.instances.create({"name": "Shop", "settings": {"outsideWindow": "refuse", "color": "red"}})
    assert created["status"] == "disconnected"
    assert client.instances.get(created["id"]) == created
    assert client.instances.update(created["id"], {"name": "Shop 2"})["name"] == "Shop 2"
    page = client.instances.list({"limit": 1, "offset": 0})
    assert len(page["data"]) == 1
    assert page["pagination"] == {"total": 2, "limit": 1, "offset": 0, "hasMore": True}
    client.instances.delete(created["id"])
    with pytest.raises(PomboError) as caught:
        client.instances.get(created["id"])
    assert refused(caught) == (404, "instance_not_found")


def test_an_instance_is_connected_and_disconnected(clients: Clients, stack: Stack) -> None:
    client = clients(stack.api_url, stack.api_key)
    identifier = client.instances.create({"name": "Shop"})["id"]
    number: ConnectBody = {
        "method": "official",
        "businessId": "102290129340399",
        "phoneNumberId": "106540352242923",
        "accessToken": "EAAG-of-a-test",
    }
    assert client.instances.connect(identifier, number)["status"] == "connected"
    assert client.instances.status(identifier)["status"] == "connected"
    with pytest.raises(PomboError) as caught:
        client.instances.connect(identifier, number)
    assert refused(caught) == (409, "already_connected")
    client.instances.disconnect(identifier, {"reason": "moved"})
    assert client.instances.status(identifier)["status"] == "disconnected"
    client.instances.delete(identifier)


def test_a_webhook_is_created_read_changed_rotated_listed_and_deleted(clients: Clients, stack: Stack) -> None:
    client = clients(stack.api_url, stack.api_key)
    instance_id = client.instances.create({"name": "Shop"})["id"]
    url = "https://example.com/pombo"
    created = client.webhooks.create({"url": url, "instanceId": instance_id, "events": ["message.sent"]})
    assert created["signingSecret"] == "whsec_" + base64.b64encode(created["secret"].encode()).decode()
    read = client.webhooks.get(created["id"])
    assert (read["url"], read["events"], read["status"]) == (url, ["message.sent"], "active")
    assert "secret" not in read
    events: list[EventName] = ["message.sent", "message.failed"]
    assert set(client.webhooks.update(created["id"], {"events": events})["events"]) == set(events)
    assert [each["id"] for each in client.webhooks.list({"instanceId": instance_id})["data"]] == [created["id"]]
    rotated = client.webhooks.rotate_secret(created["id"], secret="a secret of my own")
    assert rotated["secret"] == "a secret of my own"
    assert client.webhooks.get_logs(created["id"], {"limit": 10}) == []
    none: WebhookLogList = {"data": [], "pagination": {"hasMore": False, "nextCursor": None}}
    assert client.webhooks.list_logs(created["id"], {"limit": 10}) == none
    client.webhooks.delete(created["id"])
    with pytest.raises(PomboError) as caught:
        client.webhooks.get(created["id"])
    assert refused(caught) == (404, "webhook_not_found")
    client.instances.delete(instance_id)


def test_genuine_webhooks_are_verified_tested_and_replayed(clients: Clients, stack: Stack) -> None:
    client, to = clients(stack.api_url, stack.api_key), stack.person()
    with serve(Reply(204)) as receiver:
        webhook = client.webhooks.create(
            {
                "url": receiver.url,
                "instanceId": stack.instance_id,
                "events": ["message.sent", "message.received"],
                "logSuccess": True,
            }
        )
        tested = client.webhooks.test(webhook["id"], "message.sent")
        assert (tested["status"], tested["statusCode"]) == ("success", 204)
        sent = client.messages.send({"instanceId": stack.instance_id, "to": to, "message": "Olá 🕊"})["messageId"]
        stack.write(to, "Oi")

        def calls(text: str) -> list[Seen] | None:
            return [each for each in receiver.seen if text.encode() in each.body] or None

        call = eventually("the webhook of the message", lambda: calls(sent))[0]
        for secret in [webhook["secret"], webhook["signingSecret"]]:
            event = verify_webhook(call.body, dict(call.headers.items()), secret)
            assert event["event"] == "message.sent"
            assert event["data"]["messageId"] == sent
        own = [("X-EnviaAI-Signature", call.headers["x-enviaai-signature"])]
        assert verify_webhook(call.body, own, webhook["secret"]) == event
        received = eventually("the webhook of what was received", lambda: calls('"content":"Oi"'))[0]
        event = verify_webhook(received.body, dict(received.headers.items()), webhook["secret"])
        assert event["event"] == "message.received"
        assert event["data"]["from"] == to
        assert client.messages.read(event["data"]["messageId"], typing=True) == {
            "messageId": event["data"]["messageId"]
        }
        client.webhooks.replay(webhook["id"], {"messageId": sent})
        again = eventually("it comes again", lambda: (calls(sent) or [])[1:] or None)[0]
        assert again.headers["webhook-id"] == call.headers["webhook-id"]
        logged = eventually("it is in the log", lambda: client.webhooks.get_logs(webhook["id"]) or None)
        assert {each["status"] for each in logged} == {"success"}
        client.webhooks.delete(webhook["id"])


def test_an_inbound_url_is_created_listed_and_deleted(clients: Clients, stack: Stack) -> None:
    client = clients(stack.api_url, stack.api_key)
    created = client.webhooks.create_inbound({"name": "Zap", "instanceId": stack.instance_id})
    assert "/webhook/" in created["url"]
    (listed,) = client.webhooks.list_inbound()["data"]
    assert listed["id"] == created["id"]
    assert "url" not in listed
    client.webhooks.delete(created["id"])
    assert client.webhooks.list_inbound()["data"] == []


def test_messages_are_listed_newest_first_and_a_page_at_a_time(clients: Clients, stack: Stack) -> None:
    client, to = clients(stack.api_url, stack.api_key), stack.person()
    instance_id = stack.instance_id
    sent: list[str] = []
    for text in ["one", "two", "three"]:
        sent.insert(0, client.messages.send({"instanceId": instance_id, "to": to, "message": text})["messageId"])
    first = client.messages.list({"instanceId": instance_id, "phone": to, "limit": 2})
    assert [each["messageId"] for each in first["data"]] == sent[:2]
    assert first["pagination"]["hasMore"] is True
    cursor = first["pagination"]["nextCursor"]
    assert cursor is not None
    second = client.messages.list({"instanceId": instance_id, "phone": to, "limit": 2, "before": cursor})
    assert [each["messageId"] for each in second["data"]] == sent[2:]
    stack.until_read(client, sent[0])
    with pytest.raises(PomboError) as caught:
        client.messages.cancel(sent[0])
    assert refused(caught) == (409, "not_cancelable")


def test_a_conversation_shows_until_when_the_person_may_be_written_to_freely(clients: Clients, stack: Stack) -> None:
    client, person = clients(stack.api_url, stack.api_key), stack.person()
    stack.write(person, "Oi")
    chat = client.chats.get(f"chat_{person}", instance_id=stack.instance_id)
    assert (chat["phone"], chat["optedOut"]) == (person, False)
    assert chat["windowClosesAt"] is not None
    assert client.chats.list({"instanceId": stack.instance_id, "limit": 1})["data"] == [chat]
    with pytest.raises(PomboError) as caught:
        client.chats.get("chat_5511900000099", instance_id=stack.instance_id)
    assert refused(caught) == (404, "chat_not_found")


def test_templates_are_created_listed_read_and_deleted(clients: Clients, stack: Stack) -> None:
    client, name = clients(stack.api_url, stack.api_key), f"client_{clients.flavour}"
    body: CreateTemplate = {
        "instanceId": stack.instance_id,
        "name": name,
        "language": "en_US",
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Hi {{1}}", "example": {"body_text": [["Ana"]]}}],
    }
    assert client.templates.create(body)["status"] == "APPROVED"
    found = client.templates.list({"instanceId": stack.instance_id, "name": name})
    assert [each["name"] for each in found["data"]] == [name]
    assert client.templates.get(name, instance_id=stack.instance_id)["parameters"] == ["1"]
    with pytest.raises(PomboError) as caught:
        client.templates.create(body)
    assert (caught.value.code, caught.value.provider_code) == ("provider_error", 100)
    client.templates.delete(name, instance_id=stack.instance_id)
    with pytest.raises(PomboError) as caught:
        client.templates.get(name, instance_id=stack.instance_id)
    assert refused(caught) == (404, "template_not_found")


def test_what_the_api_does_not_know_is_refused_by_name(clients: Clients, stack: Stack) -> None:
    client = clients(stack.api_url, stack.api_key)
    with pytest.raises(PomboError) as caught:
        client.instances.create({"name": "Shop", "color": "red"})  # type: ignore[typeddict-unknown-key]
    assert (caught.value.code, caught.value.field) == ("invalid_request", "color")

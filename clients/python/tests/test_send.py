"""Sending against the real stack: every kind, refusals, and a lost answer."""

from __future__ import annotations

import pytest

from pombo import PomboError
from pombo.types import (
    ContactsMessage,
    FileByUrl,
    InteractiveMessage,
    LocationMessage,
    SendBody,
    TemplateMessage,
    TextMessage,
)

from .both import Clients
from .servers import losing_the_first_answer
from .stack import Stack


def bodies(instance_id: str, to: str) -> dict[str, SendBody]:
    """A message of each kind."""
    url = "https://example.com/file"
    text: TextMessage = {"instanceId": instance_id, "to": to, "message": "Olá 🕊", "previewUrl": False}
    image: FileByUrl = {"instanceId": instance_id, "to": to, "mediaUrl": url, "mediaType": "image", "caption": "Look"}
    document: FileByUrl = {
        "instanceId": instance_id,
        "to": to,
        "mediaUrl": url,
        "mediaType": "document",
        "filename": "Invoice.pdf",
    }
    template: TemplateMessage = {
        "instanceId": instance_id,
        "to": to,
        "template": {"name": "hello_world", "language": "en_US"},
    }
    interactive: InteractiveMessage = {
        "instanceId": instance_id,
        "to": to,
        "interactive": {
            "type": "button",
            "body": {"text": "Is tomorrow at 10 fine?"},
            "action": {"buttons": [{"type": "reply", "reply": {"id": "yes", "title": "Yes"}}]},
        },
    }
    location: LocationMessage = {
        "instanceId": instance_id,
        "to": to,
        "location": {"latitude": -23.5614, "longitude": -46.6559, "name": "Museum"},
    }
    contacts: ContactsMessage = {
        "instanceId": instance_id,
        "to": to,
        "contacts": [{"name": {"formatted_name": "Ana", "first_name": "Ana"}, "phones": [{"phone": "+55 11 9"}]}],
    }
    return {
        "text": text,
        "image": image,
        "document": document,
        "template": template,
        "interactive": interactive,
        "location": location,
        "contacts": contacts,
    }


@pytest.mark.parametrize("kind", bodies("", ""))
def test_a_message_of_each_kind_is_sent_and_read(clients: Clients, stack: Stack, kind: str) -> None:
    client, to = clients(stack.api_url, stack.api_key), stack.person()
    answer = client.messages.send(bodies(stack.instance_id, to)[kind])
    assert (answer["success"], answer["status"]) == (True, "queued")
    state = stack.until_read(client, answer["messageId"])
    assert state["to"] == to
    assert state["sentAt"]
    assert state["deliveredAt"]
    message = client.messages.get(answer["messageId"])
    assert message["direction"] == "outbound"
    assert message["type"] == kind
    assert len(stack.taken_by(to)) == 1


def test_metadata_and_reference_are_kept_and_found(clients: Clients, stack: Stack) -> None:
    client, to = clients(stack.api_url, stack.api_key), stack.person()
    answer = client.messages.send(
        {
            "instanceId": stack.instance_id,
            "to": to,
            "message": "Hello",
            "metadata": {"orderId": "1001"},
            "reference": f"order-{to}",
            "expiresIn": 3_600,
        }
    )
    (found,) = client.messages.list({"reference": f"order-{to}"})["data"]
    assert found["messageId"] == answer["messageId"]
    assert found["direction"] == "outbound"
    assert (found["metadata"], found["expiresIn"]) == ({"orderId": "1001"}, 3_600)


def test_a_message_is_replied_to_and_reacted_to(clients: Clients, stack: Stack) -> None:
    client, to = clients(stack.api_url, stack.api_key), stack.person()
    instance_id = stack.instance_id
    first = client.messages.send({"instanceId": instance_id, "to": to, "message": "Hello"})["messageId"]
    stack.until_read(client, first)
    client.messages.send({"instanceId": instance_id, "to": to, "reaction": {"messageId": first, "emoji": "👍"}})
    reply = client.messages.send({"instanceId": instance_id, "to": to, "message": "And?", "quotedMessageId": first})
    assert client.messages.get(reply["messageId"])["context"]["messageId"] == first
    stack.until_read(client, reply["messageId"])
    assert [each["type"] for each in stack.taken_by(to)] == ["text", "reaction", "text"]


def test_an_uploaded_file_is_sent_by_its_id(clients: Clients, stack: Stack) -> None:
    client, to = clients(stack.api_url, stack.api_key), stack.person()
    content = b"%PDF-1.7\n" + b"0123456789" * 20_000
    media = client.media.upload(
        {"instanceId": stack.instance_id, "filename": "Invoice.pdf", "mimeType": "application/pdf"}, content
    )
    assert media["size"] == len(content)
    assert media["status"] in ("uploading", "ready")
    answer = client.messages.send(
        {"instanceId": stack.instance_id, "to": to, "mediaId": media["id"], "mediaType": "document"}
    )
    stack.until_read(client, answer["messageId"])
    assert client.media.get(media["id"])["status"] == "ready"


def test_an_upload_that_is_refused_is_an_error(clients: Clients, stack: Stack) -> None:
    client = clients(stack.api_url, stack.api_key)
    upload = client.media.create({"instanceId": stack.instance_id, "mimeType": "image/png", "size": 3})
    for _ in range(2):  # the second is answered 412, as after a put whose answer was lost
        client.media._http.put(upload["uploadUrl"], upload["uploadHeaders"], b"png")
    with pytest.raises(PomboError, match="http_4"):
        client.media._http.put(upload["uploadUrl"].replace("X-Amz-Signature=", "X-Amz-Signature=0"), {}, b"png")


def test_a_bad_phone_number_is_refused_with_code_field_and_request_id(clients: Clients, stack: Stack) -> None:
    client = clients(stack.api_url, stack.api_key)
    with pytest.raises(PomboError) as caught:
        client.messages.send({"instanceId": stack.instance_id, "to": "+55 11 99999-9999", "message": "Hello"})
    error = caught.value
    assert (error.code, error.status, error.field) == ("invalid_phone_number", 400, "to")
    assert error.request_id is not None
    assert error.request_id.startswith("req_")


def test_a_wrong_key_and_an_unknown_message_are_refused(clients: Clients, stack: Stack) -> None:
    with pytest.raises(PomboError) as caught:
        clients(stack.api_url, "not-a-key").messages.get_status("msg_none")
    assert (caught.value.code, caught.value.status) == ("invalid_api_key", 401)
    with pytest.raises(PomboError) as caught:
        clients(stack.api_url, stack.api_key).messages.get_status("msg_none")
    assert (caught.value.code, caught.value.status) == ("message_not_found", 404)


def test_the_same_key_and_body_of_the_caller_make_one_message(clients: Clients, stack: Stack) -> None:
    client, to = clients(stack.api_url, stack.api_key), stack.person()
    body: SendBody = {"instanceId": stack.instance_id, "to": to, "message": "Once"}
    first = client.messages.send(body, idempotency_key=f"order {to}")
    second = client.messages.send(body, idempotency_key=f"order {to}")
    assert second["messageId"] == first["messageId"]
    stack.until_read(client, first["messageId"])
    assert len(stack.taken_by(to)) == 1
    other: SendBody = {"instanceId": stack.instance_id, "to": to, "message": "Twice"}
    with pytest.raises(PomboError) as caught:
        client.messages.send(other, idempotency_key=f"order {to}")
    assert (caught.value.code, caught.value.status) == ("idempotency_key_reused", 422)


def test_a_send_whose_answer_gets_lost_is_repeated_with_the_same_key_and_arrives_once(
    clients: Clients, stack: Stack
) -> None:
    to = stack.person()
    with losing_the_first_answer(stack.api_url) as proxy:
        client = clients(proxy.url, stack.api_key)
        answer = client.messages.send({"instanceId": stack.instance_id, "to": to, "message": "Hello"})
    assert len(proxy.seen) >= 2
    assert len({each.headers["idempotency-key"] for each in proxy.seen}) == 1
    stack.until_read(clients(stack.api_url, stack.api_key), answer["messageId"])
    assert len(stack.taken_by(to)) == 1

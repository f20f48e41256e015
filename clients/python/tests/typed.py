"""What the types accept and refuse. mypy is the test: an `ignore` without an error is an error."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from typing_extensions import assert_never

from pombo import AsyncPombo, Pombo, WebhookHeaders
from pombo.types import BatchBody, OwnTemplate, SendAnswer, SendBody, Template, WebhookEvent

URL = "https://example.com/file"


def taken() -> list[SendBody]:
    return [
        {"instanceId": "i", "to": "55", "message": "Hello", "metadata": {"order": 1, "tags": ["a", None]}},
        {"instanceId": "i", "to": "55", "mediaUrl": URL, "mediaType": "video", "caption": "Look"},
        {"instanceId": "i", "to": "55", "mediaUrl": URL, "mediaType": "audio", "quotedMessageId": "msg_1"},
        {"instanceId": "i", "to": "55", "mediaId": "media_1", "mediaType": "document", "filename": "a.pdf"},
        {
            "instanceId": "i",
            "to": "55",
            "template": {"name": "a", "language": "pt_BR", "components": [{"type": "body"}]},
        },
        {"instanceId": "i", "to": "55", "location": {"latitude": -23.5, "longitude": -46}},
        {"instanceId": "i", "to": "55", "contacts": [{"name": {"formatted_name": "Ana"}}]},
        {"instanceId": "i", "to": "55", "reaction": {"messageId": "msg_1", "emoji": ""}, "reference": "order-1"},
    ]


NOTHING: SendBody = {"instanceId": "i", "to": "55"}  # type: ignore[assignment]
TWO_CONTENTS: SendBody = {"instanceId": "i", "to": "55", "message": "a", "template": {}}  # type: ignore[assignment]
NO_TYPE: SendBody = {"instanceId": "i", "to": "55", "mediaUrl": URL}  # type: ignore[assignment]
UNKNOWN_TYPE: SendBody = {"instanceId": "i", "to": "55", "mediaUrl": URL, "mediaType": "gif"}  # type: ignore[typeddict-item]
NO_RECIPIENT: SendBody = {"instanceId": "i", "message": "Hello"}  # type: ignore[assignment]


def narrowed(event: WebhookEvent) -> str:
    """`event` determines the type of `data`."""
    if event["event"] == "message.failed":
        return event["data"]["error"]["code"]
    if event["event"] == "message.received":
        return event["data"]["from"]
    if event["event"] == "contact.opted_out":
        return event["data"]["instanceId"]
    return event["data"]["error"]["code"]  # type: ignore[typeddict-item]


def every(event: WebhookEvent) -> str:
    """A checker knows when all events have been handled, since each has a type of its own."""
    name = event["event"]
    if event["event"] == "message.received":
        return event["data"]["contactName"] or name
    if event["event"] == "message.sent" or event["event"] == "message.delivered" or event["event"] == "message.read":
        return event["data"]["to"]
    if event["event"] == "message.failed" or event["event"] == "media.failed":
        return event["data"]["error"]["code"]
    if event["event"] == "instance.connected" or event["event"] == "instance.updated":
        return event["data"]["status"]
    if event["event"] == "instance.disconnected" or event["event"] == "template.updated":
        return event["data"].get("reason", "")
    if event["event"] == "contact.updated" or event["event"] == "media.ready" or event["event"] == "batch.completed":
        return event["data"]["instanceId"]
    if event["event"] == "contact.opted_out" or event["event"] == "contact.opted_in":
        return event["data"].get("phone", "")
    if event["event"] == "webhook.exhausted" or event["event"] == "webhook.disabled":
        return event["data"]["reason"]
    assert_never(event)


def answers(client: Pombo) -> SendAnswer:
    return client.messages.send({"instanceId": "i", "to": "55", "message": "Hello"}, idempotency_key="order-1")


async def awaited(client: AsyncPombo) -> SendAnswer:
    return await client.messages.send({"instanceId": "i", "to": "55", "message": "Hello"})


HEADERS: list[WebhookHeaders] = [{"webhook-id": "evt_1"}, {"webhook-id": ["evt_1"]}, [("webhook-id", "evt_1")]]


WELCOME: Template = {"name": "welcome", "language": "pt_BR"}


def batches() -> list[BatchBody]:
    return [
        {"instanceId": "i", "message": "Hello", "recipients": [{"to": "55"}, {"to": "55", "message": "Hi"}]},
        {"instanceId": "i", "template": WELCOME, "sendAt": "2026-02-03T09:00:00-03:00", "recipients": [{"to": "55"}]},
        {"instanceId": "i", "recipients": [{"to": "55", "template": WELCOME}, {"to": "55", "message": "Hello"}]},
        {"instanceId": "i", "mediaUrl": URL, "mediaType": "image", "recipients": [{"to": "55", "caption": "Look"}]},
        {"instanceId": "i", "mediaType": "document", "recipients": [{"to": "55", "mediaUrl": URL, "filename": "a"}]},
        {"instanceId": "i", "mediaType": "document", "recipients": [{"to": "55", "mediaId": "media_1"}]},
        {
            "instanceId": "i",
            "location": {"latitude": 1, "longitude": 1},
            "recipients": [{"to": "55", "reference": "a"}],
        },
    ]


BATCH_OF_NOTHING: BatchBody = {"instanceId": "i", "recipients": [{"to": "55"}]}  # type: ignore[list-item]
NO_NUMBER: BatchBody = {"instanceId": "i", "message": "a", "recipients": [{"reference": "a"}]}  # type: ignore[typeddict-item]
NUMBERS_ALONE: BatchBody = {"instanceId": "i", "message": "a", "recipients": ["55"]}  # type: ignore[list-item]
NUMBER_FOR_ALL: BatchBody = {"instanceId": "i", "to": "55", "message": "a", "recipients": []}  # type: ignore[assignment]
OWN_TIME: BatchBody = {"instanceId": "i", "message": "a", "recipients": [{"to": "5", "sendAt": "x"}]}  # type: ignore[typeddict-unknown-key]
MIXED: BatchBody = {"instanceId": "i", "message": "a", "recipients": [{"to": "5", "template": WELCOME}]}  # type: ignore[typeddict-unknown-key]


def rows() -> Iterator[OwnTemplate]:
    yield {"to": "55", "template": WELCOME}


async def streamed() -> AsyncIterator[OwnTemplate]:
    yield {"to": "55", "template": WELCOME}


def campaign(client: Pombo) -> int:
    client.batches.send_all({"instanceId": "i", "recipients": rows()})  # type: ignore[call-arg]
    client.batches.send_all({"instanceId": "i", "recipients": streamed()}, idempotency_key="a")  # type: ignore[typeddict-item]
    parts = client.batches.send_all({"instanceId": "i", "recipients": rows()}, idempotency_key="a")
    return sum(part["done"]["rejected"] for part in parts)


async def awaited_campaign(client: AsyncPombo) -> int:
    client.batches.send_all({"instanceId": "i", "recipients": rows()}, idempotency_key="a")
    parts = client.batches.send_all({"instanceId": "i", "recipients": streamed()}, idempotency_key="a")
    return [part["done"]["rejected"] async for part in parts][-1]

"""What the types accept and refuse. mypy is the test: an `ignore` without an error is an error."""

from __future__ import annotations

from pombo import AsyncPombo, Pombo, WebhookHeaders
from pombo.types import SendAnswer, SendBody, WebhookEvent

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


def answers(client: Pombo) -> SendAnswer:
    return client.messages.send({"instanceId": "i", "to": "55", "message": "Hello"}, idempotency_key="order-1")


async def awaited(client: AsyncPombo) -> SendAnswer:
    return await client.messages.send({"instanceId": "i", "to": "55", "message": "Hello"})


HEADERS: list[WebhookHeaders] = [{"webhook-id": "evt_1"}, {"webhook-id": ["evt_1"]}, [("webhook-id", "evt_1")]]

"""Ten calls to a stack with the client that openapi-python-client generates. Argument: the stack's state file."""

import json
import sys
import time
from typing import TypeVar

from pombo_api import AuthenticatedClient
from pombo_api.api.account import get_own_account
from pombo_api.api.chats import get_chat
from pombo_api.api.inbound_ur_ls import create_inbound_url
from pombo_api.api.instances import create_instance, delete_instance, update_instance
from pombo_api.api.messages import get_message_status, list_messages, send_message
from pombo_api.api.webhooks import create_webhook, update_webhook
from pombo_api.models import (
    CreateInboundUrlRequest,
    CreateInstanceRequest,
    CreateWebhookRequest,
    Error,
    EventName,
    SendBody,
    UpdateInstanceRequest,
    UpdateWebhookRequest,
)

T = TypeVar("T")

# Seconds that anything may take on a machine that is busy with other tests.
PATIENCE = 60


def good(answer: T | Error | None) -> T:
    """The answer, which is neither an error nor one that the document does not describe."""
    assert answer is not None, "the document does not describe this answer"
    assert not isinstance(answer, Error), answer
    return answer


def wait_until_sent(client: AuthenticatedClient, message_id: str) -> None:
    until = time.monotonic() + PATIENCE
    while good(get_message_status.sync(message_id, client=client)).data.status == "queued":
        assert time.monotonic() < until, f"{message_id} is not sent"
        time.sleep(0.05)


def main(state: dict[str, str]) -> None:
    client = AuthenticatedClient(state["apiUrl"], state["apiKey"], raise_on_unexpected_status=True)
    instance_id = state["instanceId"]

    account = good(get_own_account.sync(client=client))
    assert account.data.credits_ > 0

    instance = good(create_instance.sync(client=client, body=CreateInstanceRequest(name="Shop"))).data
    renamed = good(update_instance.sync(instance.id, client=client, body=UpdateInstanceRequest(name="Shop 2")))
    assert renamed.data.name == "Shop 2"

    metadata = {"orderId": "1001", "items": [1, None, {"a": True}]}
    text = {"instanceId": instance_id, "to": "5511900000001", "message": "Olá 🕊", "metadata": metadata}
    sent = good(send_message.sync(client=client, body=SendBody.from_dict(text), idempotency_key="order-1001"))
    wait_until_sent(client, sent.message_id)  # until then a repeat is told that the first request is in progress
    again = good(send_message.sync(client=client, body=SendBody.from_dict(text), idempotency_key="order-1001"))
    assert again.message_id == sent.message_id
    template = {"name": "hello_world", "language": "en_US"}
    body = SendBody.from_dict({"instanceId": instance_id, "to": "5511900000001", "template": template})
    assert good(send_message.sync(client=client, body=body)).status == "queued"

    status = good(get_message_status.sync(sent.message_id, client=client)).data
    assert status.message_id == sent.message_id
    listed = good(list_messages.sync(client=client, instance_id=instance_id, limit=10)).data
    (row,) = [each for each in listed if each.message_id == sent.message_id]
    assert row.to_dict()["metadata"] == metadata

    hook = CreateWebhookRequest(url="https://example.com/pombo", instance_id=instance.id, events=[EventName.MESSAGE_SENT])
    webhook = good(create_webhook.sync(client=client, body=hook)).data
    assert webhook.secret.startswith("whs_")
    changed = good(update_webhook.sync(webhook.id, client=client, body=UpdateWebhookRequest(name="Orders"))).data
    assert changed.name == "Orders"
    url = CreateInboundUrlRequest(name="Zapier", instance_id=instance_id)
    assert "/webhook/" in str(good(create_inbound_url.sync(client=client, body=url)).data.url)

    refused = get_chat.sync("chat_5511900000099", client=client, instance_id=instance_id)
    assert isinstance(refused, Error)
    assert refused.error.code == "chat_not_found"
    assert delete_instance.sync_detailed(instance.id, client=client).status_code == 204
    print("openapi-python-client: every call succeeded")


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        main(json.load(file))

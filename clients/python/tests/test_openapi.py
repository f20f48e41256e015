"""The types and methods of this client against docs/openapi.json: all fields, which are required, and all calls."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest
from typing_extensions import get_type_hints

from pombo import ApiErrorCode, types

from .openapi import DOCUMENT, SCHEMAS, differences, in_fields, members, merged, resolved
from .test_answers import CALLS

RESPONSES = {
    "Accepted": types.SendAnswer,
    "BatchAccepted": types.BatchAnswer,
    "BatchProgressResponse": types.BatchProgress,
    "BatchResponse": types.Batch,
    "ChatResponse": types.Chat,
    "CreateMediaResponse": types.MediaUpload,
    "CreateTemplateResponse": types.CreatedTemplate,
    "CreateWebhookResponse": types.CreatedWebhook,
    "CursorPage": types.CursorPage,
    "DeliveryLogResponse": types.WebhookLog,
    "InstanceResponse": types.Instance,
    "InstanceStatusResponse": types.InstanceState,
    "ListenedEvent": types.ListenedEvent,
    "ListenerPage": types.ListenerPage,
    "ListenerResponse": types.Listener,
    "MediaResponse": types.Media,
    "MediaUrlResponse": types.MediaUrl,
    "MessageStatusResponse": types.MessageState,
    "OffsetPage": types.OffsetPage,
    "OwnAccountResponse": types.OwnAccount,
    "ReadMessageResponse": types.ReadAnswer,
    "ReplayResponse": types.Replay,
    "RotateSecretResponse": types.RotatedSecret,
    "StatisticsResponse": types.Statistics,
    "TemplateResponse": types.MessageTemplate,
    "TestWebhookResponse": types.WebhookTest,
    "TimelineResponse": types.Timeline,
    "WebhookResponse": types.Webhook,
}
REQUESTS = {
    "ConnectInstanceRequest": types.ConnectBody,
    "CreateInboundUrlRequest": types.CreateInboundBody,
    "CreateInstanceRequest": types.CreateInstanceBody,
    "CreateListenerRequest": types.CreateListenerBody,
    "CreateMediaRequest": types.CreateMedia,
    "CreateTemplateRequest": types.CreateTemplate,
    "CreateWebhookRequest": types.CreateWebhookBody,
    "DisconnectInstanceRequest": types.DisconnectBody,
    "UpdateInstanceRequest": types.UpdateInstanceBody,
    "UpdateWebhookRequest": types.UpdateWebhookBody,
}
QUERIES = {
    "getStatistics": types.StatisticsQuery,
    "listBatches": types.ListBatchesQuery,
    "listChats": types.ListChatsQuery,
    "listInboundUrls": types.InboundUrlsQuery,
    "listInstances": types.ListInstancesQuery,
    "listMessages": types.ListMessagesQuery,
    "listTemplates": types.ListTemplatesQuery,
    "listWebhooks": types.ListWebhooksQuery,
    "getWebhookLogs": types.WebhookLogsQuery,
}
ALWAYS_THERE = {
    "Accepted.timestamp: is not required",  # the answer of an inbound URL has none
    "CreateWebhookResponse.instanceId: is not required",  # the operator's webhook has none
    "WebhookResponse.instanceId: is not required",
}
"""What the document lets be absent, and this client's answers always have."""
NOT_IN_THE_CLIENT = (
    r"/v1/admin/.*",  # the operator's
    r"/v1/openapi\.json|/docs.*|/webhook/.*",  # without a key
)


@pytest.mark.parametrize("name", RESPONSES)
def test_a_response_has_the_fields_of_the_document(name: str) -> None:
    assert set(differences(SCHEMAS[name], RESPONSES[name], name, is_request=False)) <= ALWAYS_THERE


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_has_the_fields_of_the_document(name: str) -> None:
    assert differences(SCHEMAS[name], REQUESTS[name], name, is_request=True) == []


def test_messages_of_both_directions_have_all_fields_of_the_document_together() -> None:
    fields = set(resolved(SCHEMAS["MessageResponse"])["properties"])
    both = [types.InboundMessage, types.OutboundMessage]
    assert fields == {name for kind in both for name in kind.__annotations__}
    for kind in both:
        lines = in_fields(resolved(SCHEMAS["MessageResponse"]), kind, kind.__name__, is_request=False)
        others = [line for line in lines if not line.endswith(": the type has no such field")]
        # What one direction always has, a response of the document may leave out.
        own = {"InboundMessage.from: is not required", "OutboundMessage.to: is not required"}
        directions = {line for line in others if line.startswith(f"{kind.__name__}.direction: is one of")}
        assert set(others) - own == directions


def test_all_messages_to_send_have_all_fields_of_the_document_together() -> None:
    schema = resolved(SCHEMAS["SendBody"])
    kinds: tuple[Any, ...] = get_args(types.SendBody)
    assert set(schema["properties"]) == {name for kind in kinds for name in kind.__annotations__}
    for kind in kinds:
        own = {"required": [*schema["required"], *content_of(kind, schema)]}
        lines = in_fields(merged([schema, own]), kind, kind.__name__, is_request=True)
        assert [line for line in lines if not line.endswith(": the type has no such field")] == []


def test_all_batches_and_their_recipients_have_all_fields_of_the_document_together() -> None:
    schema = resolved(SCHEMAS["BatchBody"])
    recipient = resolved(resolved(schema["properties"]["recipients"])["items"])
    batches = get_args(types.BatchBody)
    rows = {row for batch in batches for row in members(get_args(get_type_hints(batch)["recipients"])[0])}
    for whole, kinds in ((schema, batches), (recipient, rows)):
        fields = {name for kind in kinds for name in get_type_hints(kind)}
        assert set(whole["properties"]) == fields
        for kind in kinds:
            own = {"required": [*whole["required"], *content_of(kind, whole)]}
            lines = in_fields(merged([whole, own]), kind, kind.__name__, is_request=True)
            unknown = (": the type has no such field", ".recipients: is array, not object")
            assert [line for line in lines if not line.endswith(unknown)] == []


def content_of(kind: Any, schema: dict[str, Any]) -> list[str]:
    """What a type requires beside the document: one content."""
    return sorted(kind.__required_keys__ - set(schema["required"]))


def test_inbound_urls_have_the_fields_of_the_document() -> None:
    listed = {name: field for name, field in SCHEMAS["InboundUrlResponse"]["properties"].items() if name != "url"}
    created = {**SCHEMAS["InboundUrlResponse"], "required": [*SCHEMAS["InboundUrlResponse"]["required"], "url"]}
    in_a_list = {**SCHEMAS["InboundUrlResponse"], "properties": listed}
    assert differences(created, types.InboundUrl, "created", is_request=False) == []
    assert differences(in_a_list, types.ListedInboundUrl, "listed", is_request=False) == []


@pytest.mark.parametrize("operation", QUERIES)
def test_a_query_has_the_parameters_of_the_document(operation: str) -> None:
    (found,) = [
        each for path in DOCUMENT["paths"].values() for each in path.values() if each.get("operationId") == operation
    ]
    # Only the operator, with the admin key, names an account.
    parameters = [each for each in found["parameters"] if each["in"] == "query" and each["name"] != "accountId"]
    schema = {
        "properties": {each["name"]: each["schema"] for each in parameters},
        "required": [each["name"] for each in parameters if each.get("required")],
    }
    assert differences(schema, QUERIES[operation], operation, is_request=True) == []


def test_every_call_of_a_customer_has_a_method() -> None:
    made = [call.split("?")[0] for call, _ in CALLS]
    missing = []
    for path, operations in DOCUMENT["paths"].items():
        if any(re.fullmatch(pattern, path) for pattern in NOT_IN_THE_CLIENT):
            continue
        pattern = re.sub(r"{\w+}", "[^/]+", path)
        missing += [
            f"{method.upper()} {path}"
            for method in operations
            if method in ("get", "post", "put", "patch", "delete")
            and not any(re.fullmatch(f"{method.upper()} {pattern}", call) for call in made)
        ]
    assert missing == []


def test_every_error_code_of_the_document_has_a_name() -> None:
    of_the_operator = {"account_closed", "account_not_found", "callback_not_found", "key_not_found"}
    code = resolved(SCHEMAS["ErrorDetails"]["properties"]["code"])
    assert set(code["enum"]) - of_the_operator == set(get_args(ApiErrorCode))


EVENTS = {name: kind for kind in get_args(types.WebhookEvent) for name in get_args(get_type_hints(kind)["event"])}
"""The types of the events, by their names."""


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_has_the_fields_of_the_document(name: str) -> None:
    content = DOCUMENT["webhooks"][name]["post"]["requestBody"]["content"]
    lines = differences(content["application/json"]["schema"], EVENTS[name], "event", is_request=False)
    assert [line for line in lines if not is_of_one_status(line)] == []


def is_of_one_status(line: str) -> bool:
    """The document has one schema for all events of a message's progress, one for both of a file, one for all messages.

    Each event has one status and one direction, only a failure has an error, and no size is known of a received file.
    """
    one_of = tuple(f"event.{field}: is one of" for field in ("event", "data.status", "data.direction"))
    return line.startswith((*one_of, "event.data.error: ", "event.data.media.size: "))


def test_every_event_of_the_document_has_a_type() -> None:
    assert set(DOCUMENT["webhooks"]) == set(EVENTS)

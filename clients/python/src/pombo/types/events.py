"""The events that webhooks receive. `event` tells which: a type checker narrows `data` by it."""

from typing import Literal, Union

from typing_extensions import NotRequired, TypedDict

from .event_data import (
    BatchCompletion,
    ContactPreference,
    ContactUpdate,
    InstanceChange,
    InstanceUpdate,
    MediaFailed,
    MediaReady,
    MessageDelivered,
    MessageFailed,
    MessageRead,
    MessageSent,
    ReceivedMessage,
    TemplateUpdate,
    WebhookFailure,
)


class _Event(TypedDict):
    timestamp: str
    test: NotRequired[bool]
    """Sent by `webhooks.test`."""


class MessageSentEvent(_Event):
    """`message.sent`."""

    event: Literal["message.sent"]
    data: MessageSent


class MessageDeliveredEvent(_Event):
    """`message.delivered`."""

    event: Literal["message.delivered"]
    data: MessageDelivered


class MessageReadEvent(_Event):
    """`message.read`."""

    event: Literal["message.read"]
    data: MessageRead


class MessageFailedEvent(_Event):
    """`message.failed`."""

    event: Literal["message.failed"]
    data: MessageFailed


class MessageReceivedEvent(_Event):
    """`message.received`."""

    event: Literal["message.received"]
    data: ReceivedMessage


class InstanceConnectedEvent(_Event):
    """`instance.connected`."""

    event: Literal["instance.connected"]
    data: InstanceChange


class InstanceDisconnectedEvent(_Event):
    """`instance.disconnected`."""

    event: Literal["instance.disconnected"]
    data: InstanceChange


class InstanceUpdatedEvent(_Event):
    """`instance.updated`."""

    event: Literal["instance.updated"]
    data: InstanceUpdate


class TemplateUpdatedEvent(_Event):
    """`template.updated`."""

    event: Literal["template.updated"]
    data: TemplateUpdate


class ContactUpdatedEvent(_Event):
    """`contact.updated`."""

    event: Literal["contact.updated"]
    data: ContactUpdate


class ContactOptedOutEvent(_Event):
    """`contact.opted_out`."""

    event: Literal["contact.opted_out"]
    data: ContactPreference


class ContactOptedInEvent(_Event):
    """`contact.opted_in`."""

    event: Literal["contact.opted_in"]
    data: ContactPreference


class MediaReadyEvent(_Event):
    """`media.ready`."""

    event: Literal["media.ready"]
    data: MediaReady


class MediaFailedEvent(_Event):
    """`media.failed`."""

    event: Literal["media.failed"]
    data: MediaFailed


class BatchCompletedEvent(_Event):
    """`batch.completed`."""

    event: Literal["batch.completed"]
    data: BatchCompletion


class WebhookExhaustedEvent(_Event):
    """`webhook.exhausted`, which only an account's operator webhook receives."""

    event: Literal["webhook.exhausted"]
    data: WebhookFailure


class WebhookDisabledEvent(_Event):
    """`webhook.disabled`, which only an account's operator webhook receives."""

    event: Literal["webhook.disabled"]
    data: WebhookFailure


WebhookEvent = Union[
    MessageSentEvent,
    MessageDeliveredEvent,
    MessageReadEvent,
    MessageFailedEvent,
    MessageReceivedEvent,
    InstanceConnectedEvent,
    InstanceDisconnectedEvent,
    InstanceUpdatedEvent,
    TemplateUpdatedEvent,
    ContactUpdatedEvent,
    ContactOptedOutEvent,
    ContactOptedInEvent,
    MediaReadyEvent,
    MediaFailedEvent,
    BatchCompletedEvent,
    WebhookExhaustedEvent,
    WebhookDisabledEvent,
]
"""An event. Later versions of the API may publish more."""

EventName = Literal[
    "message.sent",
    "message.delivered",
    "message.read",
    "message.failed",
    "message.received",
    "instance.connected",
    "instance.disconnected",
    "instance.updated",
    "instance.qr_updated",
    "template.updated",
    "contact.updated",
    "contact.opted_out",
    "contact.opted_in",
    "media.ready",
    "media.failed",
    "batch.completed",
]
"""The events that a webhook can subscribe to. `instance.qr_updated` is accepted and never published."""

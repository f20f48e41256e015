# Generated from `_async` by `scripts/generate_sync.py`: change that.
"""Webhooks, which receive the events of messages and instances, and inbound URLs, which send without a key."""

from __future__ import annotations

from .._call import Call, segment
from ..types import (
    CreatedWebhook,
    CreateInboundBody,
    CreateWebhookBody,
    EventName,
    InboundUrl,
    InboundUrlList,
    InboundUrlsQuery,
    ListWebhooksQuery,
    Replay,
    ReplayBody,
    RotatedSecret,
    UpdateWebhookBody,
    Webhook,
    WebhookList,
    WebhookLogList,
    WebhookLogs,
    WebhookLogsQuery,
    WebhookTest,
)
from .http import Http


class Webhooks:
    """Webhooks and inbound URLs."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def create(self, body: CreateWebhookBody) -> CreatedWebhook:
        """Creates a webhook. Only this answer and that of `rotate_secret` show the secret."""
        return self._http.data(Call[CreatedWebhook]("POST", "/webhooks", body=body))

    def list(self, query: ListWebhooksQuery | None = None) -> WebhookList:
        """Lists webhooks, one page at a time."""
        return self._http.page(Call[WebhookList]("GET", "/webhooks", query=query))

    def get(self, webhook_id: str) -> Webhook:
        """Gets a webhook."""
        return self._http.data(Call[Webhook]("GET", f"/webhooks/{segment(webhook_id)}"))

    def update(self, webhook_id: str, body: UpdateWebhookBody) -> Webhook:
        """Changes a webhook; absent fields stay as they are."""
        return self._http.data(Call[Webhook]("PUT", f"/webhooks/{segment(webhook_id)}", body=body))

    def delete(self, webhook_id: str) -> None:
        """Deletes a webhook or an inbound URL."""
        self._http.data(Call[None]("DELETE", f"/webhooks/{segment(webhook_id)}"))

    def rotate_secret(self, webhook_id: str, *, secret: str | None = None) -> RotatedSecret:
        """Rotates the secret, to `secret` or a generated one; the previous one stays valid for a while."""
        path = f"/webhooks/{segment(webhook_id)}/rotate"
        body = {} if secret is None else {"secret": secret}
        return self._http.data(Call[RotatedSecret]("POST", path, body=body))

    def test(self, webhook_id: str, event: EventName = "message.sent") -> WebhookTest:
        """Makes one delivery now, marked `test`."""
        path = f"/webhooks/{segment(webhook_id)}/test"
        return self._http.data(Call[WebhookTest]("POST", path, body={"event": event}))

    def list_logs(self, webhook_id: str, query: WebhookLogsQuery | None = None) -> WebhookLogList:
        """Lists deliveries, newest first, one page at a time.

        With a `status` a page may be empty although more follow.
        """
        path = f"/webhooks/{segment(webhook_id)}/logs"
        return self._http.page(Call[WebhookLogList]("GET", path, query=query))

    def get_logs(self, webhook_id: str, query: WebhookLogsQuery | None = None) -> WebhookLogs:
        """Gets the deliveries of one page of `list_logs`, without its `nextCursor`."""
        path = f"/webhooks/{segment(webhook_id)}/logs"
        return self._http.data(Call[WebhookLogs]("GET", path, query=query))

    def replay(self, webhook_id: str, body: ReplayBody) -> Replay:
        """Replays events with their original ids."""
        return self._http.data(Call[Replay]("POST", f"/webhooks/{segment(webhook_id)}/replay", body=body))

    def get_replay(self, webhook_id: str, replay_id: str) -> Replay:
        """Gets the progress of a replay."""
        path = f"/webhooks/{segment(webhook_id)}/replays/{segment(replay_id)}"
        return self._http.data(Call[Replay]("GET", path))

    def create_inbound(self, body: CreateInboundBody) -> InboundUrl:
        """Creates a URL that sends messages without a key; the API key needs `messages:write` as well."""
        return self._http.data(Call[InboundUrl]("POST", "/webhooks/inbound", body=body))

    def list_inbound(self, query: InboundUrlsQuery | None = None) -> InboundUrlList:
        """Lists inbound URLs without their secrets."""
        return self._http.page(Call[InboundUrlList]("GET", "/webhooks/inbound", query=query))

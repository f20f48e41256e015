"""What a person chose, in events as the stack publishes them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import pytest

from pombo import Pombo, chosen_reply, verify_webhook
from pombo.types import WebhookEvent

from .eventually import PATIENCE
from .stack import Stack

SECRET = "whs_the-secret-of-chosen-replies"
BUTTON = {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "L", "title": "Large"}}}
ROW = {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": "am", "title": "Morning"}}}
QUICK_REPLY = {"type": "button", "button": {"payload": "stop-offers", "text": "No more offers"}}
FORM = {
    "type": "interactive",
    "interactive": {"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": "{}"}},
}
WRITTEN = [
    (BUTTON, {"id": "L", "title": "Large"}),
    (ROW, {"id": "am", "title": "Morning"}),
    (QUICK_REPLY, {"id": "stop-offers", "title": "No more offers"}),
    (FORM, None),
    ({"type": "text", "text": {"body": "Large"}}, None),
]


@contextmanager
def receiving(stack: Stack) -> Iterator[queue.Queue[WebhookEvent]]:
    """What the instance receives meanwhile."""
    events: queue.Queue[WebhookEvent] = queue.Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            events.put(verify_webhook(body, self.headers.items(), SECRET))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server, Pombo(stack.api_key, stack.api_url) as client:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        webhook = client.webhooks.create(
            {
                "url": f"http://127.0.0.1:{server.server_port}",
                "instanceId": stack.instance_id,
                "events": ["message.received"],
                "secret": SECRET,
            }
        )
        try:
            yield events
        finally:
            client.webhooks.delete(webhook["id"])
            server.shutdown()
            thread.join()


def test_a_choice_has_its_id_and_title(stack: Stack) -> None:
    with receiving(stack) as events:
        person = stack.person()
        for written, expected in WRITTEN:
            stack.say(person, written)
            assert chosen_reply(events.get(timeout=PATIENCE)) == expected


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("button", {"text": "No id"}),
        ("interactive", {"button_reply": "L"}),
        ("interactive", {"list_reply": {"id": 1, "title": "Morning"}}),
        ("order", {"button_reply": {"id": "L", "title": "Large"}}),
        ("interactive", None),
    ],
)
def test_anything_else_is_no_choice(kind: str, details: Any) -> None:
    data = {"type": kind} if details is None else {"type": kind, "details": details}
    assert chosen_reply(cast(WebhookEvent, {"event": "message.received", "data": data})) is None
    assert chosen_reply(cast(WebhookEvent, {"event": "message.sent", "data": data})) is None

"""What a person chose in an answer to buttons or a list."""

from __future__ import annotations

from typing import Any

from .types import ChosenReply, WebhookEvent


def chosen_reply(event: WebhookEvent) -> ChosenReply | None:
    """Returns the reply button, the row of a list or the quick reply of a template that an event says was chosen."""
    if event["event"] != "message.received":
        return None
    details = event["data"].get("details", {})
    if event["data"]["type"] == "button":
        return _reply(details.get("payload"), details.get("text"))
    chosen = details.get("button_reply") or details.get("list_reply")
    if event["data"]["type"] != "interactive" or not isinstance(chosen, dict):
        return None
    return _reply(chosen.get("id"), chosen.get("title"))


def _reply(identifier: Any, title: Any) -> ChosenReply | None:
    return {"id": identifier, "title": title} if isinstance(identifier, str) and isinstance(title, str) else None

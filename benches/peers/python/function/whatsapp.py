"""The connection to WhatsApp: one POST, never repeated, and its outcome."""

import json
from dataclasses import dataclass

import urllib3

from environment import text

_BASE = f"{text('WHATSAPP_URL')}/{text('WHATSAPP_VERSION')}"
_pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=3, read=15), retries=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One of `accepted` with WhatsApp's id, `rejected` with its error, `not_sent`, and `unknown`."""

    kind: str
    provider_id: str = ""
    error: dict | None = None
    reason: str = ""


def post(number_id: str, token: str, body: dict) -> Outcome:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    try:
        response = _pool.request(
            "POST",
            f"{_BASE}/{number_id}/messages",
            body=json.dumps(body, separators=(",", ":")).encode(),
            headers=headers,
            redirect=False,
        )
    except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
        return Outcome("not_sent", reason=repr(error))
    except urllib3.exceptions.HTTPError as error:
        return Outcome("unknown", reason=repr(error))
    return _outcome(response.status, response.data)


def _outcome(status: int, data: bytes) -> Outcome:
    """WhatsApp's answer decides; after one that cannot be read, the message may have been accepted."""
    try:
        answer = json.loads(data)
        if "error" in answer and isinstance(answer["error"]["code"], int):
            return Outcome("rejected", error=answer["error"])
        if 200 <= status < 300:
            return Outcome("accepted", provider_id=answer["messages"][0]["id"])
    except (ValueError, KeyError, IndexError, TypeError):
        pass
    return Outcome("unknown", reason=f"an answer {status} that can't be read")


def body(to: str, content: dict, quoted: str | None, tag: str) -> dict:
    if content["type"] == "text":
        kind, part = "text", {"body": content["body"], "preview_url": True}
    else:
        kind, part = content["media"], {"link": content["url"]}
        part |= {name: content[name] for name in ("caption", "filename") if name in content}
    message = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": f"+{to}",
        "biz_opaque_callback_data": tag,
        "type": kind,
        kind: part,
    }
    if quoted:
        message["context"] = {"message_id": quoted}
    return message

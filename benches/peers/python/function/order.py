"""The body of a send request: validated once, or refused with the field that is wrong."""

import json
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from answer import ApiError, invalid

_TEXTS = {"instanceId", "to", "message", "mediaUrl", "mediaType", "filename", "caption", "quotedMessageId"}
_FIELDS = _TEXTS | {"metadata", "expiresIn"}
_MAX_BODY = 256 * 1024
_DAY = 86_400
_FORMATS = {
    "image": {"jpg", "jpeg", "png", "webp"},
    "video": {"mp4", "3gp"},
    "audio": {"mp3", "ogg", "aac"},
    "document": {"pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "txt"},
}
_ALL_FORMATS = set().union(*_FORMATS.values())
_INSTANCE = re.compile(r"inst_[A-Za-z0-9_-]{1,59}")
_PHONE = re.compile(r"[1-9][0-9]{6,14}")
_MESSAGE = re.compile(r"msg_[A-Za-z0-9_-]{1,60}")
_PROVIDER = re.compile(r"wamid\.[!-~]{1,250}")
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")


@dataclass(frozen=True, slots=True)
class Order:
    instance_id: str
    to: str
    content: dict
    quoted: dict | None
    metadata: str | None
    expires_in: int


def parse(body: str) -> Order:
    fields = _read(body)
    instance_id, to = fields.get("instanceId"), fields.get("to")
    if instance_id is None:
        raise invalid("instanceId", "is missing")
    if not _INSTANCE.fullmatch(instance_id):
        raise ApiError(404, "invalid_instance", "there is no such instance", "instanceId")
    if to is None:
        raise invalid("to", "is missing")
    if not _PHONE.fullmatch(to):
        raise ApiError(400, "invalid_phone_number", "must have 7 to 15 digits, country code first", "to")
    expires_in = fields.get("expiresIn", _DAY)
    if type(expires_in) is not int or not 1 <= expires_in <= _DAY:
        raise invalid("expiresIn", f"must be from 1 to {_DAY} seconds")
    quoted, metadata = _quoted(fields.get("quotedMessageId")), _metadata(fields.get("metadata"))
    return Order(instance_id, to, _content(fields), quoted, metadata, expires_in)


def _read(body: str) -> dict:
    if len(body) > _MAX_BODY:
        raise ApiError(413, "payload_too_large", "the body is larger than 256 KB")
    try:
        fields = json.loads(body)
    except ValueError:
        raise ApiError(400, "invalid_request", "the body must be JSON") from None
    if not isinstance(fields, dict):
        raise ApiError(400, "invalid_request", "the body must be a JSON object")
    for field, value in fields.items():
        if field not in _FIELDS:
            raise invalid(field, "is not a field of this request")
        if field in _TEXTS and value is not None and not isinstance(value, str):
            raise invalid(field, "must be a text")
    return {field: value for field, value in fields.items() if value is not None}


def _content(fields: dict) -> dict:
    message, url, kind = fields.get("message"), fields.get("mediaUrl"), fields.get("mediaType")
    filename, caption = fields.get("filename"), fields.get("caption")
    if message is not None:
        if url is not None or kind is not None:
            raise invalid("message", "does not go with what else is there")
        if filename is not None:
            raise invalid("filename", "goes with a document only")
        if caption is not None:
            raise invalid("caption", "goes with an image, video or document only")
        _limit("message", message, 4096)
        if not message.strip():
            raise invalid("message", "has nothing to show")
        return {"type": "text", "body": message}
    if url is None:
        raise invalid("message" if kind is None else "mediaUrl", "is missing")
    if kind is None:
        raise invalid("mediaType", "is missing: image, video, audio or document")
    if kind not in _FORMATS:
        raise ApiError(400, "unsupported_media_type", "must be image, video, audio or document", "mediaType")
    if caption is not None and kind == "audio":
        raise invalid("caption", "does not go with audio")
    if filename is not None and kind != "document":
        raise invalid("filename", "goes with a document only")
    _limit("caption", caption or "", 1024)
    _limit("filename", filename or "", 255)
    _check_url(url, _FORMATS[kind])
    content = {"type": "media", "media": kind, "url": url, "caption": caption, "filename": filename}
    return {name: value for name, value in content.items() if value is not None}


def _check_url(text: str, formats: set[str]) -> None:
    url = None
    try:
        url = urlsplit(text)
    except ValueError:
        pass
    if len(text) > 2048 or not url or url.scheme not in ("http", "https") or not url.hostname or "@" in url.netloc:
        raise invalid("mediaUrl", "must be an http or https URL without a user, of at most 2048 bytes")
    name = url.path.rsplit("/", 1)[-1]
    extension = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if extension in _ALL_FORMATS and extension not in formats:
        raise ApiError(400, "unsupported_media_type", f"the file is .{extension}", "mediaType")


def _limit(field: str, text: str, most: int) -> None:
    if len(text) > most:
        raise invalid(field, f"has more than {most} characters")


def _quoted(message_id: str | None) -> dict | None:
    if message_id is None:
        return None
    if _PROVIDER.fullmatch(message_id):
        return {"provider": message_id}
    if _MESSAGE.fullmatch(message_id):
        return {"message": message_id}
    raise invalid("quotedMessageId", "must be `msg_…`, or WhatsApp's own `wamid.…`")


def _metadata(metadata) -> str | None:
    """As every webhook repeats it: the order of JavaScript's keys, since customers parse and print it again."""
    if metadata is None:
        return None
    if not isinstance(metadata, dict):
        raise invalid("metadata", "must be a JSON object")
    text = json.dumps(_ordered(metadata), separators=(",", ":"), ensure_ascii=False)
    if len(text.encode()) > 4096:
        raise invalid("metadata", "has more than 4096 bytes")
    return text


def _ordered(value):
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (0, int(key)) if _INDEX.fullmatch(key) else (1, 0))
        return {key: _ordered(value[key]) for key in keys}
    if isinstance(value, list):
        return [_ordered(member) for member in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value

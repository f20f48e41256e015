"""A call of the API as a value: both clients build it alike and differ only in how they make it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar
from urllib.parse import quote, urlsplit

from .errors import PomboError, invalid

T = TypeVar("T")

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True)
class Call(Generic[T]):
    """A call whose answer is a `T`."""

    method: Method
    path: str
    query: Mapping[str, object] | None = None
    """Values that are `None` are left out."""
    body: object = None
    idempotency_key: str | None = None

    def parameters(self) -> dict[str, str]:
        """The query as text."""
        return {name: str(value) for name, value in (self.query or {}).items() if value is not None}

    def content(self) -> bytes | None:
        """The body as JSON. It is made once, since a retry must have the same bytes under the same key."""
        return None if self.body is None else json_bytes(self.body)

    def headers(self, api_key: str, user_agent: str) -> dict[str, str]:
        """The headers of the request."""
        headers = {"authorization": f"Bearer {api_key}", "accept": "application/json", "user-agent": user_agent}
        if self.body is not None:
            headers["content-type"] = "application/json"
        if self.idempotency_key is not None:
            headers["idempotency-key"] = self.idempotency_key
        return headers


def json_bytes(body: object) -> bytes:
    """A body as JSON."""
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError) as cause:
        raise invalid("body", f"must be JSON: {cause}") from cause


def segment(identifier: str) -> str:
    """An id as one segment of a path."""
    if not isinstance(identifier, str) or identifier in ("", ".", ".."):
        raise invalid("id", "must be an id as the API gives them")
    return quote(identifier, safe="")


def checked_key(api_key: str) -> str:
    """An API key that a header can carry."""
    if not isinstance(api_key, str) or not re.fullmatch(r"[\x21-\x7e]+", api_key):
        raise PomboError("missing_api_key", "api_key must be the text of an API key", field="api_key")
    return api_key


def checked_base_url(base_url: str) -> str:
    """The URL of the API, without `/v1`."""
    parts = urlsplit(base_url) if isinstance(base_url, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise invalid("base_url", "must be an http or https URL: where the API is")
    return re.sub(r"/v1$", "", base_url.rstrip("/"))


def checked_idempotency_key(key: str) -> str:
    """An Idempotency-Key that a header can carry."""
    if not isinstance(key, str) or not re.fullmatch(r"[\x20-\x7e]{1,255}", key) or key.strip() == "":
        raise invalid("Idempotency-Key", "must have 1 to 255 ASCII characters")
    return key

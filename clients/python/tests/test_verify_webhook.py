"""Verifying webhooks, and that the published Standard Webhooks library agrees in both directions."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import datetime, timezone
from typing import Any, cast

import pytest
import standardwebhooks

from pombo import WebhookCheck, WebhookHeaders, WebhookVerificationError, verify_webhook

SECRET = "whs_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYq"
OTHER = "whs_another-secret-of-the-same-length-as-the-one"
SIGNING_SECRET = "whsec_" + base64.b64encode(SECRET.encode()).decode()
NOW = 1_770_120_000
EVENT = {
    "event": "message.sent",
    "timestamp": "2026-02-03T11:59:59.000Z",
    "data": {"messageId": "msg_1", "status": "sent", "metadata": {"name": "Zoë 🕊"}},
}
BODY = json.dumps(EVENT, ensure_ascii=False, separators=(",", ":")).encode()


def digest(secret: str, content: bytes) -> bytes:
    return hmac.new(secret.encode(), content, hashlib.sha256).digest()


def standard(secret: str = SECRET, seconds: object = NOW, identifier: str = "evt_1") -> dict[str, str]:
    signature = base64.b64encode(digest(secret, f"{identifier}.{seconds}.".encode() + BODY)).decode()
    return {
        "webhook-id": identifier,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{signature}",
    }


def envia_ai(secret: str = SECRET, body: bytes = BODY) -> dict[str, str]:
    return {"X-EnviaAI-Signature": f"sha256={digest(secret, body).hex()}"}


def refuses(check: WebhookCheck, headers: WebhookHeaders, body: Any = BODY, secret: str = SECRET) -> None:
    with pytest.raises(WebhookVerificationError) as caught:
        verify_webhook(body, headers, secret, now=NOW)
    assert caught.value.check == check


@pytest.mark.parametrize("headers", [standard(), envia_ai(), {**standard(), **envia_ai()}])
@pytest.mark.parametrize("secret", [SECRET, SIGNING_SECRET, SIGNING_SECRET.rstrip("=")])
@pytest.mark.parametrize("body", [BODY, BODY.decode()])
def test_a_valid_signature_of_either_kind_is_accepted(headers: dict[str, str], secret: str, body: bytes | str) -> None:
    assert verify_webhook(body, headers, secret, now=NOW) == EVENT


@pytest.mark.parametrize("own", ["whsec_my-very-own-secret", "whsec_YWJj", "a secret: ção"])
def test_a_customer_s_own_secret_is_accepted_even_if_it_looks_like_the_whsec_form(own: str) -> None:
    for headers in [standard(own), envia_ai(own)]:
        assert verify_webhook(BODY, headers, own, now=NOW) == EVENT


def test_headers_are_found_in_any_case_as_lists_and_as_pairs() -> None:
    upper = {name.upper(): value for name, value in standard().items()}
    lists = {name: [value] for name, value in standard().items()}
    for headers in [upper, lists, list(standard().items()), tuple(envia_ai().items())]:
        assert verify_webhook(BODY, cast(WebhookHeaders, headers), SECRET, now=NOW) == EVENT


def test_either_secret_is_accepted_while_one_is_being_rotated() -> None:
    signatures = [headers["webhook-signature"] for headers in (standard(), standard(OTHER))]
    one_header = {**standard(), "webhook-signature": " ".join(signatures), **envia_ai()}
    two_headers = [*standard().items(), ("webhook-signature", signatures[1])]
    for secret in [SECRET, OTHER]:
        for headers in [one_header, two_headers]:
            assert verify_webhook(BODY, cast(WebhookHeaders, headers), secret, now=NOW) == EVENT


def test_a_changed_byte_id_or_time_is_refused() -> None:
    for place in range(len(BODY)):
        changed = BODY[:place] + bytes([BODY[place] ^ 1]) + BODY[place + 1 :]
        refuses("signature", standard(), changed)
        refuses("signature", envia_ai(), changed)
    refuses("signature", {**standard(), "webhook-id": "evt_2"})
    refuses("signature", {**standard(), "webhook-timestamp": str(NOW - 1)})


def test_another_secret_is_refused() -> None:
    refuses("signature", standard(OTHER))
    refuses("signature", envia_ai(OTHER))


def test_a_signature_that_is_cut_short_empty_or_of_another_version_is_refused() -> None:
    right = standard()["webhook-signature"]
    for signature in [right[:-2], "", "v1,", right.replace("v1", "v1a"), right[3:], "é", f"{right}\0"]:
        refuses("signature", {**standard(), "webhook-signature": signature})
    refuses("signature", {"x-enviaai-signature": ""})


def test_a_time_that_is_old_in_the_future_or_invalid_is_refused() -> None:
    for seconds in [NOW - 300, NOW + 300]:
        verify_webhook(BODY, standard(seconds=seconds), SECRET, now=NOW)
    for wrong in [NOW - 301, NOW + 301, "nan", "", "-1", "1e9", " 1", "9" * 13, "١"]:
        refuses("timestamp", standard(seconds=wrong))
    assert verify_webhook(BODY, standard(seconds=NOW - 3_600), SECRET, now=NOW, tolerance=3_600) == EVENT
    with pytest.raises(WebhookVerificationError):
        verify_webhook(BODY, standard(), SECRET, now=NOW, tolerance=float("nan"))


def test_wrong_standard_webhooks_headers_are_refused_whatever_the_other_signature_says() -> None:
    refuses("signature", {**standard(OTHER), **envia_ai()})
    for missing in standard():
        headers = {name: value for name, value in standard().items() if name != missing}
        refuses("headers", {**headers, **envia_ai()})


def test_what_has_no_signature_is_refused() -> None:
    refuses("headers", {})
    refuses("headers", [])


@pytest.mark.parametrize("secret", ["", "whsec_"])
def test_an_empty_secret_is_refused(secret: str) -> None:
    refuses("secret", envia_ai(""), BODY, secret)


def test_a_body_that_is_parsed_already_or_is_no_event_is_refused() -> None:
    refuses("body", envia_ai(), EVENT)
    for body in [b"", b"[]", b'{"event":"message.sent"}', b"\xff"]:
        refuses("body", envia_ai(body=body), body)


class TestStandardWebhooksLibrary:
    library = standardwebhooks.Webhook(SIGNING_SECRET)

    def test_signs_what_verify_webhook_accepts(self) -> None:
        signature = self.library.sign("evt_1", datetime.fromtimestamp(NOW, timezone.utc), BODY.decode())
        headers = {**standard(), "webhook-signature": signature}
        assert verify_webhook(BODY, headers, SECRET, now=NOW) == EVENT

    def test_agrees_on_what_is_valid_and_what_is_not(self) -> None:
        now = int(time.time())
        right = standard(seconds=now)
        assert self.library.verify(BODY, right) == verify_webhook(BODY, right, SECRET)
        wrong = [(BODY, standard(OTHER, now)), (BODY, standard(seconds=now - 400)), (BODY + b" ", right)]
        for body, headers in wrong:
            with pytest.raises(standardwebhooks.WebhookVerificationError):
                self.library.verify(body, headers)
            with pytest.raises(WebhookVerificationError):
                verify_webhook(body, headers, SECRET)

"""Sends queued messages to WhatsApp: claim -> POST -> result, one after another in the order of the queue."""

import json
import math
import random

from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from accounts import find_instance
from clients import get, queues
from environment import EXPRESS_QUEUE_URL, MESSAGES_TABLE, text
from message import now
from results import claim, fail, release, sent, unknown
from secrets_of_numbers import open_sealed, tag
from whatsapp import body, post

_SETTLE_QUEUE_URL = text("SETTLE_QUEUE_URL")
# A POST and the record of its result must fit into what is left of the invocation, in milliseconds.
_LEAST_TIME = 20_000
_MAX_ATTEMPTS = 16
# WhatsApp's temporary errors.
_PASSING = {1, 2, 4, 80007, 130429, 131000, 131016, 131056, 131057, 133004}
_WORDS = {
    131026: "recipient_unreachable",
    131047: "outside_window",
    131051: "unsupported_media_type",
    131053: "unsupported_media_type",
    190: "instance_disconnected",
} | dict.fromkeys((368, 130497, 131031, 131048, 131049, 131050), "blocked_by_policy")

_processor = SqsFifoPartialProcessor(skip_group_on_error=True)
_processor.raise_on_entire_batch_failure = False  # each failed item is named, also when all of them are


class Later(Exception):
    """The message stays in the queue, to be received again after so many seconds."""

    def __init__(self, seconds: int):
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


def handler(event: dict, context) -> dict:
    return process_partial_response(event=event, record_handler=_deliver, processor=_processor, context=context)


def _deliver(record: SQSRecord, lambda_context) -> None:
    try:
        _attempt(json.loads(record.body), lambda_context)
    except Exception as error:
        seconds = error.seconds if isinstance(error, Later) else 2
        _log("delivery.later", seconds=seconds, error=repr(error))
        queues.change_message_visibility(
            QueueUrl=EXPRESS_QUEUE_URL, ReceiptHandle=record.receipt_handle, VisibilityTimeout=seconds
        )
        raise


def _attempt(delivery: dict, context) -> None:
    left = context.get_remaining_time_in_millis()
    if left < _LEAST_TIME:
        raise Later(0)
    instance = find_instance(delivery["accountId"], delivery["instanceId"])
    number = instance.get("number") if instance and instance["status"] == "connected" else None
    at = now()
    if not number or delivery["deadline"] <= at:
        failure = _failure("expired", "it was not sent within its expiresIn") if number else _DISCONNECTED
        if not fail({"id": delivery["messageId"], "accountId": delivery["accountId"], "attempt": 0}, failure, "queued"):
            _leave(get(MESSAGES_TABLE, id=delivery["messageId"]))
        return
    if instance.get("holdUntil", 0) > at:
        raise Later(_seconds(instance["holdUntil"] - at))
    claimed, message = claim(delivery["messageId"], number["id"], at + left + 5_000)
    if not claimed:
        return _leave(message)
    quoted = _quoted_id(message)
    token = open_sealed(number["accessToken"], f"{message['accountId']}/{message['instanceId']}/accessToken")
    tagged = tag(message["id"], int(message["attempt"]))
    outcome = post(number["id"], token, body(message["phone"], message["content"], quoted, tagged))
    if outcome.kind == "accepted":
        sent(message, outcome.provider_id)
        _log("message.sent", messageId=message["id"], attempt=int(message["attempt"]))
    elif outcome.kind == "rejected":
        _refused(message, outcome.error)
    elif outcome.kind == "not_sent":
        _again(message, _failure("provider_error", "WhatsApp could not be reached"))
    else:
        _log("message.unknown", messageId=message["id"], reason=outcome.reason)
        unknown(message)
        _settle(message)


def _leave(message: dict | None) -> None:
    """A message that can't be claimed."""
    if message and message["status"] == "sending":
        wait = message.get("lease", 0) - now()
        if wait > 0:
            raise Later(_seconds(wait))
        unknown(message)  # its process ended before its result
        _settle(message)
    elif message and message["status"] in ("unknown", "held"):
        _settle(message)


def _quoted_id(message: dict) -> str | None:
    quoted = message.get("quoted")
    if not quoted or "provider" in quoted:
        return quoted and quoted["provider"]
    found = get(MESSAGES_TABLE, id=quoted["message"])
    if found and "providerId" in found:
        return found["providerId"]
    release(message)
    raise Later(2)


def _refused(message: dict, error: dict) -> None:
    code = error["code"]
    words = (error.get("error_data") or {}).get("details") or error.get("message") or ""
    _log("message.rejected", messageId=message["id"], attempt=int(message["attempt"]), code=code)
    template = "template_rejected" if 132_000 <= code < 133_000 else "provider_error"
    failure = {**_failure(_WORDS.get(code, template), words), "providerCode": code}
    if code in _PASSING:
        _again(message, failure)
    else:
        fail(message, failure, "sending")


def _again(message: dict, failure: dict) -> None:
    attempt = int(message["attempt"])
    wait = min(300, 2**attempt) * (1 + random.random() / 2)
    if attempt >= _MAX_ATTEMPTS or now() + wait * 1000 >= message["deadline"]:
        fail(message, failure, "sending")
        return
    release(message)
    raise Later(math.ceil(wait))


def _settle(message: dict) -> None:
    """The outcome is unknown: callbacks decide, or settle after a while."""
    attempt = {"messageId": message["id"], "accountId": message["accountId"], "attempt": int(message["attempt"]), "since": now()}
    queues.send_message(QueueUrl=_SETTLE_QUEUE_URL, MessageBody=json.dumps(attempt))


def _failure(code: str, message: str) -> dict:
    return {"code": code, "message": message}


def _seconds(millis) -> int:
    return min(43_200, math.ceil(millis / 1000))


def _log(event: str, **fields) -> None:
    print(json.dumps({"event": event, "service": "deliver", **fields}))


_DISCONNECTED = _failure("instance_disconnected", "the instance is not connected to WhatsApp")

"""Accepts a message: authenticate -> parse -> once per Idempotency-Key (limit -> charge and record -> enqueue) -> 202."""

import base64
import hashlib
import json
import re
from datetime import UTC, datetime

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyPersistenceLayerError,
    IdempotencyValidationError,
)
from botocore.exceptions import BotoCoreError, ClientError

from accounts import Caller, find_caller, find_instance
from answer import ApiError, answer, invalid, refuse, unavailable
from books import charge, count_request, withdraw
from clients import dynamodb, get, queues
from environment import EXPRESS_QUEUE_URL, MESSAGES_TABLE, text
from message import new_id, now, queued
from order import Order, parse

_RETENTION = int(text("RETENTION_DAYS")) * 24 * 60 * 60
_BEARER = re.compile(r"bearer +(\S+) *", re.IGNORECASE)
_IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,255}")

_config = IdempotencyConfig(event_key_jmespath="key", payload_validation_jmespath="bodyHash", expires_after_seconds=_RETENTION)
_store = DynamoDBPersistenceLayer(table_name=text("IDEMPOTENCY_TABLE"), boto3_client=dynamodb)


def handler(event: dict, context) -> dict:
    _config.register_lambda_context(context)
    request_id, headers = new_id("req_"), {}
    try:
        caller = _authenticate(event["headers"].get("authorization", ""))
        if "messages:write" not in caller.scopes:
            raise ApiError(403, "insufficient_permissions", "this API key lacks the scope messages:write")
        at = now()
        headers = _allowance(caller, count_request(caller, at), at)
        body = event.get("body", "")
        if event.get("isBase64Encoded"):
            body = base64.b64decode(body).decode()
        accepted = _once(caller, parse(body), body, event["headers"].get("idempotency-key"))
    except ApiError as error:
        return refuse(error, request_id, headers)
    except IdempotencyAlreadyInProgressError:
        message = "the first request with this Idempotency-Key is still under way"
        return refuse(ApiError(409, "idempotency_in_progress", message, "Idempotency-Key", 1), request_id, headers)
    except IdempotencyValidationError:
        message = "this Idempotency-Key was used for another request; use a new one"
        return refuse(ApiError(422, "idempotency_key_reused", message, "Idempotency-Key"), request_id, headers)
    except IdempotencyPersistenceLayerError:
        return refuse(unavailable(), request_id, headers)
    except Exception as error:
        _log("request.failed", error=repr(error))
        message = "something went wrong on our side; the request may or may not have worked"
        return refuse(ApiError(500, "internal_error", message), request_id, headers)
    body = {"success": True, "messageId": accepted["messageId"], "status": "queued", "timestamp": accepted["timestamp"]}
    return answer(202, body, request_id, headers)


def _authenticate(authorization: str) -> Caller:
    bearer = _BEARER.fullmatch(authorization)
    if not bearer:
        raise ApiError(401, "missing_api_key", "send `Authorization: Bearer <api key>`")
    caller = find_caller(bearer[1])
    if not caller:
        raise ApiError(401, "invalid_api_key", "there is no such API key")
    if caller.expires_at and caller.expires_at <= now():
        raise ApiError(401, "expired_api_key", "this API key has expired")
    return caller


def _once(caller: Caller, order: Order, body: str, idempotency_key: str | None) -> dict:
    if idempotency_key is None:
        return _accept(caller, order)
    if not _IDEMPOTENCY_KEY.fullmatch(idempotency_key):
        raise invalid("Idempotency-Key", "must have 1 to 255 visible ASCII characters")
    body_hash = hashlib.sha256(body.encode()).hexdigest()
    return _accept_once(caller, order, request={"key": f"{caller.account_id}\n{idempotency_key}", "bodyHash": body_hash})


@idempotent_function(data_keyword_argument="request", config=_config, persistence_store=_store)
def _accept_once(caller: Caller, order: Order, request: dict) -> dict:
    return _accept(caller, order)


def _accept(caller: Caller, order: Order) -> dict:
    _check_instance(caller.account_id, order.instance_id)
    _check_quoted(caller.account_id, order.quoted)
    message = queued(caller.account_id, order, _RETENTION)
    charge(message)
    _enqueue(message)
    _log("message.queued", messageId=message["id"], instanceId=message["instanceId"])
    created_at = datetime.fromtimestamp(message["createdAt"] / 1000, UTC)
    return {"messageId": message["id"], "timestamp": created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")}


def _check_instance(account_id: str, instance_id: str) -> None:
    instance = find_instance(account_id, instance_id)
    if not instance:
        raise ApiError(404, "invalid_instance", "there is no such instance in this account", "instanceId")
    if instance["status"] != "connected" or "number" not in instance:
        message = "this instance is not connected to WhatsApp; connect it first"
        raise ApiError(409, "instance_disconnected", message, "instanceId")


def _check_quoted(account_id: str, quoted: dict | None) -> None:
    if not quoted or "message" not in quoted:
        return
    found = get(MESSAGES_TABLE, id=quoted["message"])
    if not found or found["accountId"] != account_id:
        raise invalid("quotedMessageId", "there is no such message in this account")


def _enqueue(message: dict) -> None:
    """A message that cannot be queued is withdrawn, so that a 503 may say that nothing was accepted."""
    delivery = {"messageId": message["id"], **{name: message[name] for name in ("accountId", "instanceId", "slot", "deadline")}}
    try:
        queues.send_message(
            QueueUrl=EXPRESS_QUEUE_URL,
            MessageBody=json.dumps(delivery, separators=(",", ":")),
            MessageGroupId=message["chat"],
            MessageDeduplicationId=message["nonce"],
        )
    except (BotoCoreError, ClientError) as error:
        _log("message.not_queued", messageId=message["id"], error=repr(error))
        if withdraw(message):
            raise unavailable() from error


def _allowance(caller: Caller, used: int, at: int) -> dict:
    return {
        "x-ratelimit-limit": str(caller.requests_per_minute),
        "x-ratelimit-remaining": str(caller.requests_per_minute - used),
        "x-ratelimit-reset": str((at // 60_000 + 1) * 60),
    }


def _log(event: str, **fields) -> None:
    print(json.dumps({"event": event, "service": "send", **fields}))

"""The claim of a message and the results of an attempt, each a conditional write of its record."""

import uuid

from books import refund
from clients import dynamodb, item, plain
from environment import MESSAGES_TABLE
from message import FAILED, QUEUED, SENDING, SENT, UNKNOWN, now

# Every change may name these; DynamoDB refuses a name that is not used.
_RESERVED = {"#status": "status", "#rank": "rank", "#error": "error", "#bulk": "bulk"}


def _update(message_id: str, change: str, condition: str, values: dict) -> dict:
    expressions = f"{change} {condition}"
    return {
        "TableName": MESSAGES_TABLE,
        "Key": item({"id": message_id}),
        "UpdateExpression": change,
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {name: of for name, of in _RESERVED.items() if name in expressions},
        "ExpressionAttributeValues": item(values),
    }


def _change(message_id: str, change: str, condition: str, values: dict) -> tuple[bool, dict | None]:
    """Whether the record was changed, which it is not when a condition does not hold, and the record."""
    update = _update(message_id, change, condition, values)
    if not update["ExpressionAttributeNames"]:
        del update["ExpressionAttributeNames"]
    try:
        answer = dynamodb.update_item(**update, ReturnValues="ALL_NEW", ReturnValuesOnConditionCheckFailure="ALL_OLD")
        return True, plain(answer["Attributes"])
    except dynamodb.exceptions.ConditionalCheckFailedException as error:
        standing = error.response.get("Item")
        return False, plain(standing) if standing else None


def claim(message_id: str, number_id: str, lease: int) -> tuple[bool, dict | None]:
    """Claims a queued message until `lease`."""
    return _change(
        message_id,
        "SET #status = :sending, #rank = :rank, attempt = attempt + :one, claim = :claim, lease = :lease, numberId = :number"
        " REMOVE ev",
        "#rank = :queued",
        {
            ":sending": "sending",
            ":rank": SENDING,
            ":one": 1,
            ":claim": str(uuid.uuid4()),
            ":lease": lease,
            ":number": number_id,
            ":queued": QUEUED,
        },
    )


def sent(message: dict, provider_id: str) -> None:
    """WhatsApp accepted it. When a callback was faster, only the time of sending is missing."""
    values = {":now": now(), ":id": provider_id, ":ev": "sent", ":attempt": message["attempt"]}
    done, standing = _change(
        message["id"],
        "SET #status = :ev, #rank = :rank, sentAt = :now, providerId = :id, ev = :ev REMOVE lease, claim, #bulk",
        "attempt = :attempt AND #rank < :rank AND attribute_not_exists(refunded)",
        {**values, ":rank": SENT},
    )
    if done and "earlyFailure" in standing:
        fail(standing, standing["earlyFailure"], "sent")
    if done or (standing and "sentAt" in standing):
        return
    _change(
        message["id"],
        "SET sentAt = :now, providerId = if_not_exists(providerId, :id), ev = :ev REMOVE lease, claim",
        "attempt = :attempt AND attribute_not_exists(sentAt)",
        values,
    )


def release(message: dict) -> None:
    """It was certainly not sent: it may be claimed again."""
    _leave(message, "queued", QUEUED)


def unknown(message: dict) -> None:
    """Whether WhatsApp accepted it is unknown."""
    _leave(message, "unknown", UNKNOWN)


def _leave(message: dict, status: str, rank: int) -> None:
    _change(
        message["id"],
        "SET #status = :status, #rank = :rank REMOVE lease, claim, ev",
        "attempt = :attempt AND #status = :sending",
        {":status": status, ":rank": rank, ":attempt": message["attempt"], ":sending": "sending"},
    )


def fail(message: dict, failure: dict, standing: str) -> bool:
    """It will not be sent: failed, and its credit is refunded."""
    values = {
        ":failed": "failed",
        ":rank": FAILED,
        ":now": now(),
        ":error": failure,
        ":yes": True,
        ":attempt": message["attempt"],
        ":from": standing,
    }
    update = _update(
        message["id"],
        "SET #status = :failed, #rank = :rank, failedAt = :now, #error = :error, ev = :failed, refunded = :yes"
        " REMOVE lease, claim, #bulk",
        "attempt = :attempt AND #status = :from AND attribute_not_exists(refunded)",
        values,
    )
    return refund(message["accountId"], update)

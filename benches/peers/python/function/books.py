"""The charge of a message: the key's limit, and the credit with the record in one transaction."""

import random
import time

from accounts import Caller
from answer import ApiError
from clients import dynamodb, item
from environment import ACCOUNTS_TABLE, MESSAGES_TABLE

_MINUTE = 60_000
# Attempts at a transaction that conflicts with another one on the same account.
_TRIES = 8


def count_request(caller: Caller, now: int) -> int:
    """Counts a request of a key in its minute and returns the count."""
    minute = now // _MINUTE
    try:
        answer = dynamodb.update_item(
            TableName=ACCOUNTS_TABLE,
            Key=item({"pk": caller.account_id, "sk": f"window#{caller.key_id}#{minute}"}),
            UpdateExpression="ADD used :one SET forgetAt = :later",
            ConditionExpression="attribute_not_exists(used) OR used < :most",
            ExpressionAttributeValues=item({":one": 1, ":later": minute * 60 + 3600, ":most": caller.requests_per_minute}),
            ReturnValues="UPDATED_NEW",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        seconds = -(-((minute + 1) * _MINUTE - now) // 1000)
        raise ApiError(429, "rate_limit_exceeded", "this API key has sent more than its plan allows", retry_after=seconds) from None
    return int(answer["Attributes"]["used"]["N"])


def charge(message: dict) -> None:
    """Takes a credit and writes the record."""
    record = {"Put": {"TableName": MESSAGES_TABLE, "Item": item(message), "ConditionExpression": "attribute_not_exists(id)"}}
    refused = _transact([_credit(message["accountId"], -1), record])
    if refused == 0:
        raise ApiError(402, "insufficient_credits", "the account has no credits left; ask your operator for more")
    if refused is not None:
        raise RuntimeError("a new message id was taken")


def withdraw(message: dict) -> bool:
    """Reverts both, unless the message is being sent already."""
    record = {
        "Delete": {
            "TableName": MESSAGES_TABLE,
            "Key": item({"id": message["id"]}),
            "ConditionExpression": "#rank = :none AND attempt = :none",
            "ExpressionAttributeNames": {"#rank": "rank"},
            "ExpressionAttributeValues": item({":none": 0}),
        }
    }
    return _transact([_credit(message["accountId"], 1), record]) is None


def refund(account_id: str, update: dict) -> bool:
    """Applies a change of the record that makes it failed, and refunds its credit."""
    return _transact([_credit(account_id, 1), {"Update": update}]) is None


def _credit(account_id: str, by: int) -> dict:
    values = {":by": by, ":least": -by} if by < 0 else {":by": by}
    return {
        "Update": {
            "TableName": ACCOUNTS_TABLE,
            "Key": item({"pk": account_id, "sk": "meter"}),
            "UpdateExpression": "SET credits = credits + :by",
            "ConditionExpression": "credits >= :least" if by < 0 else "attribute_exists(credits)",
            "ExpressionAttributeValues": item(values),
        }
    }


def _transact(writes: list[dict]) -> int | None:
    """None when it was applied; which part's condition did not hold otherwise."""
    attempt = 1
    while True:
        try:
            dynamodb.transact_write_items(TransactItems=writes)
            return None
        except dynamodb.exceptions.TransactionCanceledException as error:
            codes = [reason.get("Code") for reason in error.response.get("CancellationReasons", [])]
            if "ConditionalCheckFailed" in codes:
                return codes.index("ConditionalCheckFailed")
            if "TransactionConflict" not in codes or attempt == _TRIES:
                raise
        time.sleep(random.random() * 0.01 * 2**attempt)
        attempt += 1

"""The AWS clients, made once before the first event. Connections are kept alive: botocore's default."""

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config

# A request of seconds must not wait for a connection for minutes.
_config = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "max_attempts": 3})

dynamodb = boto3.client("dynamodb", config=_config)
queues = boto3.client("sqs", config=_config)

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def item(values: dict) -> dict:
    """An item, or values of an expression; what is None is left out."""
    return {name: _serialize(value) for name, value in values.items() if value is not None}


def plain(attributes: dict) -> dict:
    """An item as Python's own values; numbers are Decimals."""
    return {name: _deserialize(value) for name, value in attributes.items()}


def get(table: str, **key: str) -> dict | None:
    """An item as the last write left it."""
    answer = dynamodb.get_item(TableName=table, Key=item(key), ConsistentRead=True)
    return plain(answer["Item"]) if "Item" in answer else None

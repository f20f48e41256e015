"""The function's environment variables, read once."""

import os


def text(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(f"environment variable {name} is missing")
    return value


MESSAGES_TABLE = text("MESSAGES_TABLE")
ACCOUNTS_TABLE = text("ACCOUNTS_TABLE")
EXPRESS_QUEUE_URL = text("EXPRESS_QUEUE_URL")

"""The local stack as a child process, for tests that need the real API."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from pombo import Pombo
from pombo.types import MessageState

from .eventually import PATIENCE, eventually

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(os.environ.get("POMBO_PROGRAM", ROOT / "target/debug/local")).resolve()


class Stack:
    """A running stack."""

    def __init__(self, state: dict[str, str]) -> None:
        self.api_url = state["apiUrl"]
        self.api_key = state["apiKey"]
        self.instance_id = state["instanceId"]
        self.phone_number_id = state["phoneNumberId"]
        self.simulator_url = state["simulatorUrl"]
        self._people = itertools.count(5511970000001)

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Stack]:
        """Starts a stack and returns when it accepts requests."""
        assert os.access(PROGRAM, os.X_OK), f"no program at {PROGRAM}: build it with cargo, or set POMBO_PROGRAM"
        with tempfile.TemporaryDirectory(prefix="pombo-") as folder:
            file, errors = Path(folder, "stack.json"), Path(folder, "stderr")
            options = ["--no-demo", "--window", "off", "--port", "0", "--state-file", str(file)]
            with (
                errors.open("wb") as said,
                subprocess.Popen([PROGRAM, *options], cwd=folder, stdout=subprocess.DEVNULL, stderr=said) as child,
            ):
                try:

                    def state() -> dict[str, str] | None:
                        assert child.poll() is None, f"the stack did not start: {errors.read_text()}"
                        return dict(json.loads(file.read_text())) if file.exists() else None

                    yield cls(eventually("the stack starts", state))
                finally:
                    child.terminate()
                    child.wait(PATIENCE)

    def person(self) -> str:
        """The phone number of somebody whom no other test knows."""
        return str(next(self._people))

    def write(self, person: str, text: str) -> None:
        """A person writes a text to the instance."""
        self.say(person, {"type": "text", "text": {"body": text}})

    def say(self, person: str, message: dict[str, Any]) -> None:
        """A person sends a message, in WhatsApp's own form, to the instance."""
        body = {"to": self.phone_number_id, **message}
        httpx.post(f"{self.simulator_url}/people/{person}/messages", json=body).raise_for_status()

    def taken_by(self, person: str) -> list[dict[str, Any]]:
        """The messages that reached somebody's phone."""
        taken = httpx.get(f"{self.simulator_url}/ledger").json()["taken"]
        return [each["message"] for each in taken if each["message"]["to"].lstrip("+") == person]

    def until_read(self, client: Pombo, message_id: str) -> MessageState:
        """A message's state once its recipient has read it."""

        def read() -> MessageState | None:
            state = client.messages.get_status(message_id)
            return state if state["status"] == "read" else None

        return eventually(f"{message_id} is read", read)

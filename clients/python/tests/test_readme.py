"""Every Python example of the README runs as it stands, but for the address."""

from __future__ import annotations

import base64
import http.server
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pombo import Pombo

from .eventually import eventually
from .stack import Stack

README = Path(__file__).resolve().parents[1] / "README.md"
SECRET = "whs_the-secret-of-the-readme"
BLOCKS: list[str] = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


def test_every_example_of_the_readme_runs(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    servers: list[Any] = []
    # The example of a receiver serves for ever.
    monkeypatch.setattr(http.server.ThreadingHTTPServer, "serve_forever", lambda self: servers.append(self))
    monkeypatch.setenv("POMBO_API_KEY", stack.api_key)
    monkeypatch.setenv("POMBO_WEBHOOK_SECRET", SECRET)
    (tmp_path / "customers.csv").write_text("5511900000001,Ana\n+55 11,Bia\n5511900000003,Caio\n")
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {"__name__": "readme"}
    for block in BLOCKS:
        source = block.replace("http://127.0.0.1:3000", stack.api_url).replace('("", 8080)', '("127.0.0.1", 0)')
        exec(compile(source, str(README), "exec", dont_inherit=True), namespace)
    monkeypatch.undo()
    assert len(BLOCKS) == 10
    assert namespace["status"] in ("queued", "sent", "delivered", "read")
    said = capsys.readouterr().out
    assert "2 of 3 customers\nline 2: invalid_phone_number: " in said
    assert "invalid_phone_number to" in said
    uses_its_functions(namespace, stack, capsys)
    namespace["client"].close()
    (server,) = servers
    monkeypatch.chdir(tmp_path)
    receives_a_genuine_webhook(server, stack, monkeypatch)


def test_every_example_of_the_readme_passes_the_type_checker(tmp_path: Path) -> None:
    file = tmp_path / "readme.py"
    file.write_text("\n".join(BLOCKS))
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file",
        os.devnull,
        "--cache-dir",
        os.devnull,
        str(file),
    ]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def uses_its_functions(namespace: dict[str, Any], stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """What the examples only define."""
    person = stack.person()
    image = {"mime_type": "image/png", "data": base64.b64encode(b"a picture").decode()}
    stack.say(person, {"type": "image", "image": image})

    def received() -> list[Any]:
        query = {"instanceId": stack.instance_id, "phone": person}
        return list(namespace["client"].messages.list(query)["data"])

    (message,) = eventually("the picture", received)
    assert namespace["download"](message["messageId"]) == b"a picture"
    assert namespace["may_write_freely"](message["chatId"]) is True
    assert namespace["may_write_freely"](f"chat_{stack.person()}") is False
    details = {"list_reply": {"id": "am", "title": "Morning"}}
    namespace["work"]({"event": "message.received", "data": {"type": "interactive", "details": details}})
    assert capsys.readouterr().out == "chose am Morning\n"


def receives_a_genuine_webhook(
    server: http.server.ThreadingHTTPServer, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receiver stores the webhook of its secret, refuses that of another, and asks again for what is not stored."""
    monkeypatch.setattr(server.RequestHandlerClass, "log_message", lambda *_: None)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    with Pombo(stack.api_key, stack.api_url) as client:
        for secret, expected in [(SECRET, 204), ("whs_another-secret-than-that", 400), (SECRET, 500)]:
            if expected == 500:
                with closing(sqlite3.connect("events.db")) as database:
                    (event,) = [json.loads(text)["event"] for (text,) in database.execute("SELECT event FROM events")]
                assert event == "message.failed"
                Path("events.db").write_text("no database")
            monkeypatch.setenv("POMBO_WEBHOOK_SECRET", SECRET)
            webhook = client.webhooks.create(
                {"url": url, "instanceId": stack.instance_id, "events": ["message.failed"], "secret": secret}
            )
            assert client.webhooks.test(webhook["id"], "message.failed")["statusCode"] == expected
            client.webhooks.delete(webhook["id"])
    server.shutdown()
    thread.join()
    server.server_close()

"""Every Python example of the README runs as it stands, but for the address."""

from __future__ import annotations

import http.server
import re
import threading
from pathlib import Path
from typing import Any

import pytest

from pombo import Pombo

from .stack import Stack

README = Path(__file__).resolve().parents[1] / "README.md"


def test_every_example_of_the_readme_runs(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    servers: list[Any] = []
    # The example of a receiver serves for ever.
    monkeypatch.setattr(http.server.ThreadingHTTPServer, "serve_forever", lambda self: servers.append(self))
    monkeypatch.setenv("POMBO_API_KEY", stack.api_key)
    monkeypatch.setenv("POMBO_WEBHOOK_SECRET", "whs_the-secret-of-the-readme")
    (tmp_path / "customers.csv").write_text("5511900000001,Ana\n+55 11,Bia\n5511900000003,Caio\n")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    namespace: dict[str, Any] = {"__name__": "readme"}
    for block in blocks:
        source = block.replace("http://127.0.0.1:3000", stack.api_url).replace('("", 8080)', '("127.0.0.1", 0)')
        exec(compile(source, str(README), "exec", dont_inherit=True), namespace)
    monkeypatch.undo()
    assert len(blocks) == 8
    assert namespace["status"] in ("queued", "sent", "delivered", "read")
    said = capsys.readouterr().out
    assert "2 of 3 customers\nline 2: invalid_phone_number: " in said
    assert "invalid_phone_number to" in said
    namespace["client"].close()
    (server,) = servers
    receives_a_genuine_webhook(server, stack, monkeypatch)


def receives_a_genuine_webhook(
    server: http.server.ThreadingHTTPServer, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receiver accepts the webhook of its secret and refuses that of another."""
    monkeypatch.setattr(server.RequestHandlerClass, "log_message", lambda *_: None)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    with Pombo(stack.api_key, stack.api_url) as client:
        for secret, expected in [("whs_the-secret-of-the-readme", 204), ("whs_another-secret-than-that", 400)]:
            monkeypatch.setenv("POMBO_WEBHOOK_SECRET", "whs_the-secret-of-the-readme")
            webhook = client.webhooks.create(
                {"url": url, "instanceId": stack.instance_id, "events": ["message.failed"], "secret": secret}
            )
            assert client.webhooks.test(webhook["id"], "message.failed")["statusCode"] == expected
            client.webhooks.delete(webhook["id"])
    server.shutdown()
    thread.join()
    server.server_close()

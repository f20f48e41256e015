"""Servers on this machine whose answers a test defines."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Union

import httpx


@dataclass(frozen=True)
class Seen:
    """A received request."""

    method: str
    path: str
    headers: Message[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """An answer. A body that is neither text nor bytes becomes JSON."""

    status: int
    body: object = b""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


Reaction = Union[Reply, Literal["break the connection", "break off the body", "say nothing", "trickle"]]


@dataclass
class Running:
    """A server and the requests that it received."""

    url: str
    seen: list[Seen] = field(default_factory=list)


@contextmanager
def serve(*reactions: Reaction) -> Iterator[Running]:
    """Reacts to the first request with the first reaction and so on; the last one stays."""
    with listening(lambda _, count: reactions[min(count, len(reactions)) - 1]) as server:
        yield server


@contextmanager
def losing_the_first_answer(api_url: str) -> Iterator[Running]:
    """A proxy in front of an API that drops the first answer to a send."""
    sent = 0

    def react(request: Seen, _: int) -> Reaction:
        nonlocal sent
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        answer = httpx.request(
            request.method, api_url + request.path, headers=headers, content=request.body, timeout=60
        )
        if request.path == "/v1/messages/send":
            sent += 1
            if sent == 1:
                return "break the connection"
        return Reply(answer.status_code, answer.content)

    with listening(react) as server:
        yield server


@contextmanager
def listening(react: Callable[[Seen, int], Reaction]) -> Iterator[Running]:
    """Reacts to each request, by its number."""
    ending = threading.Event()
    running = Running("")
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except ConnectionError:
                self.close_connection = True

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            request = Seen(self.command, self.path, self.headers, body)
            with lock:
                running.seen.append(request)
                count = len(running.seen)
            reaction = react(request, count)
            if isinstance(reaction, Reply):
                self._reply(reaction)
            else:
                self._misbehave(reaction)

        def _reply(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("content-length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        def _misbehave(self, how: str) -> None:
            self.close_connection = True
            if how == "say nothing":
                ending.wait()
            elif how == "trickle":
                self._begin_body()
                # Not for ever: a client without a limit gets an answer that is none, and its test fails.
                for _ in range(500):
                    if ending.wait(0.02):
                        break
                    self.wfile.write(b" ")
            else:
                if how == "break off the body":
                    self._begin_body()
                self.connection.shutdown(socket.SHUT_RDWR)

        def _begin_body(self) -> None:
            self.send_response(202)
            self.send_header("content-length", "1000000")
            self.end_headers()
            self.wfile.write(b'{"success":true,')

        def log_message(self, *_: object) -> None:
            pass

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    running.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield running
    finally:
        ending.set()
        server.shutdown()
        thread.join()
        server.server_close()

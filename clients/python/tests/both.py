"""Both clients behind one interface, so that each test runs with each."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any, Literal, cast

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

import pombo._async.io
import pombo._sync.io
from pombo import AsyncPombo, Pombo

Flavour = Literal["sync", "async"]
END = object()


class Clock:
    """A clock that only sleeping advances."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for io, sleep in ((pombo._sync.io, self.sleep), (pombo._async.io, self.sleep_async)):
            monkeypatch.setattr(io, "sleep", sleep)
            monkeypatch.setattr(io, "monotonic", self.monotonic)


class Clients:
    """Makes clients of one flavour, and closes them."""

    def __init__(self, flavour: Flavour) -> None:
        self.flavour = flavour
        self._closing = ExitStack()
        self._portal: BlockingPortal | None = None

    def __enter__(self) -> Clients:
        if self.flavour == "async":
            self._portal = self._closing.enter_context(start_blocking_portal())
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def __call__(self, base_url: str, api_key: str = "key", **options: Any) -> Pombo:
        if self._portal is None:
            return self._closing.enter_context(Pombo(api_key, base_url, **options))
        client = AsyncPombo(api_key, base_url, **options)
        self._closing.callback(self._portal.call, client.close)
        return cast(Pombo, _Blocking(client, self._portal))


class _Blocking:
    """The asynchronous client or a part of it, with methods that wait."""

    def __init__(self, target: object, portal: BlockingPortal) -> None:
        self._target = target
        self._portal = portal

    def __getattr__(self, name: str) -> object:
        value = getattr(self._target, name)
        if inspect.iscoroutinefunction(value):
            return self._waiting(value)
        if inspect.isasyncgenfunction(value):
            return lambda *arguments, **options: self._each(value(*arguments, **options))
        return _Blocking(value, self._portal)

    def _each(self, values: AsyncGenerator[object, None]) -> Iterator[object]:
        async def following() -> object:
            return await anext(values, END)

        try:
            while (value := self._portal.call(following)) is not END:
                yield value
        finally:
            self._portal.call(values.aclose)

    def _waiting(self, method: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arguments, **options: self._portal.call(partial(method, *arguments, **options))

"""What several test files need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .both import Clients, Clock, Flavour
from .stack import Stack


@pytest.fixture(params=["sync", "async"])
def flavour(request: pytest.FixtureRequest) -> Flavour:
    flavour: Flavour = request.param
    return flavour


@pytest.fixture
def clients(flavour: Flavour) -> Iterator[Clients]:
    """Makes clients: each test runs with both flavours."""
    with Clients(flavour) as clients:
        yield clients


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Waits are recorded and not made."""
    clock = Clock()
    clock.install(monkeypatch)
    return clock


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The real API: one for all tests."""
    with Stack.started() as stack:
        yield stack

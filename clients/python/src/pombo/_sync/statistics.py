# Generated from `_async` by `scripts/generate_sync.py`: change that.
"""Messages counted by the hour or day."""

from __future__ import annotations

from .._call import Call
from ..types import Statistics, StatisticsQuery
from .http import Http


class StatisticsReader:
    """Statistics."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def get(self, query: StatisticsQuery | None = None) -> Statistics:
        """Counts messages of an instance or of the whole account."""
        return self._http.data(Call[Statistics]("GET", "/statistics", query=query))

"""A cache with time to live."""

import time
from collections.abc import Callable


class Cache:
    def __init__(self, age: float):
        self._age = age
        self._known: dict = {}

    def get(self, key, find: Callable):
        value, until = self._known.get(key, (None, 0))
        if time.monotonic() < until:
            return value
        value = find()
        if value is None:
            self._known.pop(key, None)
        else:
            self._known[key] = (value, time.monotonic() + self._age)
        return value

    def forget(self, key) -> None:
        self._known.pop(key, None)

# Generated from `_async` by `scripts/generate_sync.py`: change that.
"""Instances: the numbers that messages are sent from."""

from __future__ import annotations

from .._call import Call, segment
from ..types import (
    ConnectBody,
    CreateInstanceBody,
    DisconnectBody,
    Instance,
    InstanceList,
    InstanceState,
    ListInstancesQuery,
    UpdateInstanceBody,
)
from .http import Http


class Instances:
    """Instances."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def create(self, body: CreateInstanceBody) -> Instance:
        """Creates an instance, which `connect` gives its number."""
        return self._http.data(Call[Instance]("POST", "/instances", body=body))

    def list(self, query: ListInstancesQuery | None = None) -> InstanceList:
        """Lists instances, one page at a time."""
        return self._http.page(Call[InstanceList]("GET", "/instances", query=query))

    def get(self, instance_id: str) -> Instance:
        """Gets an instance."""
        return self._http.data(Call[Instance]("GET", f"/instances/{segment(instance_id)}"))

    def update(self, instance_id: str, body: UpdateInstanceBody) -> Instance:
        """Changes an instance; absent fields stay as they are."""
        return self._http.data(Call[Instance]("PATCH", f"/instances/{segment(instance_id)}", body=body))

    def delete(self, instance_id: str) -> None:
        """Deletes an instance."""
        self._http.data(Call[None]("DELETE", f"/instances/{segment(instance_id)}"))

    def connect(self, instance_id: str, body: ConnectBody) -> InstanceState:
        """Checks the number with WhatsApp and connects it."""
        path = f"/instances/{segment(instance_id)}/connect"
        return self._http.data(Call[InstanceState]("POST", path, body=body))

    def disconnect(self, instance_id: str, body: DisconnectBody | None = None) -> InstanceState:
        """Disconnects an instance from its number."""
        path = f"/instances/{segment(instance_id)}/disconnect"
        return self._http.data(Call[InstanceState]("POST", path, body=body or {}))

    def status(self, instance_id: str) -> InstanceState:
        """Gets whether an instance is connected."""
        return self._http.data(Call[InstanceState]("GET", f"/instances/{segment(instance_id)}/status"))

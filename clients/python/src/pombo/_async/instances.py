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

    async def create(self, body: CreateInstanceBody) -> Instance:
        """Creates an instance, which `connect` gives its number."""
        return await self._http.data(Call[Instance]("POST", "/instances", body=body))

    async def list(self, query: ListInstancesQuery | None = None) -> InstanceList:
        """Lists instances, one page at a time."""
        return await self._http.page(Call[InstanceList]("GET", "/instances", query=query))

    async def get(self, instance_id: str) -> Instance:
        """Gets an instance."""
        return await self._http.data(Call[Instance]("GET", f"/instances/{segment(instance_id)}"))

    async def update(self, instance_id: str, body: UpdateInstanceBody) -> Instance:
        """Changes an instance; absent fields stay as they are."""
        return await self._http.data(Call[Instance]("PATCH", f"/instances/{segment(instance_id)}", body=body))

    async def delete(self, instance_id: str) -> None:
        """Deletes an instance."""
        await self._http.data(Call[None]("DELETE", f"/instances/{segment(instance_id)}"))

    async def connect(self, instance_id: str, body: ConnectBody) -> InstanceState:
        """Checks the number with WhatsApp and connects it."""
        path = f"/instances/{segment(instance_id)}/connect"
        return await self._http.data(Call[InstanceState]("POST", path, body=body))

    async def disconnect(self, instance_id: str, body: DisconnectBody | None = None) -> InstanceState:
        """Disconnects an instance from its number."""
        path = f"/instances/{segment(instance_id)}/disconnect"
        return await self._http.data(Call[InstanceState]("POST", path, body=body or {}))

    async def status(self, instance_id: str) -> InstanceState:
        """Gets whether an instance is connected."""
        return await self._http.data(Call[InstanceState]("GET", f"/instances/{segment(instance_id)}/status"))

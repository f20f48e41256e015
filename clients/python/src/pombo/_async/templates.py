"""Message templates, which WhatsApp keeps for each business account."""

from __future__ import annotations

from .._call import Call, segment
from ..types import CreatedTemplate, CreateTemplate, ListTemplatesQuery, MessageTemplate, TemplateList
from .http import Http


class Templates:
    """Message templates."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def list(self, query: ListTemplatesQuery) -> TemplateList:
        """Lists templates, one page at a time."""
        return await self._http.page(Call[TemplateList]("GET", "/templates", query=query))

    async def get(self, name: str, *, instance_id: str, language: str | None = None) -> MessageTemplate:
        """Gets a template; one that exists in several languages needs the `language`."""
        query = {"instanceId": instance_id, "language": language}
        return await self._http.data(Call[MessageTemplate]("GET", f"/templates/{segment(name)}", query=query))

    async def create(self, body: CreateTemplate) -> CreatedTemplate:
        """Asks WhatsApp to approve a template."""
        return await self._http.data(Call[CreatedTemplate]("POST", "/templates", body=body))

    async def delete(self, name: str, *, instance_id: str, language: str | None = None) -> None:
        """Deletes a template in one language, or in all."""
        query = {"instanceId": instance_id, "language": language}
        await self._http.data(Call[None]("DELETE", f"/templates/{segment(name)}", query=query))

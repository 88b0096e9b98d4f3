"""Canned answers (常用语): everybody's, which supervisors keep, and each agent's own."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy import Connection

from handoff import canned
from handoff.agents import Agent
from handoff.canned import EVERYBODY, NoSuchAnswer, ShortcutTaken
from handoff.console.guard import Refused, agent_of
from handoff.console.needs import Desk
from handoff.console.pages import Pages

LONGEST = 1000


class CannedPages:
    def __init__(self, desk: Desk, pages: Pages) -> None:
        self.desk, self.pages = desk, pages

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/canned", self.page),
            web.post("/canned", self.save),
            web.post("/canned/{id:[0-9]{1,15}}/remove", self.remove),
        ]

    async def page(self, request: web.Request) -> web.Response:
        agent = agent_of(request)
        rows = await self.desk.read(lambda connection: canned.read(connection, agent.id))
        chosen = next((row for row in rows if str(row["id"]) == request.query.get("edit", "")), None)
        return self.pages.show(request, "canned.html", rows=rows, chosen=chosen)

    async def save(self, request: web.Request) -> web.Response:
        form, agent = await request.post(), agent_of(request)
        owner = _owner(agent, str(form.get("owner", "")))
        id, shortcut = str(form.get("id", "")), str(form.get("shortcut", ""))
        title, text = str(form.get("title", "")), str(form.get("text", ""))[:LONGEST]

        def save(connection: Connection) -> int:
            return canned.save(
                connection, owner, shortcut, title or shortcut, text, int(id) if id.isdecimal() else None
            )

        try:
            await self.desk.write(save)
        except (ShortcutTaken, NoSuchAnswer, ValueError):
            raise Refused("shortcut", 422) from None
        return web.json_response({"go": "/console/canned"})

    async def remove(self, request: web.Request) -> web.Response:
        form, agent, id = await request.post(), agent_of(request), int(request.match_info["id"])
        owner = _owner(agent, str(form.get("owner", "")))
        await self.desk.write(lambda connection: canned.remove(connection, owner, id))
        return web.json_response({"go": "/console/canned"})


def _owner(agent: Agent, asked: str) -> str:
    """Whose the answer is; everybody's are a supervisor's to change."""
    if asked != "everybody":
        return agent.id
    if not agent.is_at_least("supervisor"):
        raise Refused("not_allowed", 403)
    return EVERYBODY

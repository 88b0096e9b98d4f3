"""The pages of the desk: the list, a conversation, and the parts of them that are fetched again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web
from sqlalchemy import Connection

from handoff import lookup
from handoff.agents import Agent
from handoff.console import inbox, log
from handoff.console.conversation import Conversations, may_see
from handoff.console.guard import Refused, agent_of
from handoff.console.needs import Assist, Desk, Ledger, Talk
from handoff.console.pages import Pages
from handoff.lookup import Handoff, NotFound

LARGEST_ID = 2**53


class Views:
    def __init__(
        self, desk: Desk, talk: Talk, ledger: Ledger, assist: Assist, pages: Pages, shown: Conversations
    ) -> None:
        self.desk, self.talk, self.ledger, self.assist = desk, talk, ledger, assist
        self.pages, self.shown = pages, shown

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("", self.home),
            web.get("/list", self.list),
            web.get("/c/{id}", self.conversation),
            web.get("/c/{id}/panel", self.panel),
            web.get("/c/{id}/news", self.news),
            web.get("/c/{id}/earlier", self.earlier),
            web.get("/c/{id}/canned", self.canned),
        ]

    async def home(self, request: web.Request) -> web.Response:
        values = await self.desk.read(lambda connection: self._list(connection, request))
        return self.pages.show(request, "desk.html", handoff=None, **values)

    async def list(self, request: web.Request) -> web.Response:
        values = await self.desk.read(lambda connection: self._list(connection, request))
        return self.pages.show(request, "list.html", **values)

    def _list(self, connection: Connection, request: web.Request) -> dict[str, Any]:
        agent, query = agent_of(request), request.query.get("q", "").strip()[:60]
        figures = inbox.filter_counts(*inbox.counts(connection), agent.id)
        filter = request.query.get("filter") or request.cookies.get("yida_filter", "")
        if filter not in inbox.FILTERS:
            filter = "mine" if figures["mine"] or not figures["waiting"] else "waiting"
        rows, more = inbox.rows(connection, self.talk, self.desk.now(), agent.id, filter, query)
        return {"rows": rows, "more": more, "filter": filter, "query": query, "counts": figures}

    async def conversation(self, request: web.Request) -> web.Response:
        """The whole page, or for a script the conversation and its side panel."""
        agent, part = agent_of(request), "X-Part" in request.headers

        def read(connection: Connection) -> dict[str, Any]:
            handoff = find(connection, request)
            page = self.shown.page(connection, handoff, agent)
            return page if part else {**self._list(connection, request), **page}

        values = await self.desk.read(read)
        return self.pages.show(request, "conversation.html" if part else "desk.html", **values)

    async def panel(self, request: web.Request) -> web.Response:
        def read(connection: Connection, handoff: Handoff, agent: Agent) -> dict[str, Any]:
            return self.shown.panel(connection, handoff, agent)

        return self.pages.show(request, "panel.html", **await self._of(request, read))

    async def news(self, request: web.Request) -> web.Response:
        last, note = _number(request, "after"), _number(request, "note")

        def read(connection: Connection, handoff: Handoff, agent: Agent) -> dict[str, Any]:
            return self.shown.news(connection, handoff, agent, last, note)

        return self.pages.show(request, "news.html", **await self._of(request, read))

    async def earlier(self, request: web.Request) -> web.Response:
        before = _number(request, "before")

        def read(connection: Connection, handoff: Handoff, agent: Agent) -> dict[str, Any]:
            now = self.desk.now()
            plain = may_see(connection, now, agent, handoff)
            piece = log.latest(connection, self.talk, handoff.conversation, plain, now, before)
            return {"log": piece.words, "first": piece.first, "earlier": piece.earlier}

        return self.pages.show(request, "earlier.html", **await self._of(request, read))

    async def canned(self, request: web.Request) -> web.Response:
        """The canned answers with this conversation's values, and the letters they are found by."""

        def read(connection: Connection, handoff: Handoff, agent: Agent) -> dict[str, Any]:
            rows = self.shown.canned(connection, handoff, agent)
            return {"canned": [{**row, "letters": self.assist.initials(row["title"])} for row in rows]}

        return web.json_response(await self._of(request, read))

    async def _of(
        self, request: web.Request, read: Callable[[Connection, Handoff, Agent], dict[str, Any]]
    ) -> dict[str, Any]:
        agent = agent_of(request)
        return await self.desk.read(lambda connection: read(connection, find(connection, request), agent))


def find(connection: Connection, request: web.Request) -> Handoff:
    """The handoff that the address names; raises Refused."""
    try:
        return lookup.get(connection, request.match_info["id"])
    except NotFound:
        raise Refused("not_found", 404) from None


def _number(request: web.Request, name: str) -> int:
    text = request.query.get(name, "0")
    return min(int(text), LARGEST_ID) if text.isascii() and text.isdecimal() and len(text) < 17 else 0

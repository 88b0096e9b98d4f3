"""Shift handover (交接班): what is open, due and promised, a note, a receipt, and a sheet to print."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import Connection, RowMapping

from handoff import agents, audit, lookup, shifts, transfer
from handoff.agents import Agent
from handoff.console import inbox
from handoff.console.guard import Refused, agent_of
from handoff.console.needs import Desk, Glance, Ledger, Talk
from handoff.console.pages import Pages
from handoff.console.shown import day_time, hide
from handoff.lookup import Handoff
from handoff.queue import NotOpen, Queue
from handoff.transfer import By, NotAvailable

AHEAD = timedelta(hours=24)
"""A handover tells what falls due within this."""
SHOWN = 100
LONGEST = 2000


class ShiftPages:
    def __init__(self, desk: Desk, queue: Queue, ledger: Ledger, talk: Talk, pages: Pages) -> None:
        self.desk, self.queue, self.ledger, self.talk, self.pages = desk, queue, ledger, talk, pages

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/shifts", self.page),
            web.post("/shifts", self.hand_over),
            web.get("/shifts/{id:[0-9]{1,15}}", self.sheet),
            web.post("/shifts/{id:[0-9]{1,15}}/receive", self.receive),
        ]

    async def page(self, request: web.Request) -> web.Response:
        agent = agent_of(request)

        def read(connection: Connection) -> dict[str, Any]:
            names = _names(connection)
            left = [self._shown(row, names) for row in shifts.recent(connection)]
            return {
                "content": self._content(connection, agent),
                "colleagues": [each for each in agents.list_agents(connection) if each.id != agent.id],
                "for_me": [each for each in left if _may_receive(each, agent)],
                "left": left,
            }

        return self.pages.show(request, "shifts.html", **await self.desk.read(read))

    async def hand_over(self, request: web.Request) -> web.Response:
        form, agent, now = await request.post(), agent_of(request), self.desk.now()
        to, note = str(form.get("to", "")), str(form.get("note", "")).strip()[:LONGEST]
        if not note:
            raise Refused("note", 422)

        def write(connection: Connection) -> int:
            if to and agents.find(connection, to) is None:
                raise Refused("no_agent", 404)
            content = self._content(connection, agent)
            id = shifts.hand_over(connection, now, agent.id, to, note, content)
            audit.add(connection, now, agent.id, "shift.handed", str(id), {"to": to} if to else {})
            return id

        id = await self.desk.write(write)
        return web.json_response({"go": f"/console/shifts/{id}"})

    async def sheet(self, request: web.Request) -> web.Response:
        id, agent = int(request.match_info["id"]), agent_of(request)

        def read(connection: Connection) -> dict[str, Any]:
            try:
                row = shifts.get(connection, id)
            except shifts.NoSuchHandover:
                raise Refused("not_found", 404) from None
            each = self._shown(row, _names(connection))
            return {"each": each, "content": row["content"], "may_receive": _may_receive(each, agent)}

        return self.pages.show(request, "shift.html", **await self.desk.read(read))

    async def receive(self, request: web.Request) -> web.Response:
        """Sign for it; the chats that the leaving agent still has go to who signs."""
        id, agent, now = int(request.match_info["id"]), agent_of(request), self.desk.now()

        def write(connection: Connection) -> list[Handoff]:
            signed = shifts.receive(connection, now, id, agent.id)
            audit.add(connection, now, agent.id, "shift.received", str(id))
            return self._take_over(connection, signed, agent)

        try:
            moved = await self.desk.write(write)
        except shifts.NoSuchHandover:
            raise Refused("not_found", 404) from None
        except shifts.AlreadyReceived:
            raise Refused("handover") from None
        except shifts.NotForYou:
            raise Refused("not_allowed", 403) from None
        except NotAvailable:
            raise Refused("come_first") from None
        for handoff in moved:
            self.desk.told(handoff.conversation)
        return web.json_response({"go": f"/console/shifts/{id}"})

    def _take_over(self, connection: Connection, signed: RowMapping, agent: Agent) -> list[Handoff]:
        leaver, now = agents.find(connection, signed["from_agent"]), self.desk.now()
        moved = []
        for handoff in lookup.of_agent(connection, signed["from_agent"]) if leaver else []:
            by = By(leaver.name, leaver)  # type: ignore[union-attr]
            try:
                moved.append(
                    transfer.to_agent(
                        self.queue, connection, now, handoff.id, agent.id, agent.name, by, signed["note"]
                    )
                )
            except NotOpen:
                continue
        return moved

    def _content(self, connection: Connection, agent: Agent) -> dict[str, Any]:
        """The sheet: the agent's chats, who waits, whom we promised to call, and what falls due."""
        now = self.desk.now()
        mine = lookup.of_agent(connection, agent.id)
        waiting = lookup.list_handoffs(connection, "waiting")[:SHOWN]
        scheduled = lookup.list_handoffs(connection, "scheduled")[:SHOWN]
        names = [each.conversation for each in (*mine, *waiting, *scheduled)]
        glances = self.talk.glances(connection, names)
        due = self.ledger.due(connection, now + AHEAD, SHOWN)
        return {
            "mine": [self._line(each, glances) for each in mine],
            "waiting": [self._line(each, glances) for each in waiting],
            "scheduled": [self._line(each, glances) for each in scheduled],
            "due": [
                {**each, "due": day_time(each["due"], now.tzinfo), "over": each["due"] <= now} for each in due
            ],
        }

    def _line(self, handoff: Handoff, glances: Mapping[str, Glance]) -> dict[str, Any]:
        glance = glances.get(handoff.conversation, Glance())
        return {
            "id": handoff.id,
            "title": inbox.title_of(handoff.conversation, glance.name, glance.phone),
            "channel": inbox.channel_of(handoff.conversation),
            "reason": handoff.reason,
            "priority": handoff.priority,
            "since": day_time(handoff.waiting_since, self.desk.now().tzinfo),
            "phone": hide(handoff.callback_phone, False),
            "summary": hide(handoff.summary, False),
        }

    def _shown(self, row: RowMapping, names: Mapping[str, str]) -> dict[str, Any]:
        zone = self.desk.now().tzinfo
        return {
            **row,
            "from_name": names.get(row["from_agent"], row["from_agent"]),
            "to_name": names.get(row["to_agent"], row["to_agent"]),
            "at": f"{row['created_at'].astimezone(zone):%Y-%m-%d %H:%M}",
            "received": day_time(row["received_at"], zone) if row["received_at"] else "",
        }


def _names(connection: Connection) -> dict[str, str]:
    return {each.id: each.name for each in agents.list_agents(connection, active=False)}


def _may_receive(each: Mapping[str, Any], agent: Agent) -> bool:
    for_him = each["to_agent"] in ("", agent.id)
    return not each["received_at"] and each["from_agent"] != agent.id and for_him

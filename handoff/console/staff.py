"""People (人员): a manager adds agents, changes what they may do, resets passwords and ends sessions."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from aiohttp import web
from multidict import MultiMapping
from sqlalchemy import Connection

from handoff import agents, audit, sign_in, staff
from handoff.agents import Agent, LoginTaken, NoSuchAgent
from handoff.console.guard import Refused, agent_of, need
from handoff.console.needs import Desk
from handoff.console.pages import Pages
from handoff.console.shown import day_time
from handoff.lookup import Handoff
from handoff.queue import Queue


class Staff:
    def __init__(self, desk: Desk, queue: Queue, pages: Pages) -> None:
        self.desk, self.queue, self.pages = desk, queue, pages

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/staff", self.page),
            web.post("/staff", self.save),
            web.post("/staff/{id}/password", self.reset),
            web.post("/staff/{id}/sessions", self.end_sessions),
            web.post("/staff/{id}/active", self.set_active),
        ]

    async def page(self, request: web.Request) -> web.Response:
        need(request, "manager")
        now, edited = self.desk.now(), request.query.get("edit", "")

        def read(connection: Connection) -> dict[str, Any]:
            everybody = agents.list_agents(connection, active=False)
            loads = agents.loads(connection)
            rows = [
                {
                    "agent": each,
                    "load": loads.get(each.id, 0),
                    "seen": day_time(each.last_seen, now.tzinfo) if each.last_seen else "—",
                    "sessions": len(sign_in.sessions_of(connection, now, each.id)),
                }
                for each in sorted(everybody, key=lambda agent: not agent.active)
            ]
            return {"rows": rows, "chosen": next((each for each in everybody if each.id == edited), None)}

        return self.pages.show(request, "staff.html", **await self.desk.read(read))

    async def save(self, request: web.Request) -> web.Response:
        """Add an agent, whose first password is shown this once, or change one."""
        me, form, now = need(request, "manager"), await request.post(), self.desk.now()
        id, values = str(form.get("id", "")), _values(form)
        if id == me.id and values["role"] != me.role:
            raise Refused("own_role", 422)
        try:
            if id:
                await self.desk.write(lambda connection: _change(connection, now, me, id, values))
                return web.json_response({"go": "/console/staff"})
            password = sign_in.first_password()
            hashed = await asyncio.to_thread(sign_in.hash_password, password)
            login = str(form.get("login", ""))
            added = await self.desk.write(lambda connection: _add(connection, now, me, login, hashed, values))
        except LoginTaken:
            raise Refused("login_taken", 422) from None
        except NoSuchAgent:
            raise Refused("no_agent", 404) from None
        except ValueError:
            raise Refused("staff", 422) from None
        return web.json_response({"login": added.login, "password": password})

    async def reset(self, request: web.Request) -> web.Response:
        """A new first password; whoever was signed in with the old one is signed out."""
        me, id, now = need(request, "manager"), request.match_info["id"], self.desk.now()
        password = sign_in.first_password()
        hashed = await asyncio.to_thread(sign_in.hash_password, password)

        def write(connection: Connection) -> Agent:
            return staff.reset_password(connection, now, id, hashed, by=me.id)

        agent = await self._of(write)
        return web.json_response({"login": agent.login, "password": password})

    async def end_sessions(self, request: web.Request) -> web.Response:
        me, id, now = need(request, "manager"), request.match_info["id"], self.desk.now()

        def write(connection: Connection) -> Agent:
            sign_in.end_sessions(connection, now, id)
            audit.add(connection, now, me.id, "sessions.ended", id)
            return agents.get(connection, id)

        await self._of(write)
        return web.json_response({"go": "/console/staff"})

    async def set_active(self, request: web.Request) -> web.Response:
        """Who leaves is signed out at once, and his chats go back to the queue."""
        me, id, now = need(request, "manager"), request.match_info["id"], self.desk.now()
        active = (await request.post()).get("active") == "yes"
        if id == agent_of(request).id:
            raise Refused("own_role", 422)
        moved: list[Handoff] = []

        def write(connection: Connection) -> Agent:
            if active:
                agents.set_active(connection, now, id, True)
                audit.add(connection, now, me.id, "agent.active", id)
            else:
                moved.extend(staff.remove(self.queue, connection, now, id, by=me.id))
            return agents.get(connection, id)

        await self._of(write)
        for handoff in moved:
            self.desk.told(handoff.conversation)
        return web.json_response({"go": "/console/staff"})

    async def _of(self, write: Any) -> Agent:
        try:
            agent: Agent = await self.desk.write(write)
        except NoSuchAgent:
            raise Refused("no_agent", 404) from None
        return agent


def _values(form: MultiMapping[Any]) -> dict[str, Any]:
    capacity = str(form.get("capacity", ""))
    if not capacity.isdecimal():
        raise Refused("staff", 422)
    skills = str(form.get("skills", "")).replace("，", " ").replace("、", " ").replace(",", " ").split()
    return {
        "name": str(form.get("name", "")).strip(),
        "role": str(form.get("role", "")),
        "skills": skills,
        "capacity": int(capacity),
    }


def _add(
    connection: Connection, now: datetime, me: Agent, login: str, hashed: str, values: dict[str, Any]
) -> Agent:
    rest = {"skills": values["skills"], "capacity": values["capacity"]}
    return staff.add(connection, now, login, values["name"], values["role"], hashed, by=me.id, **rest)


def _change(connection: Connection, now: datetime, me: Agent, id: str, values: dict[str, Any]) -> None:
    before = agents.get(connection, id)
    agents.change(connection, id, **values)
    detail = {"from": before.role, "to": values["role"]} if before.role != values["role"] else {}
    audit.add(connection, now, me.id, "agent.changed", id, detail)

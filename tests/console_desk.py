"""Agents with their browsers, and customers who wait for them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from itertools import count
from typing import Any

import aiohttp
from sqlalchemy import Connection

from bot.app import App
from bot.desk import Answer, Inbound
from handoff import agents, lookup, sign_in
from handoff.lookup import Handoff

PASSWORD = "correct horse battery"
STAFF = {
    "wang": ("王芳", "agent", ("理赔",)),
    "li": ("李强", "agent", ()),
    "zhao": ("赵敏", "supervisor", ()),
    "qian": ("钱进", "manager", ()),
}
_numbers = count()


@cache
def _hashed() -> str:
    return sign_in.hash_password(PASSWORD)


async def add_staff(app: App) -> dict[str, str]:
    """Login → id of two agents, a supervisor and a manager, whose passwords are their own."""

    def add(connection: Connection) -> dict[str, str]:
        ids = {}
        for login, (name, role, skills) in STAFF.items():
            agent = agents.add(connection, app.desk.now(), login, name, role, _hashed(), skills=skills)
            agents.set_password(connection, agent.id, _hashed())
            ids[login] = agent.id
        return ids

    return await app.store.write(add)


async def open_session(app: App, id: str) -> str:
    """A session as the sign-in opens it; what the browser keeps of it."""
    return await app.store.write(
        lambda connection: sign_in.open_session(connection, app.desk.now(), id, "a test's browser")
    )


async def customer_says(app: App, session: str, text: str, **known: Any) -> Answer:
    """A word of a customer in the web chat."""
    id = f"test-{next(_numbers)}"
    return await app.desk.answer(Inbound(conversation=f"web:{session}", id=id, text=text, **known))


async def handoff_of(app: App, session: str) -> Handoff:
    found = await app.store.read(lambda connection: lookup.open_for(connection, f"web:{session}"))
    assert found is not None
    return found


class Console:
    """An agent's browser without a screen."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def get(self, path: str) -> str:
        async with self.session.get(f"/console{path}") as response:
            assert response.status == 200, (response.status, await response.text())
            return await response.text()

    async def post(self, path: str, values: Mapping[str, str] = {}) -> tuple[int, dict[str, Any]]:
        """What a form of the page sends."""
        secret = re.search(r'name="csrf" content="(\w+)"', await self.get("/canned"))
        assert secret is not None
        headers = {"X-CSRF": secret[1], "X-Part": "1"}
        async with self.session.post(f"/console{path}", data=values, headers=headers) as response:
            html = response.content_type == "text/html"
            return response.status, {"page": await response.text()} if html else await response.json()


@asynccontextmanager
async def console_of(app: App, url: str, id: str) -> AsyncIterator[Console]:
    cookies = {"yida_console": await open_session(app, id)}
    async with aiohttp.ClientSession(url, cookies=cookies) as session:
        yield Console(session)

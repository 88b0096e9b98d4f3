"""Sign-in, sign-out, and the agent's own password."""

from __future__ import annotations

import asyncio
from functools import partial

from aiohttp import web
from sqlalchemy import Connection

from handoff import agents, audit, sign_in
from handoff.console.guard import COOKIE, agent_of, session_of
from handoff.console.needs import Desk
from handoff.console.pages import Pages
from handoff.console.wording import refusal
from handoff.sign_in import Credentials

HASHING = 2
"""Passwords hashed at once: each takes 64 MiB and a core for a moment."""


class Door:
    def __init__(self, desk: Desk, pages: Pages, secure: bool) -> None:
        self.desk, self.pages, self.secure = desk, pages, secure
        self._hashing = asyncio.Semaphore(HASHING)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/sign-in", self.page),
            web.post("/sign-in", self.sign_in),
            web.post("/sign-out", self.sign_out),
            web.get("/password", self.password_page),
            web.post("/password", self.password),
        ]

    async def page(self, request: web.Request) -> web.Response:
        place = request.query.get("next", "")
        return self.pages.show(request, "sign_in.html", next=place, login="", error="")

    async def sign_in(self, request: web.Request) -> web.Response:
        form = await request.post()
        login, password = str(form.get("login", ""))[:64], str(form.get("password", ""))[:200]
        place, now = str(form.get("next", "")), self.desk.now()
        try:
            found = await self.desk.read(lambda connection: sign_in.credentials(connection, now, login))
        except sign_in.LockedOut as locked:
            until = f"{self.pages.local(locked.until):%H:%M}"
            return self._refused(request, login, place, refusal("locked", until=until))
        if not await self._is_right(found, password):
            await self.desk.write(lambda connection: sign_in.refuse(connection, now, found.id))
            return self._refused(request, login, place, refusal("wrong"))
        browser = request.headers.get("User-Agent", "")
        token = await self.desk.write(
            lambda connection: sign_in.open_session(connection, now, found.id, browser)
        )
        response = web.Response(status=303, headers={"Location": _inside(place)})
        self._give(response, token)
        return response

    def _refused(self, request: web.Request, login: str, place: str, error: str) -> web.Response:
        return self.pages.show(request, "sign_in.html", 403, next=place, login=login, error=error)

    def _give(self, response: web.Response, token: str) -> None:
        response.set_cookie(
            COOKIE,
            token,
            path="/console",
            max_age=int(sign_in.SESSION.total_seconds()),
            httponly=True,
            secure=self.secure,
            samesite="Strict",
        )

    async def _is_right(self, found: Credentials, password: str) -> bool:
        async with self._hashing:
            return await asyncio.to_thread(sign_in.is_right, found, password)

    async def sign_out(self, request: web.Request) -> web.Response:
        session, now = session_of(request), self.desk.now()
        await self.desk.write(lambda connection: sign_in.end_session(connection, now, session.token_hash))
        response = web.Response(status=303, headers={"Location": "/console/sign-in"})
        response.del_cookie(COOKIE, path="/console")
        return response

    async def password_page(self, request: web.Request) -> web.Response:
        return self.pages.show(request, "password.html", error="")

    async def password(self, request: web.Request) -> web.Response:
        """Change the own password; every other session of the agent ends."""
        form, agent, now = await request.post(), agent_of(request), self.desk.now()
        old, new = str(form.get("old", ""))[:200], str(form.get("new", ""))[:200]
        error = ""
        if new != form.get("again"):
            error = refusal("different")
        found = await self.desk.read(lambda connection: sign_in.credentials(connection, now, agent.login))
        if not error and not await self._is_right(found, old):
            error = refusal("old")
        try:
            sign_in.check_new_password(new, agent.login, old)
        except sign_in.WeakPassword:
            error = error or refusal("weak")
        if error:
            return self.pages.show(request, "password.html", 422, error=error)
        async with self._hashing:
            hashed = await asyncio.to_thread(partial(sign_in.hash_password, new))
        own = session_of(request).token_hash

        def change(connection: Connection) -> None:
            agents.set_password(connection, agent.id, hashed)
            sign_in.end_sessions(connection, now, agent.id, but=own)
            audit.add(connection, now, agent.id, "password.changed", agent.id)

        await self.desk.write(change)
        return web.Response(status=303, headers={"Location": "/console"})


def _inside(place: str) -> str:
    """Only a place of the console itself is gone back to."""
    inside = place == "/console" or place.startswith(("/console/", "/console?"))
    return place if inside and "\\" not in place and "//" not in place else "/console"

"""Sign-in, sign-out, and the agent's own password."""

from __future__ import annotations

import asyncio
from functools import partial

from aiohttp import web
from sqlalchemy import Connection

from handoff import agents, audit, presence, sign_in
from handoff.console.guard import COOKIE, agent_of, session_of
from handoff.console.needs import Desk
from handoff.console.pages import Pages
from handoff.console.shown import browser_of, day_time
from handoff.console.wording import refusal
from handoff.lookup import Handoff
from handoff.queue import Queue
from handoff.sign_in import Credentials

HASHING = 2
"""Passwords hashed at once: each takes 64 MiB and a core for a moment."""


class Door:
    def __init__(self, desk: Desk, queue: Queue, pages: Pages, secure: bool) -> None:
        self.desk, self.queue, self.pages, self.secure = desk, queue, pages, secure
        self._hashing = asyncio.Semaphore(HASHING)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/sign-in", self.page),
            web.post("/sign-in", self.sign_in),
            web.post("/sign-out", self.sign_out),
            web.get("/password", self.password_page),
            web.post("/password", self.password),
            web.post("/sessions/{hash:[0-9a-f]{64}}/end", self.end_session),
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

        def begin(connection: Connection) -> str:
            audit.add(connection, now, found.id, "session.opened", found.id)
            return sign_in.open_session(connection, now, found.id, browser)

        token = await self.desk.write(begin)
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
        """End the session; who has no other one is offline, and others get his chats."""
        session, now = session_of(request), self.desk.now()
        agent = session.agent

        def end(connection: Connection) -> list[Handoff]:
            sign_in.end_session(connection, now, session.token_hash)
            if sign_in.sessions_of(connection, now, agent.id) or agent.status == "offline":
                return []
            return presence.set_status(self.queue, connection, now, agent.id, "offline")

        for moved in await self.desk.write(end):
            self.desk.told(moved.conversation)
        response = web.Response(status=303, headers={"Location": "/console/sign-in"})
        response.del_cookie(COOKIE, path="/console")
        return response

    async def password_page(self, request: web.Request) -> web.Response:
        return await self._account(request)

    async def _account(self, request: web.Request, status: int = 200, error: str = "") -> web.Response:
        """The own password and the places where the agent is signed in."""
        session, now = session_of(request), self.desk.now()
        opened = await self.desk.read(
            lambda connection: sign_in.sessions_of(connection, now, session.agent.id)
        )
        sessions = [
            {
                "hash": each.token_hash,
                "own": each.token_hash == session.token_hash,
                "browser": browser_of(each.user_agent),
                "since": day_time(each.created_at, now.tzinfo),
                "seen": day_time(each.last_seen, now.tzinfo),
            }
            for each in opened
        ]
        return self.pages.show(request, "password.html", status, error=error, sessions=sessions)

    async def end_session(self, request: web.Request) -> web.Response:
        """Sign out another of the agent's own browsers."""
        agent, now, ended = agent_of(request), self.desk.now(), request.match_info["hash"]

        def end(connection: Connection) -> None:
            own = {each.token_hash for each in sign_in.sessions_of(connection, now, agent.id)}
            if ended in own:
                sign_in.end_session(connection, now, ended)
                audit.add(connection, now, agent.id, "sessions.ended", agent.id)

        await self.desk.write(end)
        return web.json_response({"go": "/console/password"})

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
            return await self._account(request, 422, error)
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

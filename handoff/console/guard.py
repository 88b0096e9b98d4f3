"""Who may come in: the session of a request, its origin, and the headers of every answer."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlsplit

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from handoff import sign_in
from handoff.agents import Agent
from handoff.console.needs import Desk, StepRefused
from handoff.console.wording import refusal
from handoff.sign_in import Session

log = structlog.get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
COOKIE = "yida_console"
SESSION = web.RequestKey("session", Session)
OPEN_TO_ALL = ("/console/sign-in", "/console/static/")
BEFORE_OWN_PASSWORD = ("/console/password", "/console/sign-out")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Refused(Exception):
    """What an agent asked for is not done; `key` names the sentence in words.yaml."""

    def __init__(self, key: str, status: int = 409, **values: object) -> None:
        super().__init__(key)
        self.key, self.status, self.values = key, status, values


def session_of(request: web.Request) -> Session:
    return request[SESSION]


def agent_of(request: web.Request) -> Agent:
    return session_of(request).agent


def need(request: web.Request, role: str) -> Agent:
    """The agent, if he is of a role at least; raises Refused."""
    agent = agent_of(request)
    if not agent.is_at_least(role):
        raise Refused("not_allowed", 403)
    return agent


def csrf_of(request: web.Request) -> str:
    """A secret of the session that another site cannot know."""
    token = request.cookies.get(COOKIE, "")
    return hashlib.sha256(f"csrf:{token}".encode()).hexdigest()[:40]


def guard(desk: Desk) -> Middleware:
    """Lets in who has a session; a change must come from our own page."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await _admit(desk, request, handler)
        except Refused as refused:
            detail = refusal(refused.key, **refused.values)
            response = web.json_response({"detail": detail}, status=refused.status)
        except StepRefused as refused:
            response = web.json_response({"detail": refusal(str(refused))}, status=422)
        if not response.prepared:
            response.headers.update({**HEADERS, **response.headers})
        return response

    return middleware


async def _admit(desk: Desk, request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.method not in ("GET", "HEAD"):
        _check_origin(request)
    if request.path.startswith(OPEN_TO_ALL):
        return await handler(request)
    session = await _session(desk, request)
    if session is None:
        return _to_the_door(request)
    request[SESSION] = session
    if request.method not in ("GET", "HEAD"):
        await _check_csrf(request)
    if session.agent.must_change_password and request.path not in BEFORE_OWN_PASSWORD:
        return _redirect("/console/password")
    return await handler(request)


async def _session(desk: Desk, request: web.Request) -> Session | None:
    token, now = request.cookies.get(COOKIE, ""), desk.now()
    if not token:
        return None
    session = await desk.read(lambda connection: sign_in.find_session(connection, now, token))
    if session is not None and now - session.last_seen > sign_in.SEEN_EVERY:
        hashed = session.token_hash
        await desk.write(lambda connection: sign_in.touch_session(connection, now, hashed))
    return session


def _to_the_door(request: web.Request) -> web.Response:
    """A page is sent to the sign-in and comes back after it; what a script fetches gets a 401."""
    if request.method != "GET" or "X-Part" in request.headers:
        raise Refused("session", 401)
    return _redirect(f"/console/sign-in?next={quote(request.path_qs, safe='')}")


def _redirect(place: str) -> web.Response:
    return web.Response(status=303, headers={"Location": place})


def _check_origin(request: web.Request) -> None:
    """Browsers name the page that a form was sent from; one of another site is refused."""
    origin = request.headers.get("Origin", "")
    if origin and urlsplit(origin).netloc != request.host:
        raise Refused("origin", 403)
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Refused("origin", 403)


async def _check_csrf(request: web.Request) -> None:
    told = request.headers.get("X-CSRF", "")
    if not told:
        told = str((await request.post()).get("csrf", ""))
    if not hmac.compare_digest(told.encode(), csrf_of(request).encode()):
        raise Refused("origin", 403)

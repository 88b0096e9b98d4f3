"""A company's own desk at the other end of the mirror: checks every signature by plain HMAC, keeps what it got."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ...").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"the secret that went before it ..").decode()


def signature(secret: str, id: str, timestamp: str, body: bytes) -> str:
    """Standard Webhooks by hand, so that the library is not checked by itself."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


@dataclass
class Peer:
    """`answer(peer, event)` says how a call is answered: a status, `reset`, `silent`, or with headers."""

    answer: Callable[[Peer, dict[str, Any]], Any] = lambda _peer, _event: 200
    secret: str = SECRET
    url: str = ""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What was answered with 200, each once, by its webhook-id."""
    forged: int = 0
    headers: list[dict[str, str]] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)
    """The handoffs that it says it has."""

    async def tell(self, request: web.Request) -> web.Response:
        id, timestamp = request.headers["webhook-id"], request.headers["webhook-timestamp"]
        if signature(self.secret, id, timestamp, b"") != request.headers["webhook-signature"]:
            return web.Response(status=401)
        return web.json_response({"handoffs": self.held, "cursor": None})

    async def receive(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        id, timestamp = request.headers["webhook-id"], request.headers["webhook-timestamp"]
        expected = signature(self.secret, id, timestamp, body)
        if expected not in request.headers["webhook-signature"].split(" "):
            self.forged += 1
            return web.Response(status=401)
        event = json.loads(body)
        self.calls.append((id, event))
        self.headers.append(dict(request.headers))
        answer = self.answer(self, event)
        if answer == "silent":
            await asyncio.sleep(60)
        if answer == "reset":
            assert request.transport
            request.transport.abort()
            return web.Response()
        if answer == "lost":  # It took the event, and the answer got lost.
            self.taken.setdefault(id, event)
            assert request.transport
            request.transport.abort()
            return web.Response()
        if isinstance(answer, web.Response):
            return answer
        if answer == 200:
            self.taken.setdefault(id, event)
        return web.Response(status=answer)

    def seqs(self, conversation: str) -> list[int]:
        """The numbers of a conversation in the order in which they came first."""
        events = [event["data"] for event in self.taken.values()]
        return [each["seq"] for each in events if each["conversation"] == conversation]

    def conversations(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for event in self.taken.values():
            found.setdefault(event["data"]["conversation"], []).append(event)
        return found


@asynccontextmanager
async def peer(**settings: Any) -> AsyncIterator[Peer]:
    """A running peer on a port of its own."""
    each = Peer(**settings)
    site = web.Application()
    site.router.add_post("/hook", each.receive)
    site.router.add_get("/hook/held", each.tell)
    runner = web.AppRunner(site, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    each.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield each
    await runner.cleanup()


def moody(seed: int) -> Callable[[Peer, dict[str, Any]], Any]:
    """A peer that fails at random in every way that a network knows."""
    dice = random.Random(seed)

    def answer(_peer: Peer, _event: dict[str, Any]) -> Any:
        answers: list[Any] = [200, 500, 503, "reset", "lost", "silent"]
        return dice.choices(answers, [899, 30, 20, 20, 30, 1])[0]

    return answer

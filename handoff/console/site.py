"""Puts the console together: one web application under /console."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from handoff.console.acts import Acts
from handoff.console.canned_pages import CannedPages
from handoff.console.conversation import Conversations
from handoff.console.door import Door
from handoff.console.guard import guard
from handoff.console.live import Live
from handoff.console.needs import Assist, Desk, Ledger, Talk
from handoff.console.pages import Pages
from handoff.console.panel_acts import Calculator
from handoff.console.shift_pages import ShiftPages
from handoff.console.staff import Staff
from handoff.console.stream import Streams
from handoff.console.supervisor import Supervisor
from handoff.console.views import Views
from handoff.queue import Queue

STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True)
class Console:
    """The agents' pages; `live` tells them what happens."""

    app: web.Application
    live: Live


def console(desk: Desk, queue: Queue, talk: Talk, ledger: Ledger, assist: Assist, secure: bool) -> Console:
    """The console over what the desk hands it; `secure`: the browser reaches it over TLS."""
    pages = Pages(desk)
    live = Live(desk, talk, pages)
    shown = Conversations(desk, talk, ledger, assist)
    app = web.Application(middlewares=[guard(desk)])
    for part in (
        Door(desk, queue, pages, secure),
        Views(desk, talk, ledger, assist, pages, shown),
        Acts(desk, queue, talk, ledger, live),
        Supervisor(desk, ledger, talk, pages),
        CannedPages(desk, pages),
        Staff(desk, queue, pages),
        ShiftPages(desk, queue, ledger, talk, pages),
    ):
        app.add_routes(part.routes())
    app.router.add_post("/estimate", Calculator(desk, assist, pages).estimate)
    app.router.add_get("/stream", Streams(desk, live).stream)
    app.router.add_static("/static", STATIC)
    app.on_response_prepare.append(_revalidate)
    app.cleanup_ctx.append(_running(live))
    return Console(app, live)


def _running(live: Live) -> Callable[[web.Application], AsyncIterator[None]]:
    """The feed and the signs of presence run as long as the application does."""

    async def run(_: web.Application) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(live.run()), asyncio.create_task(live.beat())]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    return run


async def _revalidate(request: web.Request, response: web.StreamResponse) -> None:
    # After an upgrade no browser may go on with old scripts.
    if request.path.startswith("/console/static"):
        response.headers["Cache-Control"] = "no-cache"

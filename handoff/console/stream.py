"""The stream of an open page: what happens, as server-sent events."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

from aiohttp import web

from handoff import sign_in
from handoff.console.guard import COOKIE, agent_of
from handoff.console.live import Live, Stream, sse
from handoff.console.needs import Desk

HEARTBEAT = 15.0
"""Seconds between signs of life on a quiet stream; the session is looked at as often."""


class Streams:
    def __init__(self, desk: Desk, live: Live) -> None:
        self.desk, self.live = desk, live

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Tells the page what happens until it closes, the session ends or the service stops."""
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        stream = self.live.open(agent_of(request).id)
        try:
            await response.prepare(request)
            # A page that closes breaks the stream off in the middle of a word; it comes back for the rest.
            with suppress(ConnectionResetError):
                await response.write(sse("hello", {}).encode())
                await self._tell(request, response, stream)
        finally:
            self.live.close(stream)
        return response

    async def _tell(self, request: web.Request, response: web.StreamResponse, stream: Stream) -> None:
        token = request.cookies.get(COOKIE, "")
        while not self.desk.closed:
            words = await _next(stream)
            if words:
                await response.write(words.encode())
                continue
            find = partial(sign_in.find_session, now=self.desk.now(), token=token)
            session = await self.desk.read(find)
            if session is None:
                await response.write(sse("ended", {}).encode())
                return
            await response.write(b": alive\n\n")


async def _next(stream: Stream) -> str:
    """All that waits to be told, or nothing when it was quiet for a while."""
    try:
        words = [await asyncio.wait_for(stream.words.get(), HEARTBEAT)]
    except TimeoutError:
        return ""
    while not stream.words.empty():
        words.append(stream.words.get_nowait())
    return "".join(words)

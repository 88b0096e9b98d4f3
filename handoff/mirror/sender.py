"""Sends the events of one endpoint: conversations side by side, each in its own order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog
from sqlalchemy import Connection

from handoff.mirror import lanes
from handoff.mirror.events import Event, Failure, Target
from handoff.mirror.lanes import Lane, Sent, Step
from handoff.mirror.metrics import SENT, UP
from handoff.store import Store

log = structlog.get_logger()

AT_ONCE = 32
"""Conversations of one endpoint that are sent side by side."""
POLL = 1.0
"""Seconds between looks at the events when nothing wakes us."""
GATHER = 0.005
"""Seconds in which more may finish, to be written together."""
ENOUGH = 30.0
"""Seconds after which a lane is given back, well within its lease."""
AFTER_ERROR = 5.0


class Sender:
    """`run` until `stop`; `wake` after a commit."""

    def __init__(self, store: Store, target: Target, now: Callable[[], datetime]) -> None:
        self.store, self.target, self.now = store, target, now
        self._sent: list[Sent] = []
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._news = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        self._news.set()

    def stop(self) -> None:
        """Finish what is under way; `run` then returns."""
        self._stopping = True
        self.wake()

    async def register(self) -> None:
        """Before the first event: a new endpoint gets what happens from now on."""
        up = await self.store.write(lambda connection: lanes.register(connection, self.target.name))
        UP.labels(self.target.name).set(1 if up else 0)

    async def run(self) -> None:
        """Send until stopped; what the database refuses is tried again."""
        while not self._stopping:
            self._news.clear()
            if not await self._keep_trying(self.turn):
                await self._wait()
        if self._sending:
            await asyncio.wait(self._sending.values(), timeout=ENOUGH)
        await self.turn(closing=True)

    async def turn(self, *, closing: bool = False) -> bool:
        """Write what was sent and start what is due; True where more is due now."""
        sent, self._sent = self._sent, []
        busy = tuple(self._sending)
        free = 0 if closing else AT_ONCE - len(busy)

        def step(connection: Connection) -> Step:
            return lanes.step(connection, self.now(), self.target.name, self.target.wants, sent, free, busy)

        try:
            work = await self.store.write(step)
        except BaseException:
            self._sent = sent + self._sent
            raise
        for each in work.told:
            self._tell(each)
        for lane in work.lanes:
            self._sending[lane.conversation] = asyncio.create_task(self._send(lane))
        return work.more and len(self._sending) < AT_ONCE

    async def _send(self, lane: Lane) -> None:
        """Send a conversation's events one after the other, as far as they are taken."""
        clock = asyncio.get_running_loop().time
        began, after, taken = clock(), lane.after, 0
        failure: Failure | None = None
        for event in lane.events:
            if self.target.wants(event.type):
                failure = await self._try(event)
                if failure is not None:
                    break
                taken += 1
            after = event.seq
            if clock() - began > ENOUGH or self._stopping:
                break
        del self._sending[lane.conversation]
        self._sent.append(Sent(lane.conversation, after, lane.tries, taken, failure))
        self.wake()

    async def _try(self, event: Event) -> Failure | None:
        try:
            failure = await self.target.send(event, self.now())
        except Exception as error:
            log.exception("mirror failed", endpoint=self.target.name, event_id=event.webhook_id)
            failure = Failure(type(error).__name__)
        SENT.labels(self.target.name, "failed" if failure else "sent").inc()
        return failure

    async def _wait(self) -> None:
        """Until there is news, then a moment more."""
        try:
            await asyncio.wait_for(self._news.wait(), POLL)
        except TimeoutError:
            return
        await asyncio.sleep(GATHER)

    async def _keep_trying(self, act: Callable[[], Awaitable[bool]]) -> bool:
        while True:
            try:
                return await act()
            except Exception:
                log.exception("mirror stands still", endpoint=self.target.name)
                if self._stopping:
                    return False
                await asyncio.sleep(AFTER_ERROR)

    def _tell(self, told: lanes.Told) -> None:
        """One line to the operator, as loud as the matter is."""
        UP.labels(self.target.name).set(1 if told.what == "up" else 0)
        say = log.info if told.what == "up" else log.error
        say(f"mirror {told.what}", endpoint=self.target.name, error=told.error)

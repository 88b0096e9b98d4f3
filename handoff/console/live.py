"""What happens, on every open page: one reader of the events a process, one short word to each stream."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection, func, select

from handoff import presence
from handoff.console import inbox
from handoff.console.needs import Desk, Glance, Talk
from handoff.console.pages import Pages
from handoff.tables import events, handoffs

log = structlog.get_logger()

WAITING_WORDS = 300
"""Words that a slow page may be behind; one that is further behind looks at everything again."""
OVERLAP_SECONDS = 5.0
"""On PostgreSQL an event may be seen after one with a higher id; so far back is looked again."""
IDLE_SECONDS = 1.0
"""Between looks while no page is open, so that customers' turns do not pay for them."""
BATCH = 500
BEAT = 5.0
"""Seconds between signs that an agent's page is open; the shortest lease is ten."""


@dataclass(eq=False)
class Stream:
    """An open page of an agent."""

    agent: str
    words: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(WAITING_WORDS))

    def put(self, word: str) -> None:
        try:
            self.words.put_nowait(word)
        except asyncio.QueueFull:
            while not self.words.empty():
                self.words.get_nowait()
            self.words.put_nowait(sse("refresh", {}))


def sse(event: str, data: object) -> str:
    return f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


class Live:
    """Reads each event once, renders its row once, and tells all streams."""

    def __init__(self, desk: Desk, talk: Talk, pages: Pages) -> None:
        self.desk, self.talk, self.pages = desk, talk, pages
        self.streams: set[Stream] = set()
        self._last = self._floor = 0
        self._seen: set[int] = set()
        self._floor_at = 0.0

    def open(self, agent: str) -> Stream:
        stream = Stream(agent)
        self.streams.add(stream)
        return stream

    def close(self, stream: Stream) -> None:
        self.streams.discard(stream)

    async def run(self) -> None:
        """Tell what happens until the service stops; an error is logged and the next look goes on."""
        self._last = self._floor = await self.desk.read(_newest)
        with self.desk.watch() as watch:
            while not self.desk.closed:
                await watch.wait(self.desk.poll_seconds)
                try:
                    await self._look()
                except Exception:
                    log.exception("console feed failed")
        for stream in self.streams:
            stream.put("")

    async def beat(self) -> None:
        """Keep the agents whose pages are open from counting as gone."""
        while not self.desk.closed:
            await asyncio.sleep(BEAT)
            present = {stream.agent for stream in self.streams}
            if present:
                try:
                    self._tell_gone(await self.desk.write(partial(_absent, self.desk.now(), present)))
                except Exception:
                    log.exception("heartbeat failed")

    def _tell_gone(self, gone: set[str]) -> None:
        """A page that was away for too long learns that its agent is offline."""
        for agent in gone:
            self.say("presence", {"agent": agent, "status": "offline"}, (agent,))

    async def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        if not self.streams:
            # Nobody looks; who comes reads everything anew, and hears of the last second twice.
            if now - self._floor_at >= IDLE_SECONDS:
                self._floor_at = now
                self._last = self._floor = await self.desk.read(_newest)
                self._seen.clear()
            return
        kinds, many = await self.desk.read(self._news)
        if many or now - self._floor_at >= OVERLAP_SECONDS:
            self._floor, self._floor_at = self._last, now
            self._seen = {id for id in self._seen if id > self._floor}
        if kinds:
            await self.tell(kinds)

    def _news(self, connection: Connection) -> tuple[dict[str, set[str]], bool]:
        """Conversation → what happened in it since the last look; and whether there may be more."""
        query = select(events.c.id, events.c.conversation, events.c.type, events.c.data)
        query = query.where(events.c.id > self._floor).order_by(events.c.id).limit(BATCH)
        rows = connection.execute(query).all()
        kinds: defaultdict[str, set[str]] = defaultdict(set)
        for id, conversation, type, data in rows:
            if id not in self._seen:
                kinds[conversation].add(f"said.{data.get('from')}" if type == "message.created" else type)
        self._seen.update(row.id for row in rows)
        self._last = max((self._last, *(row.id for row in rows)))
        return dict(kinds), len(rows) == BATCH

    async def tell(self, kinds: dict[str, set[str]]) -> None:
        """Tell every page what changed in these conversations, with their rows and the figures."""
        changes, by_status, by_agent = await self.desk.read(
            lambda connection: self._changes(connection, kinds)
        )
        told = "".join(sse("change", change) for change in changes)
        for stream in self.streams:
            figures = inbox.filter_counts(by_status, by_agent, stream.agent)
            stream.put(told + sse("counts", figures))

    def _changes(
        self, connection: Connection, kinds: dict[str, set[str]]
    ) -> tuple[list[dict[str, Any]], dict[str, int], dict[str, int]]:
        query = (
            select(handoffs)
            .where(handoffs.c.conversation.in_(kinds))
            .order_by(handoffs.c.waiting_since, handoffs.c.id)
        )
        newest = {row["conversation"]: inbox.handoff_of(row) for row in connection.execute(query).mappings()}
        glances, now = self.talk.glances(connection, list(newest)), self.desk.now()
        changes = []
        for conversation, handoff in newest.items():
            row = inbox.row_of(handoff, glances.get(conversation, Glance()), now)
            changes.append(
                {
                    "id": handoff.id,
                    "status": handoff.status,
                    "holder": handoff.agent_id,
                    "version": handoff.version,
                    "title": row["title"],
                    "last": row["last"],
                    "kinds": sorted(kinds[conversation]),
                    "row": self.pages.text("one_row.html", each=row).strip(),
                }
            )
        return (changes, *inbox.counts(connection))

    def typing(self, conversation: str, agent: str, name: str) -> None:
        """Somebody types in a conversation: the customer, where no agent is named."""
        self.say("typing", {"conversation": conversation, "agent": agent, "name": name})

    def read(self, conversation: str, last: int) -> None:
        """The customer's page has shown the words up to an id."""
        self.say("read", {"conversation": conversation, "last": last})

    def say(self, event: str, data: object, agents: Iterable[str] | None = None) -> None:
        """A word to every page, or to those of some agents."""
        only = None if agents is None else set(agents)
        word = sse(event, data)
        for stream in self.streams:
            if only is None or stream.agent in only:
                stream.put(word)


def _newest(connection: Connection) -> int:
    return int(connection.execute(select(func.max(events.c.id))).scalar_one() or 0)


def _absent(now: datetime, agents: set[str], connection: Connection) -> set[str]:
    """Those who count as gone although a page of theirs is open: they come back by saying so."""
    return {agent for agent in sorted(agents) if not presence.heartbeat(connection, now, agent)}

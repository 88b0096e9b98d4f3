"""What a channel has taken: stored before it is acknowledged, then worked off in order a conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from time import monotonic
from typing import Any

import structlog
from sqlalchemy import (
    Connection,
    Insert,
    RowMapping,
    Select,
    and_,
    bindparam,
    exists,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from bot.desk import Also, Desk, Inbound
from bot.store import tables

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
"""How long one process keeps what it works off; after a crash another takes it up."""
RENEW = LEASE / 3
IN_HAND = 16
"""Conversations worked off side by side."""
TURNS = 2
"""Turns of one channel that wait for the store at once; a backlog shares its commits."""
QUIET = 0.5
"""Seconds after something came in, in which turns go one by one: what comes next waits for one at most."""
RUN = 20
"""Most arrivals of one conversation taken up together."""
LOOK = 64
"""Arrivals looked at in one go."""
MAX_TRIES = 5
POLL = 1.0
LOCK = 0x59494E42
"""A number of our own: of several processes one takes up at a time, or two could share a conversation."""

ROW = tables.inbox


@dataclass(frozen=True)
class Arrival:
    """One thing that a channel was sent. `id` is the channel's own: what comes again is left out."""

    id: str
    conversation: str
    body: Mapping[str, Any]
    batch: str = ""
    """Arrivals of one batch (the pictures of an album) are handled as one."""
    wait: float = 0.0
    """Seconds to wait for more of the batch."""


Handler = Callable[[Sequence[Arrival]], Awaitable[None]]


class Inbox:
    """One a channel. An arrival that cannot be handled is tried again, then given up: it blocks nobody."""

    def __init__(self, desk: Desk, channel: str, handle: Handler) -> None:
        self.desk, self.channel, self.handle = desk, channel, handle
        self._turns = asyncio.Semaphore(TURNS)
        self._alone = asyncio.Lock()
        self._came_at = 0.0
        self._stopping = False
        self._in_hand: dict[asyncio.Task[None], list[int]] = {}
        self._done: list[int] = []
        self._renewed: datetime | None = None

    async def take(self, arrivals: Iterable[Arrival]) -> None:
        """Store what came; when this returns it is durable and may be acknowledged."""
        if arrivals := tuple(arrivals):
            await self.desk.store.write(lambda connection: self.store(connection, arrivals), first=True)
            self.wake()

    def store(self, connection: Connection, arrivals: Iterable[Arrival]) -> None:
        """Store what came together with what the channel writes of its own; after the commit `wake`."""
        now, self._came_at = self.desk.now(), monotonic()
        if rows := [self._row(each, now) for each in arrivals]:
            _store(connection, rows)

    def _row(self, arrival: Arrival, now: datetime) -> dict[str, Any]:
        return {
            "channel": self.channel,
            "external_id": arrival.id,
            "conversation": arrival.conversation,
            "batch": arrival.batch,
            "body": dict(arrival.body),
            "at": now,
            "next_at": now + timedelta(seconds=arrival.wait),
        }

    async def answer(self, inbound: Inbound, also: Also | None = None) -> None:
        """A turn for what was taken; fetching files before it goes on beside other turns."""
        async with self._turns:
            if monotonic() - self._came_at > QUIET:
                await self.desk.answer(inbound, also)
                return
            async with self._alone:
                await self.desk.answer(inbound, also)

    async def run(self) -> None:
        """Work off until `stop`; an error of the store is logged and tried again."""
        with self.desk.live.watch(self._name) as watch:
            while not self._stopping:
                if len(self._in_hand) > IN_HAND // 2:
                    await watch.wait(POLL)
                    continue
                try:
                    runs = await self._claim()
                except Exception as error:
                    log.warning("inbox failed", channel=self.channel, error=type(error).__name__)
                    runs = []
                for each in runs:
                    task = asyncio.create_task(self._work_off(each))
                    self._in_hand[task] = [row["id"] for row in each]
                    task.add_done_callback(self._finished)
                if not runs:
                    await watch.wait(POLL)
        await asyncio.gather(*self._in_hand, return_exceptions=True)
        await self._claim(room=0)

    def stop(self) -> None:
        """Take up nothing more; `run` ends when what is in hand is done."""
        self._stopping = True
        self.wake()

    @property
    def _name(self) -> str:
        return f"inbox:{self.channel}"

    def wake(self) -> None:
        """Work off what was stored."""
        self.desk.live.wake(self._name)

    def _finished(self, task: asyncio.Task[None]) -> None:
        del self._in_hand[task]
        self.wake()

    async def _claim(self, room: int | None = None) -> list[list[RowMapping]]:
        """Note what is done, keep what is in hand, and take up more: whole runs, one a conversation."""
        room = IN_HAND - len(self._in_hand) if room is None else room
        done, self._done = self._done, []
        now = self.desk.now()
        renew = self._renewed is None or now - self._renewed > RENEW
        held = [id for ids in self._in_hand.values() for id in ids] if renew else []
        self._renewed = now if renew else self._renewed

        def take(connection: Connection) -> list[list[RowMapping]]:
            if done:
                connection.execute(DONE, {"ids": done})
            if held:
                still = and_(ROW.c.id.in_(held), ROW.c.status == "waiting")
                connection.execute(update(ROW).where(still).values(lease_until=now + LEASE))
            return claim(connection, now, self.channel, room) if room > 0 else []

        try:
            return await self.desk.store.write(take)
        except BaseException:
            self._done += done
            raise

    async def _work_off(self, rows: list[RowMapping]) -> None:
        """One conversation's run, in order; a failure ends it, and the rest waits."""
        left = [row["id"] for row in rows]
        for batch in _batches(rows):
            try:
                await self.handle([_arrival(row) for row in batch])
            except Exception as error:
                log.exception("arrival failed", channel=self.channel, conversation=rows[0]["conversation"])
                await self._put_off(batch, f"{type(error).__name__}: {error}", left)
                return
            self._done += left[: len(batch)]
            left = left[len(batch) :]

    async def _put_off(self, batch: list[RowMapping], error: str, left: list[int]) -> None:
        """Try a batch again later, or give it up; it and what is left behind it is free again."""
        ids = [row["id"] for row in batch]
        tries = max(row["tries"] for row in batch) + 1
        values: dict[str, Any] = {"tries": tries, "error": error[:500]}
        values["next_at"] = self.desk.now() + timedelta(seconds=min(60.0, 2.0**tries))
        if tries >= MAX_TRIES:
            values["status"] = "failed"

        def put_off(connection: Connection) -> None:
            connection.execute(update(ROW).where(ROW.c.id.in_(ids)).values(**values))
            connection.execute(update(ROW).where(ROW.c.id.in_(left)).values(lease_until=None))

        await self.desk.store.write(put_off)


def _store(connection: Connection, rows: list[dict[str, Any]]) -> None:
    connection.execute(_insert_once(connection.dialect.name), rows)
    for row in rows:
        if row["batch"]:
            same = and_(ROW.c.conversation == row["conversation"], ROW.c.batch == row["batch"])
            waiting = and_(same, ROW.c.status == "waiting", ROW.c.lease_until.is_(None))
            connection.execute(update(ROW).where(waiting).values(next_at=row["next_at"]))


# Statements of every turn are made once: making one costs as much as running it.
@cache
def _insert_once(dialect: str) -> Insert:
    build = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return build(ROW).on_conflict_do_nothing(index_elements=["channel", "external_id"])


def _ready() -> Select[Any]:
    now = bindparam("now", type_=ROW.c.at.type)
    earlier = ROW.alias("earlier")
    blocked = exists().where(
        earlier.c.conversation == ROW.c.conversation,
        text("earlier.status = 'waiting'"),
        earlier.c.id < ROW.c.id,
        or_(earlier.c.lease_until >= now, earlier.c.next_at > now),
    )
    return (
        select(ROW)
        .where(
            ROW.c.channel == bindparam("channel"),
            text("inbox.status = 'waiting'"),
            ROW.c.next_at <= now,
            or_(ROW.c.lease_until.is_(None), ROW.c.lease_until < now),
            ~blocked,
        )
        .order_by(ROW.c.id)
        .limit(LOOK)
    )


READY = _ready()
CHOSEN = ROW.c.id.in_(bindparam("ids", expanding=True))
LEASED = update(ROW).where(CHOSEN).values(lease_until=bindparam("until", type_=ROW.c.at.type))
DONE = update(ROW).where(CHOSEN).values(status="done", body={}, lease_until=None)


def claim(connection: Connection, now: datetime, channel: str, room: int) -> list[list[RowMapping]]:
    """Lease the first waiting arrivals of up to `room` conversations, each conversation's in order."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    runs: dict[str, list[RowMapping]] = {}
    for row in connection.execute(READY, {"channel": channel, "now": now}).mappings():
        if row["conversation"] in runs or len(runs) < room:
            run = runs.setdefault(row["conversation"], [])
            if len(run) < RUN:
                run.append(row)
    ids = [row["id"] for run in runs.values() for row in run]
    if ids:
        connection.execute(LEASED, {"ids": ids, "until": now + LEASE})
    return list(runs.values())


def _batches(rows: list[RowMapping]) -> list[list[RowMapping]]:
    """Neighbours of one batch together, everything else by itself."""
    batches: list[list[RowMapping]] = []
    for row in rows:
        if row["batch"] and batches and batches[-1][-1]["batch"] == row["batch"]:
            batches[-1].append(row)
        else:
            batches.append([row])
    return batches


def _arrival(row: RowMapping) -> Arrival:
    return Arrival(row["external_id"], row["conversation"], row["body"], row["batch"])

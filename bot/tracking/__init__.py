"""What a tracking service knows of parcels that the company's systems do not report.

Asked before a turn and outside its transaction, each waybill at most every 30 minutes over all replicas;
what it says is kept in the table of shipments, so that a turn finds it there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection, or_, select, update

from bot import shipments
from bot.store import Store, tables
from bot.store.upsert import insert
from faq.shipment import read_instant

log = structlog.get_logger()

MOST_AT_ONCE = 10
"""Waybills of one message that are asked about."""
FINISHED = frozenset({"signed", "returned"})


class Unavailable(Exception):
    """The service gave no answer; it may the next time."""


@dataclass(frozen=True)
class Track:
    """All that a service knows of a parcel; `events` as in the HTTP contract, in order of time."""

    waybill: str
    status: str
    events: tuple[Mapping[str, Any], ...]


class Source(Protocol):
    """A tracking service."""

    name: str
    apart: timedelta
    """How long it must be between two queries of one waybill."""

    async def query(self, waybill: str) -> Track | None:
        """What it knows; None: it has no record. Raises Unavailable."""
        ...

    async def subscribe(self, waybill: str) -> bool:
        """Ask to be told of every change; False where it does not. Raises Unavailable."""
        ...


class Tracking:
    def __init__(self, store: Store, source: Source, now: Callable[[], datetime]) -> None:
        self.store = store
        self.source = source
        self.now = now
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._subscribing: set[asyncio.Task[None]] = set()

    async def refresh(self, waybills: Iterable[str]) -> None:
        """Ask about those that are unknown or whose news are old; done when each is answered or given up."""
        wanted = tuple(waybills)[:MOST_AT_ONCE]
        stale = await self.store.read(lambda connection: self._stale(connection, wanted)) if wanted else []
        for waybill in stale:
            if waybill not in self._asking:
                self._asking[waybill] = asyncio.create_task(self._ask(waybill))
        await asyncio.gather(*(self._asking[each] for each in wanted if each in self._asking))

    async def close(self) -> None:
        await asyncio.gather(*self._asking.values(), *self._subscribing, return_exceptions=True)

    def keep(self, connection: Connection, track: Track) -> None:
        """Store what is new in a track; a parcel that the company's systems report is theirs."""
        now, old = self.now(), shipments.load(connection, track.waybill, lock=True)
        if old is not None and old.get("source") != self.source.name:
            return
        events = shipments.merged((old or {}).get("events", ()), track.events)
        newest = track.events[-1]["at"] if track.events else ""
        # A message that overtook a newer one tells nothing new of the state.
        current = not events or (newest != "" and read_instant(newest) >= read_instant(events[-1]["at"]))
        data = {
            "source": self.source.name,
            "fetched_at": now.isoformat(),
            "status": track.status if current or old is None else old["status"],
            "events": events,
            "shipped_at": events[0]["at"] if events else None,
        }
        signed = [event["at"] for event in events if event["code"] == "signed"]
        data["signed_at"] = signed[-1] if signed and data["status"] == "signed" else None
        shipments.save(connection, now, track.waybill, data)

    def ended(self, connection: Connection, waybill: str) -> None:
        """The service tells no more of a waybill; it may be subscribed to again."""
        self._note(connection, waybill, subscribed_at=None)

    def _stale(self, connection: Connection, waybills: tuple[str, ...]) -> list[str]:
        table, asked = tables.shipments, tables.tracking_queries
        known = dict(
            connection.execute(
                select(table.c.waybill, table.c.data).where(table.c.waybill.in_(waybills))
            ).all()
        )
        since = self.now() - self.source.apart
        recent = select(asked.c.waybill).where(asked.c.waybill.in_(waybills), asked.c.asked_at > since)
        lately = set(connection.execute(recent).scalars())
        return [each for each in waybills if each not in lately and self._is_stale(known.get(each), since)]

    def _is_stale(self, data: Mapping[str, Any] | None, since: datetime) -> bool:
        if data is None:
            return True
        if data.get("source") != self.source.name or data.get("status") in FINISHED:
            return False
        return read_instant(data["fetched_at"]) <= since

    async def _ask(self, waybill: str) -> None:
        try:
            if await self.store.write(lambda connection: self._claim(connection, waybill)):
                await self._query(waybill)
        except Exception:
            log.exception("tracking failed", source=self.source.name, waybill=waybill)
        finally:
            del self._asking[waybill]

    def _claim(self, connection: Connection, waybill: str) -> bool:
        """Whether it is we who may ask now: of several replicas one does, once in the time between two."""
        table, now = tables.tracking_queries, self.now()
        statement = insert(connection, table).values(waybill=waybill, asked_at=now)
        due = or_(table.c.asked_at.is_(None), table.c.asked_at <= now - self.source.apart)
        done = connection.execute(
            statement.on_conflict_do_update(
                index_elements=["waybill"], set_={"asked_at": now}, where=due
            ).returning(table.c.waybill)
        )
        return done.first() is not None

    async def _query(self, waybill: str) -> None:
        try:
            track = await self.source.query(waybill)
        except Unavailable as error:
            log.warning("tracking unavailable", source=self.source.name, waybill=waybill, reason=str(error))
            await self.store.write(lambda connection: self._note(connection, waybill, failed=True))
            return
        await self.store.write(lambda connection: self._answered(connection, waybill, track))
        if track and track.status not in FINISHED:
            task = asyncio.create_task(self._subscribe(waybill))
            self._subscribing.add(task)
            task.add_done_callback(self._subscribing.discard)

    def _answered(self, connection: Connection, waybill: str, track: Track | None) -> None:
        self._note(connection, waybill, failed=False)
        if track:
            self.keep(connection, track)

    async def _subscribe(self, waybill: str) -> None:
        """Once a waybill; the customer does not wait for it."""
        table = tables.tracking_queries
        query = select(table.c.subscribed_at).where(table.c.waybill == waybill)
        if await self.store.read(lambda connection: connection.execute(query).scalar_one_or_none()):
            return
        try:
            subscribed = await self.source.subscribe(waybill)
        except Unavailable as error:
            log.warning("subscription failed", source=self.source.name, waybill=waybill, reason=str(error))
            return
        if subscribed:
            now = self.now()
            await self.store.write(lambda connection: self._note(connection, waybill, subscribed_at=now))

    @staticmethod
    def _note(connection: Connection, waybill: str, **values: Any) -> None:
        table = tables.tracking_queries
        connection.execute(update(table).where(table.c.waybill == waybill).values(**values))

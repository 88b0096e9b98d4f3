"""Deletion by policy: what customers said and sent, and who they are, is kept only so long (`retention.*`).

A conversation with an open case, or in the hands of people, keeps everything. Of a case closed long ago the
number, kind, dates and outcome stay, so that the ledger still adds up; whose it was goes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import Column, ColumnElement, Connection, Table, delete, exists, func, or_, select, update

from bot.cases import CLOSED
from bot.config import Retention
from bot.desk import Desk
from bot.store import Store, tables
from bot.uploads import Uploads
from handoff.tables import events, follow_ups, handoffs, notes, ratings

log = structlog.get_logger()

EVERY = 3600.0
BATCH = 500
"""Rows of one transaction; customers' turns go between."""


async def sweep_until_closed(desk: Desk, uploads: Uploads, policy: Retention) -> None:
    """Delete once an hour until the service stops; an error is logged and tried again."""
    with desk.live.watch("retention") as watch:
        while not desk.live.closed:
            try:
                gone = await Sweep(desk.store, uploads, policy, desk.now()).run()
                if any(gone.values()):
                    log.info("deleted by policy", **gone)
            except Exception:
                log.exception("retention failed")
            await watch.wait(EVERY)


@dataclass(frozen=True)
class Part:
    """Rows of a table that are past their time: deleted, or made nobody's where `blank` is given."""

    name: str
    table: Table
    key: Column[object]
    old: ColumnElement[bool]
    blank: dict[str, object] | None = None


class Sweep:
    """What is past its time at a moment."""

    def __init__(self, store: Store, uploads: Uploads, policy: Retention, now: datetime) -> None:
        self.store, self.uploads = store, uploads
        self.said_before = now - timedelta(days=policy.conversation_days)
        self.closed_before = now - timedelta(days=policy.case_days)

    async def count(self) -> dict[str, int]:
        """How many rows `run` would take, by what they are."""

        def read(connection: Connection) -> dict[str, int]:
            counts = {}
            for part in self._parts(self._held(connection)):
                query = select(func.count()).select_from(part.table).where(part.old)
                counts[part.name] = connection.execute(query).scalar_one()
            return counts

        return await self.store.read(read)

    async def run(self) -> dict[str, int]:
        """Delete, and tell how many rows, by what they are."""
        held = await self.store.read(self._held)
        counts = {}
        for part in self._parts(held):
            counts[part.name] = 0
            while taken := await self.store.write(partial(self._take, part)):
                await asyncio.to_thread(_unlink, [self.uploads.folder / sha[:2] / sha for sha in taken[1]])
                counts[part.name] += taken[0]
        return counts

    def _parts(self, held: Sequence[str]) -> list[Part]:
        said, closed = self.said_before, self.closed_before
        words, talks, cases, files = tables.messages, tables.conversations, tables.cases, tables.uploads
        people = tables.customers
        known = or_(cases.c.phone != "", cases.c.conversation != "")
        ended = handoffs.c.closed_at < said
        return [
            Part("uploads", files, files.c.id, (files.c.at < said) & files.c.id.not_in(held)),
            Part("messages", words, words.c.id, (words.c.at < said) & ~_kept(words.c.conversation)),
            Part("doubts", tables.doubts, tables.doubts.c.message, tables.doubts.c.at < said),
            Part("inbox", tables.inbox, tables.inbox.c.id, (tables.inbox.c.at < said)),
            Part("events", events, events.c.id, events.c.at < said),
            Part("demands", tables.demands, tables.demands.c.id, tables.demands.c.at < said),
            Part("customers", people, people.c.phone, people.c.updated_at < said),
            Part("conversations", talks, talks.c.name, (talks.c.updated_at < said) & ~_kept(talks.c.name)),
            Part(
                "handoffs",
                handoffs,
                handoffs.c.id,
                ended & or_(handoffs.c.summary != "", handoffs.c.callback_phone != ""),
                {"summary": "", "callback_phone": "", "form": None, "note": ""},
            ),
            Part("notes", notes, notes.c.id, (notes.c.at < said) & ~_kept(notes.c.conversation)),
            Part(
                "ratings",
                ratings,
                ratings.c.handoff,
                (ratings.c.asked_at < said) & (ratings.c.word != ""),
                {"word": ""},
            ),
            Part(
                "follow_ups",
                follow_ups,
                follow_ups.c.number,
                (follow_ups.c.due < said) & (follow_ups.c.conversation != ""),
                {"word": "", "conversation": ""},
            ),
            Part(
                "cases",
                cases,
                cases.c.number,
                (cases.c.updated_at < closed) & cases.c.status.in_(CLOSED) & known,
                {"customer": {}, "phone": "", "form": {}, "conversation": ""},
            ),
        ]

    def _held(self, connection: Connection) -> list[str]:
        """Old uploads in conversations that are kept."""
        words = tables.messages
        query = select(words.c.attachments).where(words.c.at < self.said_before, _kept(words.c.conversation))
        lists = connection.execute(query).scalars()
        return [each["url"].rpartition("/")[2] for listed in lists for each in listed if "url" in each]

    def _take(self, part: Part, connection: Connection) -> tuple[int, list[str]] | None:
        """One batch; None where nothing is left, else how many and the files that nobody uses any more."""
        keys = connection.execute(select(part.key).where(part.old).limit(BATCH)).scalars().all()
        if not keys:
            return None
        chosen = part.key.in_(keys)
        if part.blank is not None:
            connection.execute(update(part.table).where(chosen).values(part.blank))
            return len(keys), []
        if part.table is tables.messages:
            connection.execute(delete(tables.deliveries).where(tables.deliveries.c.message.in_(keys)))
        hashes = _hashes(connection, chosen) if part.table is tables.uploads else set[str]()
        connection.execute(delete(part.table).where(chosen))
        return len(keys), sorted(hashes - _used(connection, hashes))


def _kept(conversation: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a conversation has an open case or is with people."""
    cases, talks = tables.cases, tables.conversations.alias()
    case = exists().where(cases.c.conversation == conversation, cases.c.status.not_in(CLOSED))
    return or_(case, exists().where(talks.c.name == conversation, talks.c.handled_by != "bot"))


def _hashes(connection: Connection, chosen: ColumnElement[bool]) -> set[str]:
    return set(connection.execute(select(tables.uploads.c.sha256).where(chosen)).scalars())


def _used(connection: Connection, hashes: set[str]) -> set[str]:
    return _hashes(connection, tables.uploads.c.sha256.in_(hashes)) if hashes else set()


def _unlink(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)

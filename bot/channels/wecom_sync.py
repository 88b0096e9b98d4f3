"""Fetches WeCom messages by a durable cursor: a callback only rings, and no bell is forgotten.

The cursor moves in the transaction that stores its page in the inbox. Whoever dies before fetches the page
again, and the inbox knows each message by its `msgid`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from bot.channels.wechat_api import PlatformApi
from bot.channels.wechat_crypto import Unreadable
from bot.channels.wecom_heard import heard
from bot.inbox import Arrival, Inbox
from bot.store import Store, tables
from bot.store.upsert import insert

log = structlog.get_logger()

PAGE = 1000
POLL = 15.0
"""Seconds between looks for bells that another process has left behind."""
LEASE = timedelta(minutes=2)
BELL_LASTS = timedelta(minutes=9)
"""The token of a callback serves for ten minutes; without one the platform lets us fetch less often."""
NEWS = timedelta(minutes=10)
"""At the very first fetch of an account only what was said so lately is answered."""
PAUSE, MAX_PAUSE = 1.0, 60.0


@dataclass(frozen=True)
class Place:
    """Where an account's fetching stands."""

    open_kfid: str
    cursor: str
    bell: str
    rung: int
    rung_at: datetime


class Bell:
    """A callback on its way to the disk; one that comes later may share its way until the write has begun."""

    def __init__(self) -> None:
        self.begun = False
        self.written: asyncio.Future[None]


class Sync:
    """One fetcher an account, over all replicas; what it fetches is worked off from the inbox."""

    def __init__(self, api: PlatformApi, store: Store, now: Callable[[], datetime], inbox: Inbox) -> None:
        self.api, self.store, self.now, self.inbox = api, store, now, inbox
        self._bells: dict[str, Bell] = {}
        self._fetching: dict[str, asyncio.Task[None]] = {}
        self._news = asyncio.Event()
        self._closed = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Fetch from every known account what was said while nobody listened, then at every bell."""
        await self.store.write(_ring_all)
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Finish the pages in hand."""
        self._closed = True
        self._news.set()
        if self._task:
            await self._task

    async def ring(self, open_kfid: str, token: str) -> None:
        """A callback has come; when this returns, it is on disk. Bells that come together are one."""
        bell = self._bells.get(open_kfid)
        if bell is None or bell.begun:
            bell = self._bells[open_kfid] = Bell()
            write = partial(_ring, now=self.now(), open_kfid=open_kfid, token=token, bell=bell)
            bell.written = asyncio.ensure_future(self.store.write(write, first=True))
        await asyncio.shield(bell.written)
        self._news.set()

    async def _run(self) -> None:
        while not self._closed:
            self._news.clear()
            try:
                waiting = await self.store.read(partial(_rung, now=self.now()))
            except Exception as error:
                log.warning("wecom accounts not read", error=type(error).__name__)
                waiting = []
            for open_kfid in waiting:
                if open_kfid not in self._fetching:
                    self._fetching[open_kfid] = asyncio.create_task(self._fetch(open_kfid))
            await self._rest(POLL)
        await asyncio.gather(*self._fetching.values())

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._news.wait(), seconds)
        except TimeoutError:
            return

    async def _fetch(self, open_kfid: str) -> None:
        """Fetch until the bell is answered; after an error again, ever later."""
        pause = PAUSE
        try:
            while not self._closed:
                try:
                    if not await self._answer_bell(open_kfid):
                        return
                    pause = PAUSE
                except Exception as error:
                    log.warning("wecom sync failed", error=type(error).__name__, retry_in=pause)
                    await self._rest_unless_closed(pause)
                    pause = min(pause * 2, MAX_PAUSE)
        finally:
            del self._fetching[open_kfid]
            self._news.set()  # A bell may have been rung since the last look.

    async def _rest_unless_closed(self, seconds: float) -> None:
        waited = 0.0
        while not self._closed and waited < seconds:
            await asyncio.sleep(min(0.2, seconds))
            waited += 0.2

    async def _answer_bell(self, open_kfid: str) -> bool:
        """Fetch all there is; False where there is no bell or another replica fetches."""
        place = await self.store.write(partial(_claim, now=self.now(), open_kfid=open_kfid))
        if place is None:
            return False
        try:
            more, cursor = True, place.cursor
            while more and not self._closed:
                more, cursor = await self._page(place, cursor)
        except BaseException:
            await self.store.write(partial(_release, place=place, answered=False))
            raise
        await self.store.write(partial(_release, place=place, answered=not more))
        return True

    async def _page(self, place: Place, cursor: str) -> tuple[bool, str]:
        """Fetch a page and store it; the cursor moves with it."""
        body = {"open_kfid": place.open_kfid, "limit": PAGE, "voice_format": 0}
        if cursor:
            body["cursor"] = cursor
        if place.bell and place.rung_at + BELL_LASTS > self.now():
            body["token"] = place.bell
        answer = await self.api.post("/cgi-bin/kf/sync_msg", body)
        oldest = None if place.cursor else place.rung_at - NEWS
        arrivals = _arrivals(answer.get("msg_list") or [], oldest)
        moved = str(answer.get("next_cursor") or cursor)

        def store(connection: Connection) -> None:
            self.inbox.store(connection, arrivals)
            _move(connection, self.now(), place.open_kfid, moved)

        await self.store.write(store)
        self.inbox.wake()
        return bool(answer.get("has_more")), moved


def _arrivals(entries: list[Mapping[str, Any]], oldest: datetime | None) -> list[Arrival]:
    """The entries of a page that can be read and are not from before `oldest`."""
    found = []
    for entry in entries:
        try:
            told = heard(entry)
        except Unreadable as error:
            log.info("wecom entry passed over", reason=str(error))
            continue
        if oldest is None or told.at >= oldest:
            found.append(Arrival(told.id, f"wecom:{told.chat}", entry))
    return found


ACCOUNTS = tables.wecom_accounts


def _ring(connection: Connection, now: datetime, open_kfid: str, token: str, bell: Bell) -> None:
    bell.begun = True
    values = {"open_kfid": open_kfid, "rung_at": now}
    connection.execute(insert(connection, ACCOUNTS).values(**values).on_conflict_do_nothing())
    rung = {"bell": token, "rung_at": now, "rung": ACCOUNTS.c.rung + 1}
    connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.open_kfid == open_kfid).values(**rung))


def _ring_all(connection: Connection) -> None:
    connection.execute(update(ACCOUNTS).values(rung=ACCOUNTS.c.rung + 1))


def _free(now: datetime) -> ColumnElement[bool]:
    """An account with a bell that nobody is answering."""
    unleased = or_(ACCOUNTS.c.lease_until.is_(None), ACCOUNTS.c.lease_until < now)
    return and_(ACCOUNTS.c.rung != ACCOUNTS.c.answered, unleased)


def _rung(connection: Connection, now: datetime) -> list[str]:
    return list(connection.execute(select(ACCOUNTS.c.open_kfid).where(_free(now))).scalars())


def _claim(connection: Connection, now: datetime, open_kfid: str) -> Place | None:
    claim = update(ACCOUNTS).where(ACCOUNTS.c.open_kfid == open_kfid, _free(now))
    if connection.execute(claim.values(lease_until=now + LEASE)).rowcount != 1:
        return None
    columns = ACCOUNTS.c
    query = select(columns.open_kfid, columns.cursor, columns.bell, columns.rung, columns.rung_at)
    return Place(*connection.execute(query.where(columns.open_kfid == open_kfid)).one())


def _move(connection: Connection, now: datetime, open_kfid: str, cursor: str) -> None:
    values = {"cursor": cursor, "lease_until": now + LEASE}
    connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.open_kfid == open_kfid).values(**values))


def _release(connection: Connection, place: Place, answered: bool) -> None:
    values: dict[str, object] = {"lease_until": None}
    if answered:
        values["answered"] = place.rung
    connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.open_kfid == place.open_kfid).values(**values))

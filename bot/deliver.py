"""Sends what was committed, in order a conversation, with retry; none waits for another's."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiolimiter import AsyncLimiter
from sqlalchemy import (
    Connection,
    Integer,
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

from bot.channels import Channel, Keep, Outbound, RetryLater, Undeliverable
from bot.desk import DELIVERY
from bot.live import Live
from bot.metrics import DELIVERIES
from bot.store import Store, tables

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
"""How long one sender keeps a word; after a crash another takes it up."""
RENEW = LEASE / 3
MAX_TRIES = 12
IN_HAND = 50
"""Words of one channel on their way at once."""
POLL = 1.0
"""Seconds between looks at the table when nothing wakes us."""


class Delivery:
    """The sender of all channels that push."""

    def __init__(
        self, store: Store, live: Live, channels: Mapping[str, Channel], now: Callable[[], datetime]
    ) -> None:
        self.store, self.live, self.channels, self.now = store, live, channels, now
        self._sending: dict[asyncio.Task[None], RowMapping] = {}
        self._renewed: datetime | None = None
        self._paces: dict[str, AsyncLimiter] = {}

    async def run(self) -> None:
        """Send until the service stops."""
        with self.live.watch(DELIVERY) as watch:
            while not self.live.closed:
                claimed = await self._claim()
                for row in claimed:
                    task = asyncio.create_task(self._send(row))
                    self._sending[task] = row
                    task.add_done_callback(self._sending.pop)
                if not claimed:
                    await watch.wait(POLL)
                else:
                    await asyncio.sleep(0)
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _claim(self) -> list[RowMapping]:
        """Keep what is on its way (a limit may hold it for a minute), and take up more of each channel."""
        now = self.now()
        renew = self._renewed is None or now - self._renewed > RENEW
        self._renewed = now if renew else self._renewed
        held = [row["id"] for row in self._sending.values()] if renew else []
        busy = Counter(_channel(row) for row in self._sending.values())
        room = {name: IN_HAND - busy[name] for name in self.channels if busy[name] <= IN_HAND // 2}

        def take(connection: Connection) -> list[RowMapping]:
            if held:
                table = tables.deliveries
                still = and_(table.c.id.in_(held), table.c.status == "waiting")
                connection.execute(update(table).where(still).values(lease_until=now + LEASE))
            return [row for name, free in room.items() for row in claim(connection, now, name, free)]

        return await self.store.write(take)

    async def _send(self, row: RowMapping) -> None:
        name, _, chat = row["conversation"].partition(":")
        channel = self.channels[name]
        try:
            if name not in self._paces:
                self._paces[name] = AsyncLimiter(channel.per_second, 1)
            await self._paces[name].acquire()
            await channel.send(chat, _outbound(row))
        except RetryLater as later:
            await self._later(row, later.seconds, str(later), count=False)
        except Keep as error:
            await self._done(row, "kept", str(error))
        except Undeliverable as error:
            await self._done(row, "failed", str(error))
        except Exception as error:
            log.warning("delivery failed", conversation=row["conversation"], error=type(error).__name__)
            await self._later(row, backoff(row["tries"]), f"{type(error).__name__}: {error}", count=True)
        else:
            await self._done(row, "sent", "")
        self.live.wake(DELIVERY)

    async def _done(self, row: RowMapping, status: str, error: str) -> None:
        """Note the end of a word; why it never arrived stands with it, where people who serve see it."""
        DELIVERIES.labels(_channel(row), status).inc()
        delivery, message = tables.deliveries, tables.messages

        def note(connection: Connection) -> None:
            values = {"status": status, "error": error}
            connection.execute(update(delivery).where(delivery.c.id == row["id"]).values(**values))
            if status == "failed":
                lost = update(message).where(message.c.id == row["message"])
                connection.execute(lost.values(undeliverable=error or status))

        await self.store.write(note)
        if status == "failed":
            self.live.wake(row["conversation"])

    async def _later(self, row: RowMapping, seconds: float, error: str, *, count: bool) -> None:
        tries = row["tries"] + (1 if count else 0)
        if tries >= MAX_TRIES:
            await self._done(row, "failed", error)
            return
        table = tables.deliveries
        values = {"tries": tries, "error": error, "lease_until": None}
        values["next_at"] = self.now() + timedelta(seconds=seconds)
        statement = update(table).where(table.c.id == row["id"]).values(**values)
        await self.store.write(lambda connection: connection.execute(statement).close())


def _channel(row: RowMapping) -> str:
    return str(row["conversation"].partition(":")[0])


def backoff(tries: int) -> float:
    """Seconds to the next try: 1, 2, 4 … at most 300, with jitter."""
    return min(300.0, 2.0**tries) * random.uniform(0.8, 1.2)


# Statements of every turn are made once: making one costs as much as running it.
WAITS = tables.deliveries
INSTANT = WAITS.c.next_at.type


def _ready() -> Select[Any]:
    now, earlier = bindparam("now", type_=INSTANT), WAITS.alias("earlier")
    first = ~exists().where(
        and_(
            earlier.c.conversation == WAITS.c.conversation,
            text("earlier.status = 'waiting'"),
            earlier.c.id < WAITS.c.id,
        )
    )
    return (
        select(WAITS.c.id)
        .where(
            WAITS.c.channel == bindparam("channel"),
            text("deliveries.status = 'waiting'"),
            WAITS.c.next_at <= now,
            or_(WAITS.c.lease_until.is_(None), WAITS.c.lease_until < now),
            first,
        )
        .order_by(WAITS.c.id)
        .limit(bindparam("room", type_=Integer()))
        .with_for_update(skip_locked=True)
    )


def _claimed() -> Select[Any]:
    message, answered = tables.messages, tables.messages.alias("answered")
    columns = (message.c.text, message.c.choices, message.c.attachments, message.c.sender, message.c.name)
    return (
        select(
            WAITS.c.id,
            WAITS.c.conversation,
            WAITS.c.tries,
            message.c.id.label("message"),
            *columns,
            answered.c.external_id.label("answers"),
        )
        .join(message, message.c.id == WAITS.c.message)
        .outerjoin(answered, answered.c.id == message.c.reply_to)
        .where(CHOSEN)
        .order_by(WAITS.c.id)
    )


CHOSEN = WAITS.c.id.in_(bindparam("ids", expanding=True))
READY, CLAIMED = _ready(), _claimed()
LEASED = update(WAITS).where(CHOSEN).values(lease_until=bindparam("until", type_=INSTANT))


def claim(connection: Connection, now: datetime, channel: str, room: int) -> list[RowMapping]:
    """Lease the first waiting word of each conversation of a channel, so that each keeps its order."""
    ids = list(connection.execute(READY, {"channel": channel, "now": now, "room": room}).scalars())
    if not ids:
        return []
    connection.execute(LEASED, {"ids": ids, "until": now + LEASE})
    return list(connection.execute(CLAIMED, {"ids": ids}).mappings())


def _outbound(row: RowMapping) -> Outbound:
    return Outbound(
        row["message"],
        row["text"],
        row["choices"],
        row["attachments"],
        row["sender"],
        row["name"],
        row["answers"] or "",
    )

"""Sends what was committed, in order a conversation, with retry; none waits for another's."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog
from aiolimiter import AsyncLimiter
from sqlalchemy import Connection, RowMapping, and_, exists, or_, select, text, update

from bot.channels import Channel, Outbound, RetryLater, Undeliverable
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


def claim(connection: Connection, now: datetime, channel: str, room: int) -> list[RowMapping]:
    """Lease the first waiting word of each conversation of a channel, so that each keeps its order."""
    table, message, answered = tables.deliveries, tables.messages, tables.messages.alias("answered")
    earlier = table.alias("earlier")
    first = ~exists().where(
        and_(
            earlier.c.conversation == table.c.conversation,
            earlier.c.status == "waiting",
            earlier.c.id < table.c.id,
        )
    )
    ready = (
        select(table.c.id)
        .where(
            text("deliveries.status = 'waiting'"),
            table.c.channel == channel,
            table.c.next_at <= now,
            or_(table.c.lease_until.is_(None), table.c.lease_until < now),
            first,
        )
        .order_by(table.c.id)
        .limit(room)
        .with_for_update(skip_locked=True)
    )
    ids = list(connection.execute(ready).scalars())
    if not ids:
        return []
    connection.execute(update(table).where(table.c.id.in_(ids)).values(lease_until=now + LEASE))
    query = (
        select(
            table.c.id,
            table.c.conversation,
            table.c.tries,
            message.c.id.label("message"),
            message.c.text,
            message.c.choices,
            message.c.attachments,
            message.c.sender,
            message.c.name,
            answered.c.external_id.label("answers"),
        )
        .join(message, message.c.id == table.c.message)
        .outerjoin(answered, answered.c.id == message.c.reply_to)
        .where(table.c.id.in_(ids))
        .order_by(table.c.id)
    )
    return list(connection.execute(query).mappings())


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

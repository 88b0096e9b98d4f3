"""Sends what was committed, in order a conversation, with retry; none waits for another's."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, RowMapping, and_, exists, or_, select, update

from bot.channels import Channel, Keep, Outbound, RetryLater, Undeliverable
from bot.desk import DELIVERY
from bot.live import Live
from bot.metrics import DELIVERIES
from bot.store import Store, tables

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
"""How long one sender keeps a word; after a crash another takes it up."""
MAX_TRIES = 12
BATCH = 50
POLL = 1.0
"""Seconds between looks at the table when nothing wakes us."""


class Delivery:
    """The sender of all channels that push."""

    def __init__(
        self, store: Store, live: Live, channels: Mapping[str, Channel], now: Callable[[], datetime]
    ) -> None:
        self.store, self.live, self.channels, self.now = store, live, channels, now
        self._sending: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Send until the service stops."""
        with self.live.watch(DELIVERY) as watch:
            while not self.live.closed:
                claimed = await self.store.write(lambda connection: claim(connection, self.now()))
                for row in claimed:
                    task = asyncio.create_task(self._send(row))
                    self._sending.add(task)
                    task.add_done_callback(self._sending.discard)
                if not claimed:
                    await watch.wait(POLL)
                else:
                    await asyncio.sleep(0)
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _send(self, row: RowMapping) -> None:
        channel_name, _, chat = row["conversation"].partition(":")
        channel = self.channels.get(channel_name)
        try:
            if channel is None:
                raise RetryLater(60, f"channel {channel_name} is off")
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
        DELIVERIES.labels(row["conversation"].partition(":")[0], status).inc()
        table = tables.deliveries
        statement = update(table).where(table.c.id == row["id"]).values(status=status, error=error)
        await self.store.write(lambda connection: connection.execute(statement).close())

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


def backoff(tries: int) -> float:
    """Seconds to the next try: 1, 2, 4 … at most 300, with jitter."""
    return min(300.0, 2.0**tries) * random.uniform(0.8, 1.2)


def claim(connection: Connection, now: datetime) -> list[RowMapping]:
    """Lease the first waiting word of each conversation, so that each keeps its order."""
    table, message = tables.deliveries, tables.messages
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
            table.c.status == "waiting",
            table.c.next_at <= now,
            or_(table.c.lease_until.is_(None), table.c.lease_until < now),
            first,
        )
        .order_by(table.c.id)
        .limit(BATCH)
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
        )
        .join(message, message.c.id == table.c.message)
        .where(table.c.id.in_(ids))
        .order_by(table.c.id)
    )
    return list(connection.execute(query).mappings())


def _outbound(row: RowMapping) -> Outbound:
    return Outbound(
        row["message"], row["text"], row["choices"], row["attachments"], row["sender"], row["name"]
    )

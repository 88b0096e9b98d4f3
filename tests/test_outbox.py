"""Events: with the change that they tell, counted up by one in each conversation, none passed over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine

from bot.store import Store, open_store
from bot.store.postgres import PostgresStore
from handoff import outbox
from handoff.tables import metadata

NOW = datetime.fromisoformat("2026-11-23T12:00:00+08:00")


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path}/desk.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA synchronous=OFF")
        metadata.create_all(connection)
        yield connection
    engine.dispose()


@pytest.fixture
def sqlite_url() -> str:
    return "sqlite:///desk.db"


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


@pytest.fixture
async def store(url: str, tmp_path: Path) -> AsyncIterator[Store]:
    opened = open_store(url, tmp_path)
    await opened.write(metadata.create_all)
    yield opened
    await opened.close()


@pytest.fixture
async def postgres(postgres_url: str, tmp_path: Path) -> AsyncIterator[PostgresStore]:
    opened = open_store(postgres_url, tmp_path)
    assert isinstance(opened, PostgresStore)
    await opened.write(metadata.create_all)
    yield opened
    await opened.close()


def add(conn: Connection, conversation: str = "web:a", **data: Any) -> int:
    return outbox.add(conn, NOW, conversation, "case.opened", data)


def seqs(conn: Connection, conversation: str = "web:a") -> list[int]:
    return [event["data"]["seq"] for event in outbox.read(conn, conversation, 0)]


def test_each_conversation_counts_up_by_one(conn: Connection) -> None:
    assert [add(conn, name) for name in ("web:a", "web:b", "web:a", "web:a", "web:b")] == [1, 1, 2, 3, 2]


def test_an_event_tells_its_conversation_its_number_and_its_moment(conn: Connection) -> None:
    add(conn, case="CP20261123-00001")
    assert outbox.read(conn, "web:a", 0) == [
        {
            "id": 1,
            "type": "case.opened",
            "timestamp": "2026-11-23T04:00:00+00:00",
            "data": {"case": "CP20261123-00001", "conversation": "web:a", "seq": 1},
        }
    ]


def test_a_word_says_whose_it_is(conn: Connection) -> None:
    outbox.message_created(conn, NOW, "web:a", "agent", "您好", "小李")
    event = outbox.read(conn, "web:a", 0)[0]
    assert event["type"] == "message.created"
    assert {key: event["data"][key] for key in ("from", "name", "text")} == {
        "from": "agent",
        "name": "小李",
        "text": "您好",
    }


def test_a_reader_goes_on_after_the_number_he_has(conn: Connection) -> None:
    for name in ("web:a", "web:b", "web:a", "web:b", "web:a"):
        add(conn, name)
    assert [event["data"]["seq"] for event in outbox.read(conn, "web:a", 1)] == [2, 3]
    assert [event["id"] for event in outbox.read(conn, None, 2)] == [3, 4, 5]
    assert [event["id"] for event in outbox.read(conn, None, 0, limit=2)] == [1, 2]
    assert outbox.read(conn, "web:unknown", 0) == []


def test_what_is_rolled_back_leaves_neither_event_nor_gap(conn: Connection) -> None:
    add(conn)
    undone = conn.begin_nested()
    add(conn)
    undone.rollback()
    add(conn)
    assert seqs(conn) == [1, 2]


async def test_many_writers_at_once_leave_no_gap(store: Store) -> None:
    def fails(conn: Connection) -> int:
        add(conn)
        raise ValueError("in the middle")

    writers: list[Callable[[Connection], int]] = [add, fails] * 15
    await asyncio.gather(*(store.write(writer) for writer in writers), return_exceptions=True)
    assert await store.read(seqs) == list(range(1, 16))


async def test_a_reader_of_all_waits_for_an_earlier_event_that_is_not_committed(
    postgres: PostgresStore,
) -> None:
    async with postgres.engine.begin() as slow:
        await slow.run_sync(lambda conn: add(conn, "web:slow"))
        await postgres.write(lambda conn: add(conn, "web:fast"))
        reader = asyncio.create_task(postgres.read(lambda conn: outbox.read(conn, None, 0)))
        await asyncio.sleep(0.2)
    assert [event["data"]["conversation"] for event in await reader] == ["web:slow", "web:fast"]

"""The store keeps its promises on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, select

from bot.store import Store, open_store, tables
from bot.store.migrate import current, head, migrate
from handoff.tables import metadata
from tests.conftest import START


@pytest.fixture(params=["sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    url = "sqlite:///desk.db"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    store = open_store(url, tmp_path)
    await store.write(migrate)
    yield store
    await store.close()


def add_demand(connection: Connection, name: str) -> None:
    connection.execute(tables.demands.insert().values(name=name, detail="", conversation="web:x", at=START))


def count(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(tables.demands)).scalar_one())


async def test_what_was_written_is_read_and_times_keep_their_moment(store: Store) -> None:
    await store.write(lambda connection: add_demand(connection, "冷链"))
    query = select(tables.demands.c.name, tables.demands.c.at)
    row = await store.read(lambda connection: connection.execute(query).one())
    assert row == ("冷链", START)


async def test_a_write_that_fails_leaves_nothing_and_harms_no_other(store: Store) -> None:
    def fails(connection: Connection) -> None:
        add_demand(connection, "half")
        raise ValueError("in the middle")

    results = await asyncio.gather(
        store.write(lambda connection: add_demand(connection, "one")),
        store.write(fails),
        store.write(lambda connection: add_demand(connection, "two")),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), ValueError, type(None)]
    assert await store.read(count) == 2


async def test_many_writers_at_once_lose_nothing(store: Store) -> None:
    await asyncio.gather(
        *(store.write(lambda connection, n=n: add_demand(connection, str(n))) for n in range(60))  # type: ignore[misc]
    )
    assert await store.read(count) == 60


async def test_the_migrations_make_just_the_tables_that_the_code_names(store: Store) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    assert await store.write(differences) == []


async def test_migrating_twice_changes_nothing(store: Store) -> None:
    await store.write(migrate)
    assert await store.read(current) == head()


def test_another_database_is_refused_with_what_is_possible(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected sqlite:///file or postgresql://"):
        open_store("mysql://host/name", tmp_path)

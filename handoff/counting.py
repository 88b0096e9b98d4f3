"""Counters that are safe with many writers: one statement counts up and tells the number."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Connection, Insert, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite


def count_up(connection: Connection, table: Table, name: str) -> int:
    """The next number of a counter, from 1. `table` has the name and the number as its two columns."""
    statement = _counted_up(connection.dialect.name, table)
    return int(connection.execute(statement, {"counter": name}).scalar_one())


@cache
def _counted_up(dialect: str, table: Table) -> Insert:
    """Made once a table: making a statement costs as much as running it."""
    key, number = table.columns
    build = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = build(table).values({key: bindparam("counter"), number: 1})
    statement = statement.on_conflict_do_update(index_elements=[key], set_={number.name: number + 1})
    return statement.returning(number)

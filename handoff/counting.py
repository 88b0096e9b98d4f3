"""Counters that are safe with many writers: one statement counts up and tells the number."""

from __future__ import annotations

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def count_up(connection: Connection, table: Table, name: str) -> int:
    """The next number of a counter, from 1. `table` has the name and the number as its two columns."""
    key, number = table.columns
    build = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = build(table).values({key: name, number: 1})
    statement = statement.on_conflict_do_update(index_elements=[key], set_={number.name: number + 1})
    return int(connection.execute(statement.returning(number)).scalar_one())

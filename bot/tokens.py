"""Bearer tokens of company systems: shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from bot.store import tables

USED_EVERY = timedelta(minutes=1)
"""How exactly the last use is kept; not every call shall write."""


class NameTaken(ValueError):
    """A token of this name exists."""


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def add_token(connection: Connection, name: str, now: datetime) -> str:
    """Make a token and return it, the only time it can be read; raises NameTaken."""
    table = tables.tokens
    if connection.execute(select(table.c.name).where(table.c.name == name)).first():
        raise NameTaken(name)
    token = "yida_" + secrets.token_urlsafe(32)
    connection.execute(table.insert().values(name=name, hash=_hash(token), created_at=now))
    return token


def find_token(connection: Connection, token: str) -> tuple[str, datetime | None] | None:
    """The name and last use of a genuine token. A lookup by hash tells an attacker nothing by its time."""
    table = tables.tokens
    query = select(table.c.name, table.c.last_used_at).where(table.c.hash == _hash(token))
    row = connection.execute(query).one_or_none()
    return (row[0], row[1]) if row else None


def touch_token(connection: Connection, name: str, now: datetime) -> None:
    table = tables.tokens
    connection.execute(update(table).where(table.c.name == name).values(last_used_at=now))

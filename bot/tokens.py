"""Bearer tokens of company systems: shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, select, update

from bot.store import tables

USED_EVERY = timedelta(minutes=1)
"""How exactly the last use is kept; not every call shall write."""


ALL = "*"
"""The scope of a token that may do everything."""
SUBJECTS = (
    "shipments", "cases", "customers", "conversations", "messages", "handoffs", "notices", "demands", "events"
)  # fmt: skip
"""The first words of the paths; a scope is one of them with `:read` or `:write`."""
SCOPES = (ALL, *(f"{subject}:{act}" for subject in ("*", *SUBJECTS) for act in ("read", "write")))


class NameTaken(ValueError):
    """A token of this name exists."""


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class NoSuchToken(LookupError):
    """No token has this name."""


@dataclass(frozen=True)
class Token:
    """A token without its secret."""

    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    def may(self, subject: str, act: str) -> bool:
        """True where a scope covers it; who may write may read."""
        wanted = {ALL, f"{subject}:write", f"{subject}:{act}", f"*:{act}", "*:write"}
        return not wanted.isdisjoint(self.scopes)


def add_token(connection: Connection, name: str, now: datetime, scopes: Sequence[str] = (ALL,)) -> str:
    """Make a token and return it, the only time it can be read; raises NameTaken."""
    table = tables.tokens
    if connection.execute(select(table.c.name).where(table.c.name == name)).first():
        raise NameTaken(name)
    token = "yida_" + secrets.token_urlsafe(32)
    values = {"name": name, "hash": _hash(token), "created_at": now, "scopes": " ".join(scopes)}
    connection.execute(table.insert().values(**values))
    return token


def find_token(connection: Connection, token: str) -> Token | None:
    """A genuine token that is not revoked. A lookup by hash tells an attacker nothing by its time."""
    table = tables.tokens
    query = select(table).where(table.c.hash == _hash(token), table.c.revoked_at.is_(None))
    row = connection.execute(query).mappings().one_or_none()
    return _token(row) if row else None


def list_tokens(connection: Connection) -> list[Token]:
    """Every token, the revoked ones too, by name."""
    table = tables.tokens
    return [_token(row) for row in connection.execute(select(table).order_by(table.c.name)).mappings()]


def revoke_token(connection: Connection, name: str, now: datetime) -> None:
    """A revoked token is refused from the next call on; its name stays taken. Raises NoSuchToken."""
    table = tables.tokens
    mine = update(table).where(table.c.name == name)
    if not connection.execute(mine.values(revoked_at=now)).rowcount:
        raise NoSuchToken(name)


def touch_token(connection: Connection, name: str, now: datetime) -> None:
    table = tables.tokens
    connection.execute(update(table).where(table.c.name == name).values(last_used_at=now))


def _token(row: RowMapping) -> Token:
    scopes = tuple(row["scopes"].split())
    return Token(row["name"], scopes, row["created_at"], row["last_used_at"], row["revoked_at"])

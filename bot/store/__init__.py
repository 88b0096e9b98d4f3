"""The store: one synchronous function a turn, run in one transaction, on SQLite or PostgreSQL.

`await store.write(fn)` runs `fn(connection)` and returns its result once it is durable;
`await store.read(fn)` runs a function that only reads. Which of the two databases it is, the URL says.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url

from bot.store.postgres import PostgresStore
from bot.store.sqlite import SqliteStore

Store = SqliteStore | PostgresStore


def open_store(url: str, root: Path) -> Store:
    """The store at a database URL; a relative SQLite path starts at `root`.

    Raises ValueError where the URL is of neither database.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return PostgresStore(parsed.set(drivername="postgresql+asyncpg"))
    if backend != "sqlite" or not parsed.database:
        raise ValueError(f"database.url: expected sqlite:///file or postgresql://…, found {backend}")
    path = root / parsed.database
    path.parent.mkdir(parents=True, exist_ok=True)
    return SqliteStore(path)

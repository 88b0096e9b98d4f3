"""Opens the database of a URL at the newest schema."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from asyncpg import PostgresError
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.store import Store, open_store
from bot.store.migrate import migrate


class NoDatabase(Exception):
    """The database cannot be used; says which and why."""


@asynccontextmanager
async def opened(url: str, root: Path) -> AsyncIterator[Store]:
    """The store, its tables made; closed at the end. Raises NoDatabase."""
    try:
        store = open_store(url, root)
    except OSError as error:
        raise _no_database(url, error) from error
    try:
        try:
            await store.write(migrate)
        except (OSError, PostgresError, SQLAlchemyError) as error:
            raise _no_database(url, error) from error
        yield store
    finally:
        await store.close()


def _no_database(url: str, error: Exception) -> NoDatabase:
    place = make_url(url).render_as_string(hide_password=True)
    reason = str(getattr(error, "orig", None) or error)
    return NoDatabase(f"cannot use the database {place}: {reason}")

"""PostgreSQL: the same synchronous functions through asyncpg."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

T = TypeVar("T")

TRIES = 3
COLLIDED = frozenset({"40001", "40P01"})
"""PostgreSQL's codes for two transactions in each other's way: it has undone one, which is done again."""


class PostgresStore:
    """Each write is a transaction of its own; row locks in `fn` keep a conversation in order."""

    poll_seconds = 1.0
    """How often who waits for news looks again unasked: another replica may have written it."""

    def __init__(self, url: URL) -> None:
        self.engine = create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)

    async def write(self, fn: Callable[[Connection], T], *, first: bool = False) -> T:
        """Run `fn` in a transaction; when this returns, what it did is durable.

        `first` is for a store with one writer; here nobody waits for another conversation.
        """
        for _ in range(TRIES - 1):
            try:
                return await self._write(fn)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", "") not in COLLIDED:
                    raise
        return await self._write(fn)

    async def _write(self, fn: Callable[[Connection], T]) -> T:
        async with self.engine.begin() as connection:
            return await connection.run_sync(fn)

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """Run a function that only reads."""
        async with self.engine.connect() as connection:
            return await connection.run_sync(fn)

    async def close(self) -> None:
        await self.engine.dispose()

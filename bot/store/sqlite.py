"""SQLite: one writer thread with group commit, readers beside it."""

from __future__ import annotations

import asyncio
import itertools
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event

T = TypeVar("T")
Job = tuple[Callable[[Connection], Any], asyncio.Future[Any]]
FIRST, NORMAL, LAST = 0, 1, 2

GROUP = 16
"""Most turns in one commit: enough to share the disk's flush, few enough to keep the wait short."""


class SqliteStore:
    """Writes are run in order of arrival by one thread; those that wait together share one commit.

    Each is inside a savepoint of its own, so that one that fails takes no other with it.
    """

    poll_seconds = 15.0
    """How often who waits for news looks again unasked: every writer is in this process and wakes him."""

    def __init__(self, path: Path) -> None:
        self.engine = _engine(path)
        self._jobs: queue.PriorityQueue[tuple[int, int, Job | None]] = queue.PriorityQueue()
        self._arrived = itertools.count()
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._started = False

    async def write(self, fn: Callable[[Connection], T], *, first: bool = False) -> T:
        """Run `fn` in a transaction; when this returns, what it did is on disk.

        `first`: before the turns that wait, and in a commit without them; somebody waits to be acknowledged.
        """
        if not self._started:
            self._started = True
            self._thread.start()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put((FIRST if first else NORMAL, next(self._arrived), (fn, future)))
        return await future

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """Run a function that only reads, beside the writer."""

        def run() -> T:
            with self.engine.connect() as connection:
                return fn(connection)

        return await asyncio.to_thread(run)

    async def close(self) -> None:
        """Finish the writes that wait, then close."""
        if self._started:
            self._jobs.put((LAST, 0, None))
            await asyncio.to_thread(self._thread.join)
        self.engine.dispose()

    def _run(self) -> None:
        with self.engine.connect() as connection:
            while True:
                batch, last = self._batch()
                if batch:
                    self._commit(connection, batch)
                if last:
                    return

    def _batch(self) -> tuple[list[Job], bool]:
        batch: list[Job] = []
        began = LAST
        while True:
            rank, arrived, job = self._jobs.get()
            if batch and rank != began:
                self._jobs.put((rank, arrived, job))
                return batch, False
            if job is None:
                return batch, True
            began = rank
            batch.append(job)
            if len(batch) == GROUP or self._jobs.empty():
                return batch, False

    def _commit(self, connection: Connection, batch: list[Job]) -> None:
        outcomes: list[tuple[asyncio.Future[Any], Any, BaseException | None]] = []
        try:
            for fn, future in batch:
                outcomes.append((future, *self._attempt(connection, fn)))
            connection.commit()
        except BaseException as error:
            connection.rollback()
            outcomes = [(future, None, error) for _, future in batch]
        for future, result, failure in outcomes:
            future.get_loop().call_soon_threadsafe(_settle, future, result, failure)

    @staticmethod
    def _attempt(
        connection: Connection, fn: Callable[[Connection], T]
    ) -> tuple[T | None, BaseException | None]:
        connection.exec_driver_sql("SAVEPOINT job")
        try:
            result = fn(connection)
        except Exception as error:
            connection.exec_driver_sql("ROLLBACK TO job")
            return None, error
        connection.exec_driver_sql("RELEASE job")
        return result, None


def _settle(future: asyncio.Future[Any], result: Any, failure: BaseException | None) -> None:
    if future.cancelled():
        return
    if failure is None:
        future.set_result(result)
    else:
        future.set_exception(failure)


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False, "timeout": 30})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions by itself: savepoints need BEGIN IMMEDIATE of ours.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = threading.current_thread().name == "store"
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine

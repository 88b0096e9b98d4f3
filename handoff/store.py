"""What the human side needs of the store: a function in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")


class Store(Protocol):
    async def write(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn` in a transaction; when this returns, what it did is durable."""

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """Run a function that only reads."""

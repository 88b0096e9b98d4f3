"""Wakes open streams and the delivery after a commit; what they then read is the database."""

from __future__ import annotations

import asyncio
from collections import defaultdict


class Live:
    """`wake` after a commit; `wait` returns at the next wake of that name or when the time is up."""

    def __init__(self) -> None:
        self._events: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self.closed = False

    def wake(self, name: str) -> None:
        for event in self._events.get(name, ()):
            event.set()

    def close(self) -> None:
        """The service stops: whoever waits is woken and sees `closed`."""
        self.closed = True
        for name in list(self._events):
            self.wake(name)

    def watch(self, name: str) -> Watch:
        return Watch(self, name)

    def _add(self, name: str, event: asyncio.Event) -> None:
        self._events[name].add(event)

    def _remove(self, name: str, event: asyncio.Event) -> None:
        self._events[name].discard(event)
        if not self._events[name]:
            del self._events[name]


class Watch:
    """A standing watch on one name: no wake between two waits is missed."""

    def __init__(self, live: Live, name: str) -> None:
        self._live, self._name, self._event = live, name, asyncio.Event()

    def __enter__(self) -> Watch:
        self._live._add(self._name, self._event)
        return self

    def __exit__(self, *_: object) -> None:
        self._live._remove(self._name, self._event)

    async def wait(self, seconds: float) -> bool:
        """True when woken, False when the time is up."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return False
        self._event.clear()
        return True

"""Small signs between a customer's page and the agents': who types, what was seen. Never waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.live import Live

LASTS = 6.0
"""Seconds that a sign of typing stays without a new one."""
KEPT = 1000


@dataclass(frozen=True)
class Sign:
    """What an agent's page last told: who types since when, and up to which word he has read."""

    typing: str = ""
    typed_at: float = 0.0
    read: int = 0


def _nobody(*_: object) -> None:
    pass


class Signs:
    """Kept in this process for a while; what has to last (how far was read) is in the database beside."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._signs: dict[str, Sign] = {}
        self.on_customer_types: Callable[[str], None] = _nobody
        self.on_customer_read: Callable[[str, int], None] = _nobody

    def agent_types(self, conversation: str, name: str) -> None:
        read = self._signs.get(conversation, Sign()).read
        self._keep(conversation, Sign(name, time.monotonic(), read))

    def agent_stops(self, conversation: str) -> None:
        """The word that was typed is said."""
        if conversation in self._signs:
            self._signs[conversation] = Sign(read=self._signs[conversation].read)

    def agent_read(self, conversation: str, last: int) -> None:
        sign = self._signs.get(conversation, Sign())
        if last > sign.read:
            self._keep(conversation, Sign(sign.typing, sign.typed_at, last))

    def of(self, conversation: str) -> Sign:
        sign = self._signs.get(conversation, Sign())
        return sign if time.monotonic() - sign.typed_at < LASTS else Sign(read=sign.read)

    def _keep(self, conversation: str, sign: Sign) -> None:
        self._signs.pop(conversation, None)
        self._signs[conversation] = sign
        if len(self._signs) > KEPT:
            self._signs.pop(next(iter(self._signs)))
        self._live.wake(conversation)

"""Who is typing right now: kept a few seconds in this process, and never stored."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.live import Live

LASTS = 6.0
"""Seconds that a sign stays without a new one."""
KEPT = 1000


def _nobody(_: str) -> None:
    pass


class Signs:
    """Typing both ways between a customer's page and the agents'."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._agents: dict[str, tuple[str, float]] = {}
        self.on_customer: Callable[[str], None] = _nobody
        """Called with the conversation whose customer types."""

    def agent_types(self, conversation: str, name: str) -> None:
        if len(self._agents) >= KEPT:
            now = time.monotonic()
            self._agents = {key: sign for key, sign in self._agents.items() if sign[1] > now}
        self._agents[conversation] = (name, time.monotonic() + LASTS)
        self._live.wake(conversation)

    def agent_stops(self, conversation: str) -> None:
        """The word that was typed is said."""
        self._agents.pop(conversation, None)

    def agent_typing(self, conversation: str) -> tuple[str, float]:
        """The agent's name and until when the sign stands; empty and 0 where nobody types."""
        name, until = self._agents.get(conversation, ("", 0.0))
        return (name, until) if until > time.monotonic() else ("", 0.0)

    def customer_types(self, conversation: str) -> None:
        self.on_customer(conversation)

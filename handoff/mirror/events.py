"""One event as it travels, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Protocol

from sqlalchemy import RowMapping

OURS = "evt_"
"""How the ids of our own messages begin; one that comes back to us is an echo."""
VERSION = 1
"""The version of the payload; a new one is added beside it, an endpoint stays on its own."""


@dataclass(frozen=True)
class Event:
    id: int
    conversation: str
    seq: int
    type: str
    data: Mapping[str, Any]
    at: datetime

    @property
    def webhook_id(self) -> str:
        """The same at every try, and another in every database."""
        return f"{OURS}{self.id}_{int(self.at.timestamp() * 1000):x}"

    @property
    def origin(self) -> str:
        """Whose act it tells of, where that came in through the mirror."""
        return str(self.data.get("origin", ""))

    def to_json(self) -> dict[str, Any]:
        """The body of Standard Webhooks."""
        data = {**self.data, "conversation": self.conversation, "seq": self.seq}
        return {"type": self.type, "timestamp": self.at.isoformat(), "version": VERSION, "data": data}


def event_of(row: RowMapping) -> Event:
    return Event(row["id"], row["conversation"], row["seq"], row["type"], row["data"], row["at"])


@dataclass(frozen=True)
class Failure:
    """Why an event was not taken."""

    error: str
    retry_after: float | None = None
    """Seconds for which the endpoint asked to be left alone."""
    gone: bool = False
    """The endpoint wants nothing any more (410)."""


class Target(Protocol):
    """Where events go: a webhook of somebody's, or Chatwoot."""

    @property
    def name(self) -> str: ...

    def wants(self, type: str) -> bool:
        """True for an event that is sent there."""

    async def send(self, event: Event, now: datetime) -> Failure | None:
        """Send one event; None when it was taken."""


def subscribed(patterns: Sequence[str], type: str) -> bool:
    """True where a subscription such as `handoff.*` covers a type; an empty one covers all."""
    return not patterns or any(fnmatchcase(type, pattern) for pattern in patterns)

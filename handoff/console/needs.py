"""What the console needs of the desk, handed in by bot/app.py: nothing here knows the desk's tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")


class StepRefused(ValueError):
    """What an agent asked for cannot be done; its text is a key of `refusals` in words.yaml."""


@dataclass(frozen=True)
class Glance:
    """A conversation as the inbox shows it."""

    name: str = ""
    """The customer's name, where one is known."""
    phone: str = ""
    """The phone that the channel has proved."""
    text: str = ""
    sender: str = ""
    at: datetime | None = None
    unread: int = 0
    """Words of the customer that no agent has seen yet."""


@dataclass(frozen=True)
class Card:
    """Who the customer is, by what the channel has proved."""

    name: str = ""
    phone: str = ""
    returning: bool = False
    usual_goods: tuple[str, ...] = ()
    addresses: tuple[Mapping[str, Any], ...] = ()
    since: datetime | None = None


@dataclass(frozen=True)
class CaseView:
    """A case in the contract's form, with the steps that staff may take now."""

    data: Mapping[str, Any]
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Suggested:
    """An answer that may fit the customer's last words."""

    title: str
    text: str


@dataclass(frozen=True)
class Estimate:
    """What the claim rules make of a waybill; sums in yuan."""

    decision: str
    fee_refund: str
    compensation: str
    total: str
    explanation: tuple[tuple[str, str], ...]
    """Article and sentence."""


class Watch(Protocol):
    async def wait(self, seconds: float) -> bool:
        """True when woken, False when the time is up."""


class Desk(Protocol):
    """The store, the clock and the wake-up of the running service."""

    company: str

    def now(self) -> datetime: ...

    async def read(self, fn: Callable[[Connection], T]) -> T: ...

    async def write(self, fn: Callable[[Connection], T]) -> T: ...

    def told(self, conversation: str) -> None:
        """Wake whoever waits for words of this conversation, after a commit."""

    def watch(self) -> AbstractContextManager[Watch]:
        """A watch that is woken by every commit that others may want to see."""

    async def keep(self, content: bytes, name: str) -> Mapping[str, str]:
        """Keep an agent's picture or PDF and return the attachment; raises StepRefused."""

    def typing(self, conversation: str, name: str) -> None:
        """An agent is typing: shown on the customer's page for a few seconds."""

    def seen(self, conversation: str, last: int) -> None:
        """An agent has seen the customer's words up to an id: shown on the customer's page."""

    @property
    def closed(self) -> bool:
        """The service stops."""

    @property
    def poll_seconds(self) -> float:
        """How often who waits for news looks again unasked."""


class Talk(Protocol):
    """The words of a conversation. A word is `{id, from, name, text, attachments, choices, at}`."""

    def latest(
        self, connection: Connection, conversation: str, before: int | None, limit: int
    ) -> list[dict[str, Any]]:
        """The last words, or those before an id, oldest first."""

    def after(self, connection: Connection, conversation: str, after: int) -> list[dict[str, Any]]: ...

    def glances(self, connection: Connection, conversations: Sequence[str]) -> dict[str, Glance]: ...

    def find(self, connection: Connection, text: str, limit: int) -> list[str]:
        """Ids of handoffs by name, phone, waybill, case number or what was said in the summary."""

    def open_form(self, connection: Connection, conversation: str) -> Mapping[str, Any] | None:
        """The form so far: `{intent, slots, missing}`."""

    def summary(self, connection: Connection, conversation: str) -> str:
        """Two lines: what it is about, and the customer's last words."""


class Ledger(Protocol):
    """Customers, cases, parcels."""

    def card(self, connection: Connection, conversation: str) -> Card: ...

    def cases(self, connection: Connection, conversation: str, waybills: Sequence[str]) -> list[CaseView]: ...

    def step(
        self, connection: Connection, now: datetime, number: str, step: str, by: str, text: str, total: str
    ) -> str:
        """Take a step of a case, tell the customer, return its conversation; raises StepRefused."""

    def shipments(self, connection: Connection, waybills: Sequence[str]) -> list[Mapping[str, Any]]:
        """Parcels in the contract's form, events in order of time."""

    def waybills(self, connection: Connection, conversation: str) -> list[str]:
        """The waybills that were talked about, the latest first."""

    def due(self, connection: Connection, until: datetime, limit: int) -> list[Mapping[str, Any]]:
        """Deadlines not met that end before a time, the most pressing first:
        `{number, kind, status, name, due, conversation, owner, waybill}`."""


class Assist(Protocol):
    """What helps an agent to answer."""

    def suggest(self, text: str, canned: Sequence[Suggested], limit: int) -> list[Suggested]:
        """Canned and FAQ answers nearest to a text, best first, by the search that the bot answers with."""

    def estimate(self, connection: Connection, waybill: str, said: Mapping[str, str]) -> Estimate | None:
        """A claim worked out by the rules; None where the waybill is not known. Raises StepRefused."""

    def initials(self, text: str) -> str:
        """The first letters of a text's pinyin: 您好 → nh."""

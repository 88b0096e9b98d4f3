"""The few dataclasses that travel: what a message means, the turn it makes, and what is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from faq.knowledge import Knowledge
from faq.shipment import Shipment

Slots = Mapping[str, Any]
"""Slot name → JSON value, each in the form that docs/labels.md gives it."""


@dataclass(frozen=True)
class Meaning:
    """What one message says. `slots` holds only what the text says; nothing is guessed."""

    text: str
    """The message in Simplified Chinese and half-width characters, trimmed."""
    intent: str
    confidence: float
    also: tuple[str, ...] = ()
    slots: Slots = field(default_factory=dict)


@dataclass(frozen=True)
class Form:
    """A form that is being filled. `id` is unique, so that a second yes makes no second case."""

    id: str
    intent: str
    slots: Slots = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    """The slots that the last question asked for."""
    misses: int = 0
    """How often in a row the question was not answered."""
    confirming: bool = False
    """The whole was read back and a yes is awaited."""
    told: tuple[str, ...] = ()
    """What was already said in this form and need not be said again."""


@dataclass(frozen=True)
class Conversation:
    """What is remembered of a conversation between two messages."""

    name: str
    """Channel and the channel's own id: `web:w-7f3a`."""
    handled_by: str = "bot"
    """`bot`, `queue` or `agent`."""
    forms: tuple[Form, ...] = ()
    """The last is the open one; those before it are parked and come back when it closes."""
    misunderstood: int = 0
    """Messages in a row that were not understood."""
    verified_phone: str | None = None
    """A phone that the channel has proved; typed ones prove nothing."""
    memory: Mapping[str, Any] = field(default_factory=dict)
    """Small things said before: `waybills`, `case`, `upset`, `choices`."""


@dataclass(frozen=True)
class Case:
    """One row of the ledger (台帐), as far as a decision needs it."""

    number: str
    kind: str
    status: str
    waybill: str
    form: Slots
    outcome: Mapping[str, Any]
    contacts: int
    opened_at: datetime
    deadlines: Mapping[str, datetime]
    """Name → due, those not met yet."""
    mine: bool = True
    """Of this conversation or its verified phone; another's is known only by a waybill they share."""


@dataclass(frozen=True)
class Customer:
    """A known customer, found by the verified phone."""

    phone: str
    name: str
    returning: bool
    address_book: tuple[Mapping[str, Any], ...] = ()
    usual_goods: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What was looked up for this turn; each intent declares which of these it needs."""

    shipments: Mapping[str, Shipment] = field(default_factory=dict)
    """By waybill, those of the message, the open form and the memory; an unknown one is absent."""
    customer: Customer | None = None
    cases: tuple[Case, ...] = ()
    """Cases of this conversation or its verified phone, and those that share a waybill; newest first."""
    inquiries: Mapping[str, datetime] = field(default_factory=dict)
    """When each of these waybills was first asked about."""
    unanswered: frozenset[str] = frozenset()
    """Waybills about which the tracking service could not be asked just now."""
    queue_position: int | None = None
    """Place in the human queue, 1 for the next, where the conversation waits."""
    waiting: Mapping[str, int] | None = None
    """How many conversations wait for a person, by priority; None where it was not looked up."""


@dataclass(frozen=True)
class Turn:
    """One message with all that is needed to decide on it."""

    now: datetime
    """Aware, in the courier's time zone."""
    meaning: Meaning
    conversation: Conversation
    facts: Facts
    knowledge: Knowledge
    attachments: tuple[Mapping[str, str], ...] = ()
    """Pictures and files that came with the message: `{"name", "url"}`."""


@dataclass(frozen=True)
class Reply:
    """A message to the customer; `choices` are shown as buttons or as numbered lines."""

    text: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Notice:
    """Words passed to the people who act; `event` is `new`, `changed` or `cancelled`."""

    to: str
    event: str


@dataclass(frozen=True)
class OpenCase:
    """Enter a case in the ledger. Replies name its number as `case_number(i)`, i = its place among these."""

    kind: str
    status: str
    form: Slots
    outcome: Mapping[str, Any] = field(default_factory=dict)
    waybill: str = ""
    priority: str = "normal"
    customer: Mapping[str, Any] = field(default_factory=dict)
    """`name`, `phone`, `returning`."""
    deadlines: Mapping[str, datetime] = field(default_factory=dict)
    notice: Notice | None = None
    form_id: str = ""
    """The form that made it; the same form never makes two."""


@dataclass(frozen=True)
class UpdateCase:
    """Change a case: a new status, outcome and form keys laid over the old, one history line."""

    number: str
    what: str
    status: str | None = None
    outcome: Mapping[str, Any] = field(default_factory=dict)
    form: Slots = field(default_factory=dict)
    priority: str | None = None
    contact: bool = False
    """The customer came back about it: counted in `contacts`."""
    deadlines: Mapping[str, datetime] = field(default_factory=dict)
    met: tuple[str, ...] = ()
    """Deadlines that this step meets."""
    notice: Notice | None = None


@dataclass(frozen=True)
class AskHuman:
    """Put the conversation into the human queue. Reasons and priorities as in the HTTP contract."""

    reason: str
    priority: str = "normal"
    callback_phone: str = ""


@dataclass(frozen=True)
class LeaveQueue:
    """The customer no longer wants a person."""


@dataclass(frozen=True)
class RecordDemand:
    """A wish that could not be met (冷链, a place not covered, EMS declined)."""

    name: str
    detail: str = ""


Effect = OpenCase | UpdateCase | AskHuman | LeaveQueue | RecordDemand


@dataclass(frozen=True)
class Decision:
    """What is said and done about one message."""

    replies: tuple[Reply, ...]
    forms: tuple[Form, ...] = ()
    effects: tuple[Effect, ...] = ()
    misunderstood: int = 0
    memory: Mapping[str, Any] = field(default_factory=dict)
    missed: bool = False
    """The message was not understood, by itself or as the answer to what was asked."""


def case_number(index: int = 0) -> str:
    """The mark in a reply for which the ledger puts the number of the index-th opened case."""
    return f"⟦case:{index}⟧"

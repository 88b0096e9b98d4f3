"""The steps that staff take in a case: status, deadlines by the articles, a word to the customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, RowMapping, select, update

from bot import messages
from bot.cases import BOT, NoSuchCase, update_case
from bot.store import tables
from bot.wording import say
from faq.case_deadlines import due_in
from intents.meaning import UpdateCase

ALLOWED: dict[str, dict[str, tuple[str, ...]]] = {
    "claim": {
        "answer": ("submitted",),
        "offer": ("submitted", "answered", "offered", "disputed"),
        "agree": ("offered", "disputed"),
        "pay": ("agreed",),
        "reject": ("submitted", "answered", "offered", "disputed"),
        "close": ("paid", "rejected", "disputed"),
    },
    "complaint": {
        "answer": ("open", "in_progress"),
        "close": ("open", "in_progress", "resolved"),
    },
    "inquiry": {"answer": ("open",), "close": ("open", "answered")},
    "delivery_change": {"answer": ("open",), "close": ("open",)},
}
"""Step → the statuses in which it may be taken."""


class NotPossible(ValueError):
    """The step does not fit the case's kind or status."""


@dataclass(frozen=True)
class Taken:
    """A step as staff take it; `total` in yuan with an offer."""

    step: str
    by: str
    text: str = ""
    total: str = ""


def take(connection: Connection, now: datetime, number: str, taken: Taken) -> None:
    """Take a step; raises NoSuchCase and NotPossible."""
    table = tables.cases
    row = connection.execute(select(table).where(table.c.number == number)).mappings().one_or_none()
    if row is None:
        raise NoSuchCase(number)
    if row["status"] not in ALLOWED.get(row["kind"], {}).get(taken.step, ()):
        raise NotPossible(f"{taken.step} is not possible for a {row['kind']} that is {row['status']}")
    order = _order(row, taken)
    update_case(connection, now, order, taken.by)
    if row["owner"] in ("", BOT):
        connection.execute(update(table).where(table.c.number == number).values(owner=taken.by))
    words = say(
        f"{row['kind']}_{taken.step}",
        number=number,
        text=_sentence(taken.text),
        total=order.outcome.get("offered", ""),
        due=_due(row, order.status, now),
    )
    if row["conversation"]:
        messages.add_outbound(connection, now, row["conversation"], words, sender="system")
        if row["kind"] == "claim" and taken.step == "offer":
            _await_acceptance(connection, row["conversation"], number)


def _sentence(text: str) -> str:
    """Words that others follow end with a full stop."""
    return text if not text or text[-1] in "。！？!?." else f"{text}。"


def _what(taken: Taken) -> str:
    return " ".join(part for part in (taken.step, taken.total, taken.text) if part)


STATUS: dict[tuple[str, str], str] = {
    ("claim", "answer"): "answered",
    ("claim", "offer"): "offered",
    ("claim", "agree"): "agreed",
    ("claim", "pay"): "paid",
    ("claim", "reject"): "rejected",
    ("complaint", "answer"): "in_progress",
    ("complaint", "close"): "closed",
    ("inquiry", "answer"): "answered",
    ("inquiry", "close"): "closed",
    ("delivery_change", "answer"): "done",
    ("delivery_change", "close"): "done",
}
"""Kind and step → the status after it; a closed claim keeps its own. Deadlines follow from the status."""


def _order(row: RowMapping, taken: Taken) -> UpdateCase:
    outcome = {}
    if (row["kind"], taken.step) == ("claim", "offer"):
        outcome = {"offered": _money(taken.total)}
    elif (row["kind"], taken.step) == ("claim", "reject"):
        outcome = {"reason_text": taken.text}
    return UpdateCase(row["number"], _what(taken), STATUS.get((row["kind"], taken.step)), outcome=outcome)


def _due(row: RowMapping, status: str | None, now: datetime) -> datetime | None:
    """The deadline that the step starts."""
    product = row["outcome"].get("product") or "domestic"
    return next(iter(due_in(row["kind"], status or "", now, product).values()), None)


def _money(total: str) -> str:
    try:
        return f"{Decimal(total):.2f}"
    except InvalidOperation:
        raise NotPossible("an offer needs its total in yuan") from None


def _await_acceptance(connection: Connection, conversation: str, number: str) -> None:
    """The customer's next yes or no is about the offer: it opens as a form over what he was doing."""
    table = tables.conversations
    query = select(table.c.forms).where(table.c.name == conversation).with_for_update()
    forms = connection.execute(query).scalar_one_or_none()
    if forms is None:
        return
    form: dict[str, Any] = {
        "id": uuid4().hex,
        "intent": "claim_offer",
        "slots": {"number": number},
        "asked": ["accepted"],
        "misses": 0,
        "confirming": False,
        "told": [],
    }
    others = [each for each in forms if each["intent"] != "claim_offer"]
    connection.execute(
        update(table)
        .where(table.c.name == conversation)
        .values(forms=[*others, form], version=table.c.version + 1)
    )

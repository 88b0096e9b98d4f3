"""Help for an agent: written answers that may fit, and a claim worked out by the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from sqlalchemy import Connection, select

from bot.store import tables
from faq.answer import Entries, Entry
from faq.answer_values import entry_values
from faq.claim_facts import Said
from faq.claim_policy import assess, facts_from_shipment
from faq.dated import NoValueInForce
from faq.knowledge import Knowledge
from faq.pinyin import initials
from faq.shipment import shipment_from_json
from handoff.console.needs import Estimate, StepRefused, Suggested

INDEXES = 64
"""Sets of canned answers whose index is kept: an agent's own stand beside everybody's."""
LEAST = 25.0
"""A lower score has nothing to do with the question."""
FACTORS = frozenset({"delay", "loss", "damage", "mismatch"})


class ConsoleAssist:
    """Implements handoff.console.needs.Assist."""

    def __init__(self, knowledge: Knowledge, now: Callable[[], datetime]) -> None:
        self.knowledge = knowledge
        self.now = now

    def suggest(self, text: str, canned: Sequence[Suggested], limit: int) -> list[Suggested]:
        if not text.strip():
            return []
        values, entries = entry_values(self.knowledge), self.knowledge.entries
        found = [
            (each.score, Suggested(each.question, entries.render(each.entry, values)))
            for each in entries.search(text, limit)
        ]
        found += [
            (each.score, canned[int(each.entry.id)])
            for each in _index(tuple((one.title, one.text) for one in canned)).search(text, limit)
        ]
        found.sort(key=lambda each: -each[0])
        return [suggested for score, suggested in found[:limit] if score >= LEAST]

    def estimate(self, connection: Connection, waybill: str, said: Mapping[str, str]) -> Estimate | None:
        query = select(tables.shipments.c.data).where(tables.shipments.c.waybill == waybill)
        data = connection.execute(query).scalar_one_or_none()
        if data is None:
            return None
        if said.get("factor") not in FACTORS:
            raise StepRefused("estimate")
        shipment = shipment_from_json(waybill, data)
        try:
            facts = facts_from_shipment(shipment, said["factor"], self.now(), **_said(said))
            if said.get("ours"):
                facts = replace(facts, found_ours=True, found_lost=said["factor"] == "loss")
            verdict = assess(facts)
        except NoValueInForce:
            raise StepRefused("estimate") from None
        return Estimate(
            verdict.decision,
            f"{verdict.fee_refund:.2f}",
            f"{verdict.compensation:.2f}",
            f"{verdict.total:.2f}",
            verdict.explanation,
        )

    def initials(self, text: str) -> str:
        return initials(text)


@lru_cache(maxsize=INDEXES)
def _index(canned: tuple[tuple[str, str], ...]) -> Entries:
    """Canned answers as the bot's search wants them, found by title and text."""
    return Entries([Entry(str(place), (title,), "other", text) for place, (title, text) in enumerate(canned)])


def _said(said: Mapping[str, str]) -> Said:
    """The agent has checked who claims; what he leaves empty is as the waybill has it."""
    facts = Said(claimant="sender", extent=said.get("extent", ""))
    for name in ("value_total", "value_lost", "weight_kg"):
        if said.get(name, "").strip():
            facts[name] = _number(said[name])
    if said.get("spoilt"):
        facts["goods_spoilt"] = True
    if said.get("noted"):
        facts["noted_at_door"] = True
    return facts


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise StepRefused("number") from None
    if not number.is_finite() or number < 0:
        raise StepRefused("number")
    return number

"""What is known of each parcel of a complaint, told once and before anything is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from faq.delay_cause import late, told_cause
from faq.shipment import Shipment
from intents.meaning import Reply, Slots, Turn
from intents.wording import wording

say = wording("complaint")

PACKING_MATTERS = frozenset({"damage", "shortage"})
PACKERS = frozenset({"customer", "courier"})
AT_THE_DOOR = re.compile(say("at_door_pattern"))
KINDS = {
    "damage": "damage",
    "damaged": "damage",
    "mismatch": "shortage",
    "shortage": "shortage",
    "loss": "loss",
    "lost": "loss",
}
"""What a finding or a status is called → the kind of complaint that it is."""


LONGEST = 400
"""Characters of a message; the numbers of new cases, longer than their placeholders, still fit."""


def messages_of(lines: Iterable[str]) -> list[Reply]:
    """Lines in as few messages as hold them."""
    texts: list[str] = []
    for each in lines:
        if texts and len(texts[-1]) + 1 + len(each) <= LONGEST:
            texts[-1] = f"{texts[-1]}\n{each}"
        else:
            texts.append(each)
    return [Reply(text) for text in texts]


def shipments_of(slots: Slots, turn: Turn) -> list[Shipment]:
    known = turn.facts.shipments
    return [known[waybill] for waybill in slots.get("waybills", ()) if waybill in known]


def kind_by_facts(shipments: list[Shipment], turn: Turn) -> str | None:
    """What there is to complain of, where the parcels tell it and the customer does not."""
    kinds = {_kind_of(shipment, turn) for shipment in shipments}
    return kinds.pop() if len(kinds) == 1 else None


def _kind_of(shipment: Shipment, turn: Turn) -> str | None:
    found = shipment.finding.result if shipment.finding else ""
    known = KINDS.get(found) or KINDS.get(shipment.status)
    return known or ("delay" if shipment.signed_at is None and late(shipment, turn.now) else None)


def facts_of(kind: str, shipment: Shipment, slots: Slots, turn: Turn) -> list[str]:
    waybill = shipment.waybill
    if kind == "delay":
        if not late(shipment, turn.now) and shipment.promised_at:
            return [say("fact_on_time", waybill=waybill, promised=shipment.promised_at)]
        _, explanation, remedy = told_cause(shipment, turn.now)
        return [say("fact_delay", waybill=waybill, explanation=explanation, remedy=remedy)]
    if kind in PACKING_MATTERS:
        return _packing_fact(shipment, slots)
    return [say(f"fact_{kind}")] if kind in ("loss", "false_delivery") else []


def _packing_fact(shipment: Shipment, slots: Slots) -> list[str]:
    if shipment.finding is not None:
        return [say("fact_found")]
    if signed_and_gone(shipment, slots):
        return [say("fact_after_sign", insured=shipment.insured)]
    packed_by = shipment.packed_by or slots.get("packed_by")
    return [say(f"fact_packed_{packed_by}")] if packed_by in PACKERS else []


def signed_and_gone(shipment: Shipment, slots: Slots) -> bool:
    """Signed for, and the courier had left; not where it was noted at the door, or the network found it."""
    return shipment.signed_at is not None and shipment.finding is None and not slots.get("at_door")


# 投诉受理 3: who packed, and whether it was signed for.
def acceptance(slots: Slots, shipment: Shipment | None) -> Mapping[str, Any]:
    """Whether a complaint of damage or shortage is taken on, or the reason why not."""
    if shipment is not None and shipment.finding is not None:
        return {"accepted": True, "reason": None}
    if shipment is not None and signed_and_gone(shipment, slots):
        return {"accepted": False, "reason": "after_sign"}
    if slots.get("packed_by") == "customer":
        return {"accepted": False, "reason": "customer_fault"}
    return {"accepted": True, "reason": None}

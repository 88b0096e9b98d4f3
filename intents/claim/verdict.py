"""A claim's facts and what the rules make of them: the waybill, the network's finding, and what was said."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from faq.claim_policy import ClaimVerdict, assess, facts_from_shipment
from faq.delay_cause import late
from faq.service_promise import last_query_day
from faq.shipment import Shipment
from intents.meaning import Form, Turn
from intents.slots.numbers import json_number

FACTORS = {
    "loss": "loss",
    "lost": "loss",
    "damage": "damage",
    "damaged": "damage",
    "mismatch": "mismatch",
    "shortage": "mismatch",
    "delay": "delay",
}
"""What a finding, a status or a complaint is called → the factor of A.2."""


def with_known(form: Form, shipment: Shipment, turn: Turn) -> Form:
    """What the network's investigation found, and what the facts tell, need not be asked."""
    known: dict[str, Any] = {}
    finding = shipment.finding
    if finding and finding.extent:
        known["extent"] = finding.extent
    if finding and finding.value_lost is not None:
        known["amount"] = json_number(finding.value_lost)
    if finding and finding.value_total is not None:
        known["value_total"] = json_number(finding.value_total)
    factor = _known_factor(shipment, turn)
    if factor:
        known["factor"] = factor
    if payee := _payee_before(form, turn):
        known["payee"] = payee
    if shipment.goods:
        known["goods"] = shipment.goods
    return replace(form, slots={**known, **form.slots})


def _payee_before(form: Form, turn: Turn) -> str | None:
    """The account of an earlier claim, where the money is the sender's own both times."""
    earlier = [case.form for case in turn.facts.cases if case.kind == "claim" and case.mine]
    own = [slots["payee"] for slots in earlier if slots.get("payee") and not slots.get("beneficiary")]
    return None if form.slots.get("beneficiary") else next(iter(own), None)


def _known_factor(shipment: Shipment, turn: Turn) -> str:
    """The finding, the status, what was claimed or complained of before, or that it is late.

    Late is told from lost when the claim is assessed.
    """
    before = [
        case.outcome.get("factor") or case.outcome.get("complaint_kind")
        for case in turn.facts.cases
        if case.mine and case.waybill == shipment.waybill
    ]
    found = shipment.finding.result if shipment.finding else ""
    for name in (found, shipment.status, *before):
        if name in FACTORS:
            return FACTORS[name]
    return "delay" if shipment.signed_at is None and late(shipment, turn.now) else ""


def verdict_of(form: Form, shipment: Shipment, turn: Turn) -> ClaimVerdict:
    """The estimate of a claim as far as its form goes."""
    slots = form.slots
    claimant = "sender" if turn.conversation.verified_phone == shipment.sender.phone else "receiver"
    return assess(
        facts_from_shipment(
            shipment,
            slots["factor"],
            turn.now,
            claimant=claimant,
            extent=slots.get("extent") or "",
            value_total=_decimal(slots.get("value_total")),
            value_lost=_decimal(slots.get("amount")),
            weight_kg=_decimal(slots.get("weight_kg")),
            count_missing=_whole(slots.get("count_missing")),
            count_total=_whole(slots.get("count_total")),
            weight_missing=_decimal(slots.get("weight_missing")),
            goods_spoilt=bool(slots.get("spoilt")),
            noted_at_door=bool(slots.get("at_door")) or _noted_before(shipment, turn),
            queried_within_year=_queried(shipment, turn),
            special_agreement=bool(shipment.agreement),
        )
    )


def _noted_before(shipment: Shipment, turn: Turn) -> bool:
    """Whether a complaint made while the courier was there is in the ledger."""
    return any(case.waybill == shipment.waybill and case.form.get("at_door") for case in turn.facts.cases)


# A.2 c: neither a query nor a claim in the year; whoever complained or claimed then has asked too.
def _queried(shipment: Shipment, turn: Turn) -> bool:
    """An inquiry, or any other case about the parcel, in the ledger within the year of posting."""
    if shipment.shipped_at is None:
        return False
    asked = [case.opened_at for case in turn.facts.cases if case.waybill == shipment.waybill]
    first = turn.facts.inquiries.get(shipment.waybill)
    last = last_query_day(shipment.shipped_at.date())
    return any(at.astimezone(turn.now.tzinfo).date() <= last for at in (*asked, first) if at)


def _whole(value: Any) -> int | None:
    return int(value) if value is not None else None


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value)) if value not in (None, "") else None
    except InvalidOperation:
        return None

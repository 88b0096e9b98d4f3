"""Tracking (业务查询): where the parcel is, what that means, and what can be done; entered in the ledger."""

from __future__ import annotations

from dataclasses import replace

from faq.delay_cause import cause_event, handed_to_ems, late, told_cause
from faq.service_promise import query_valid
from faq.shipment import Shipment
from intents.case_progress.handle import CASE_NUMBER
from intents.case_progress.handle import handle as progress
from intents.form import Ask, Close, Step
from intents.meaning import Form, OpenCase, Reply, Turn
from intents.wording import wording

say = wording("tracking_query")

STATUSES = frozenset(
    {
        "collected",
        "in_transit",
        "arrived",
        "out_for_delivery",
        "failed_delivery",
        "signed",
        "problem",
        "returned",
        "lost",
        "damaged",
        "shortage",
    }
)
PROBLEMS = frozenset({"problem", "failed_delivery"})
DAMAGED = frozenset({"damaged", "shortage"})
MOVING = frozenset({"collected", "in_transit", "arrived", "out_for_delivery"})
FOUND = {"damage": "damaged", "mismatch": "shortage", "loss": "lost", "lost": "lost"}
"""What the network found → what a parcel that is only called a problem really has."""


def advance(form: Form, turn: Turn) -> tuple[Form, Step]:
    """Answer for each waybill of the message, or of what was talked about; else ask for one."""
    if not form.slots.get("waybills") and CASE_NUMBER.search(turn.meaning.text):
        return form, Close(progress(turn).replies)
    waybills = tuple(form.slots.get("waybills") or turn.conversation.memory.get("waybills") or ())
    if not waybills:
        key = "ask_not_phone" if form.slots.get("phone") else "ask_waybill"
        return form, Ask(("waybills",), (Reply(say(key)),))
    form = replace(form, slots={**form.slots, "waybills": list(waybills)})
    replies = tuple(_reply(waybill, turn) for waybill in waybills)
    inquiries = tuple(_inquiry(waybill, turn) for waybill in waybills)
    return form, Close(replies, inquiries, memory={"waybills": list(waybills)})


def _reply(waybill: str, turn: Turn) -> Reply:
    shipment = turn.facts.shipments.get(waybill)
    if shipment is None:
        return Reply(say("not_found", waybill=waybill), (say("human"),))
    if shipment.shipped_at and not query_valid(shipment.shipped_at.date(), turn.now.date()):
        return Reply(say("too_old", waybill=waybill))
    return Reply(_line(shipment, turn), _choices(shipment, turn))


def _line(shipment: Shipment, turn: Turn) -> str:
    event, status = shipment.last_event, _status(shipment)
    party = shipment.is_party(turn.conversation.verified_phone)
    is_late = status in MOVING | PROBLEMS and late(shipment, turn.now)
    _, explanation, remedy = told_cause(shipment, turn.now) if is_late else ("", "", "")
    expected = shipment.promised_at if status in MOVING and not is_late else None
    return say(
        "line",
        waybill=shipment.waybill,
        status=say(status),
        at=event.at.astimezone(turn.now.tzinfo) if event else None,
        place=event.place if event else "",
        # What the network wrote may name people and doors: for the sender and the receiver only.
        detail=event.text if event and party else "",
        expected=expected.astimezone(turn.now.tzinfo) if expected else None,
        late=is_late,
        promised=shipment.promised_at,
        explanation=explanation,
        remedy=remedy,
        after=_after(shipment, status, turn, is_late),
    )


def _status(shipment: Shipment) -> str:
    event, finding = shipment.last_event, shipment.finding
    if shipment.status == "problem":
        codes = [each.code for each in shipment.events if each.code in DAMAGED]
        return FOUND.get(finding.result if finding else "") or (codes or ["problem"])[-1]
    for status in (shipment.status, event.code if event else ""):
        if status in STATUSES:
            return status
    return "unknown"


def _after(shipment: Shipment, status: str, turn: Turn, is_late: bool) -> str:
    """What the customer can do next; why it is late was said already."""
    reason = _reason(shipment, turn)
    if status in PROBLEMS:
        left = shipment.free_redeliveries_left
        return say(
            "after_problem",
            reason=say(f"reason_{reason}") if reason and not is_late else "",
            redelivers=reason != "out_of_area",
            staff=reason == "staff",
            free=left is None or left > 0,
            fee=turn.knowledge.services.redelivery_fee,
        )
    if status == "returned":
        return say("after_returned", reason=say(f"reason_{reason}") if reason else "")
    if status in DAMAGED:
        return say("after_damaged")
    if status in ("signed", "out_for_delivery", "lost"):
        return say(f"after_{status}")
    return ""


def _reason(shipment: Shipment, turn: Turn) -> str:
    event = cause_event(shipment, turn.now)
    return event.reason if event else ""


def _choices(shipment: Shipment, turn: Turn) -> tuple[str, ...]:
    status = _status(shipment)
    if status in PROBLEMS and _reason(shipment, turn) == "out_of_area":
        return (say("human"),) if handed_to_ems(shipment) else (say("ems"), say("collect"), say("human"))
    if status in PROBLEMS:
        return (say("redeliver"), say("human"))
    if status in DAMAGED | {"lost"}:
        return (say("claim"), say("complain"))
    if status == "signed":
        return (say("not_received"),)
    return ()


def _inquiry(waybill: str, turn: Turn) -> OpenCase:
    """Every inquiry is entered in the ledger, found or not (rules: tracking)."""
    shipment = turn.facts.shipments.get(waybill)
    return OpenCase(
        kind="inquiry",
        status="answered",
        form={"waybills": [waybill]},
        outcome={"found": shipment is not None, "shipment_status": _status(shipment) if shipment else None},
        waybill=waybill,
        customer={"phone": turn.conversation.verified_phone or "", "returning": False},
    )

"""Tracking (业务查询): where the parcel is, what that means, and what can be done; entered in the ledger."""

from __future__ import annotations

from dataclasses import replace

from faq.delay_cause import cause_event, delay_cause, explanation, late, remedy
from faq.service_promise import query_valid
from faq.shipment import Event, Shipment
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


def advance(form: Form, turn: Turn) -> tuple[Form, Step]:
    """Answer for each waybill of the message, or of what was talked about; else ask for one."""
    waybills = tuple(form.slots.get("waybills") or turn.conversation.memory.get("waybills") or ())
    if not waybills:
        return form, Ask(("waybills",), (Reply(say("ask_waybill")),))
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
    return Reply(_line(shipment, turn), _choices(shipment))


def _line(shipment: Shipment, turn: Turn) -> str:
    event, status = shipment.last_event, _status(shipment)
    party = shipment.is_party(turn.conversation.verified_phone)
    is_late = status != "signed" and late(shipment, turn.now)
    cause = delay_cause(shipment, turn.now) if is_late else ""
    blamed = cause_event(shipment, turn.now) if is_late else None
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
        explanation=explanation(cause, blamed.reason if blamed else "") if cause else "",
        remedy=remedy(cause) if cause else "",
        after=_after(shipment, status, event, turn),
    )


def _status(shipment: Shipment) -> str:
    event = shipment.last_event
    for status in (shipment.status, event.code if event else ""):
        if status in STATUSES:
            return status
    return "unknown"


def _after(shipment: Shipment, status: str, event: Event | None, turn: Turn) -> str:
    """What the customer can do next."""
    if status in PROBLEMS:
        reason = event.reason if event else ""
        left = shipment.free_redeliveries_left
        services = turn.knowledge.services
        return say(
            "after_problem",
            reason=say(f"reason_{reason}") if reason else "",
            free=left is None or left > 0,
            fee=services.redelivery_fee,
        )
    if status in DAMAGED:
        return say("after_damaged")
    if status in ("signed", "out_for_delivery", "lost"):
        return say(f"after_{status}")
    return ""


def _choices(shipment: Shipment) -> tuple[str, ...]:
    status = _status(shipment)
    if status in PROBLEMS:
        return (say("redeliver"), say("human"))
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

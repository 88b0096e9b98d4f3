"""Tracking (业务查询): where the parcel is, what that means, and what can be done; entered in the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from faq.case_deadlines import due_in
from faq.delay_cause import cause_event, delay_cause, handed_to_ems, late, remedy, told_cause
from faq.service_promise import inquiry_due, query_valid
from faq.shipment import Event, Shipment
from intents.case_progress.handle import CASE_NUMBER
from intents.case_progress.handle import handle as progress
from intents.form import Ask, Close, Step
from intents.identity import public_place
from intents.meaning import Case, Effect, Form, OpenCase, Reply, Turn, UpdateCase, case_number
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
SAID_AFTER = frozenset({"collected", "arrived", "out_for_delivery", "signed", "lost"})
"""What these mean, or what to do then, is said."""
DAMAGED = frozenset({"damaged", "shortage"})
MAX_DETAIL = 120
"""Characters quoted of what the network wrote about an event."""
MOVING = frozenset({"collected", "in_transit", "arrived", "out_for_delivery"})
FURTHER = frozenset({"out_for_delivery", "failed_delivery"})
"""What the last event says more exactly than that the parcel is under way."""
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
    replies, effects = list[Reply](), list[Effect]()
    for waybill in waybills:
        opened = sum(isinstance(effect, OpenCase) for effect in effects)
        replies.append(_reply(waybill, turn, opened))
        effects.append(_inquiry(waybill, turn))
    return form, Close(tuple(replies), tuple(effects), memory={"waybills": list(waybills)})


def _reply(waybill: str, turn: Turn, opened: int) -> Reply:
    """The answer for one waybill; `opened`: how many cases this turn has opened before its own."""
    shipment = turn.facts.shipments.get(waybill)
    if shipment and shipment.shipped_at and not query_valid(shipment.shipped_at.date(), turn.now.date()):
        return Reply(say("too_old", waybill=waybill))
    if shipment and _answered(shipment):
        return Reply(_line(shipment, turn), _choices(shipment, turn))
    earlier = _open_before(waybill, turn)
    due = earlier.deadlines.get("answer", turn.now) if earlier else inquiry_due(turn.now, turn.knowledge.desk)
    text = say(
        "not_found" if waybill not in turn.facts.unanswered else "no_answer",
        waybill=waybill,
        number=earlier.number if earlier else case_number(opened),
        again=earlier is not None,
        due=due.astimezone(turn.now.tzinfo),
        overdue=due < turn.now,
    )
    return Reply(text, (say("human"),))


def _answered(shipment: Shipment) -> bool:
    """Whether what is known of a parcel answers the question where it is."""
    return _status(shipment) != "unknown" or shipment.last_event is not None


def _line(shipment: Shipment, turn: Turn) -> str:
    event, status = shipment.last_event, _status(shipment)
    party = shipment.is_party(turn.conversation.verified_phone)
    is_late = status in MOVING | PROBLEMS and late(shipment, turn.now)
    _, explanation, way = told_cause(shipment, turn.now) if is_late else ("", "", "")
    expected = shipment.promised_at if status in MOVING and not is_late else None
    return say(
        "line",
        waybill=shipment.waybill,
        status=say(status),
        at=event.at.astimezone(turn.now.tzinfo) if event else None,
        place=(event.place if party else public_place(event.place)) if event else "",
        # What the network wrote may name people and doors: for the sender and the receiver only.
        detail=_shortened(event.text) if event and party else "",
        courier=_courier(event) if event and party and status == "out_for_delivery" else "",
        fetched=_aged(shipment, turn),
        expected=expected.astimezone(turn.now.tzinfo) if expected else None,
        late=is_late,
        promised=shipment.promised_at,
        explanation=explanation,
        remedy=way,
        after=_after(shipment, status, turn, is_late),
    )


def _courier(event: Event) -> str:
    """The phone of the courier who is on his way, where the network's words do not hold it."""
    return "" if event.courier_phone in event.text else event.courier_phone


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_DETAIL else f"{text[:MAX_DETAIL]}…"


def _aged(shipment: Shipment, turn: Turn) -> datetime | None:
    """When what is told was true, where the tracking service cannot be asked whether it still is."""
    fetched = shipment.fetched_at
    return (
        fetched.astimezone(turn.now.tzinfo) if fetched and shipment.waybill in turn.facts.unanswered else None
    )


def _status(shipment: Shipment) -> str:
    event, finding = shipment.last_event, shipment.finding
    if shipment.status == "problem":
        codes = [each.code for each in shipment.events if each.code in DAMAGED]
        return FOUND.get(finding.result if finding else "") or (codes or ["problem"])[-1]
    if event and shipment.status == "in_transit" and event.code in FURTHER:
        return event.code
    for status in (shipment.status, event.code if event else ""):
        if status in STATUSES:
            return status
    return "unknown"


def _after(shipment: Shipment, status: str, turn: Turn, is_late: bool) -> str:
    """What the customer can do next; why it is late was said already."""
    reason = _reason(shipment, turn)
    blocked = delay_cause(shipment, turn.now) == "objective"
    if status in PROBLEMS:
        left = shipment.free_redeliveries_left
        return say(
            "after_problem",
            reason=say(f"reason_{reason}") if reason and not is_late else "",
            redelivers=reason != "out_of_area" and not blocked,
            blocked=remedy("objective") if blocked and not is_late else "",
            staff=reason == "staff",
            free=left is None or left > 0,
            fee=turn.knowledge.services.redelivery_fee,
        )
    if status == "returned":
        return say("after_returned", reason=say(f"reason_{reason}") if reason else "")
    if status in DAMAGED:
        return say("after_damaged")
    if status in SAID_AFTER and not is_late:
        return say(f"after_{status}")
    return ""


def _reason(shipment: Shipment, turn: Turn) -> str:
    event = cause_event(shipment, turn.now)
    return event.reason if event else ""


def _choices(shipment: Shipment, turn: Turn) -> tuple[str, ...]:
    status = _status(shipment)
    if status in PROBLEMS and _reason(shipment, turn) == "out_of_area":
        return (say("human"),) if handed_to_ems(shipment) else (say("ems"), say("collect"), say("human"))
    if status in PROBLEMS and delay_cause(shipment, turn.now) == "objective":
        return (say("human"),)
    if status in PROBLEMS:
        return (say("redeliver"), say("human"))
    if status in DAMAGED | {"lost"}:
        return (say("claim"), say("complain"))
    if status == "signed":
        return (say("not_received"),)
    return ()


# 操作标准(二)1: what is not known at once is answered by a person within 20 minutes of desk time.
def _inquiry(waybill: str, turn: Turn) -> Effect:
    """Every inquiry is entered in the ledger; one that stays open is not entered twice."""
    shipment = turn.facts.shipments.get(waybill)
    known = shipment is not None and _answered(shipment)
    earlier = None if known else _open_before(waybill, turn)
    if earlier:
        return UpdateCase(earlier.number, turn.meaning.text or "contact", contact=True)
    status = "answered" if known else "open"
    return OpenCase(
        kind="inquiry",
        status=status,
        form={"waybills": [waybill]},
        outcome={"found": shipment is not None, "shipment_status": _status(shipment) if shipment else None},
        waybill=waybill,
        customer={"phone": turn.conversation.verified_phone or "", "returning": False},
        deadlines=due_in("inquiry", status, turn.now, desk=turn.knowledge.desk),
    )


def _open_before(waybill: str, turn: Turn) -> Case | None:
    return next(
        (
            case
            for case in turn.facts.cases
            if (case.kind, case.status, case.waybill) == ("inquiry", "open", waybill) and case.mine
        ),
        None,
    )

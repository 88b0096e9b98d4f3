"""Complaints (投诉受理): sorry first, then the facts of each parcel, then a case with its deadline."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from faq.delay_cause import cause_event, delay_cause, explanation, late, remedy
from faq.service_promise import complaint_answer_due
from faq.shipment import Shipment
from intents.alarm import alarm
from intents.form import Ask, Close, Step, buttons, missing
from intents.meaning import (
    AskHuman,
    Case,
    Effect,
    Form,
    Notice,
    OpenCase,
    Reply,
    Turn,
    UpdateCase,
    case_number,
)
from intents.queue_words import masked, queued
from intents.registry import intents
from intents.wording import wording

say = wording("complaint")

CLOSED = frozenset({"resolved", "closed"})
NEEDS_WAYBILL = frozenset({"delay", "damage", "shortage", "loss", "false_delivery"})
PACKING_MATTERS = frozenset({"damage", "shortage"})
HIGH = frozenset({"loss", "false_delivery"})
CONTACTS_TO_SUPERVISOR = 3
"""The third contact about the same makes it urgent (rules: complaints)."""
AT_THE_DOOR = re.compile(r"还没签|没签收呢|当面|还在(?:门口|现场|这)|快递员在")


def advance(form: Form, turn: Turn) -> tuple[Form, Step]:
    """Kind, waybill, contact; the facts are told as soon as they are known."""
    form = _with_known(form, turn)
    form, facts = _sorry_and_facts(form, turn)
    step = _question(form)
    if step is None:
        return form, _enter(form, turn, facts)
    return form, replace(step, replies=(*facts, *step.replies))


def _with_known(form: Form, turn: Turn) -> Form:
    slots: dict[str, Any] = dict(form.slots)
    if not slots.get("waybills") and turn.conversation.memory.get("waybills"):
        slots["waybills"] = list(turn.conversation.memory["waybills"])
    if turn.conversation.verified_phone:
        slots.setdefault("phone", turn.conversation.verified_phone)
    if not slots.get("told") and turn.meaning.intent in ("complaint", "claim"):
        slots["told"] = turn.meaning.text
    open_before = _open_before(slots, turn)
    if open_before:
        slots.setdefault("kind", open_before.outcome["complaint_kind"])
    # A phone that this customer left before need not be asked again.
    slots |= {"phone": slots.get("phone") or _phone_left_before(turn)}
    packed = {shipment.packed_by for shipment in _shipments(slots, turn)} - {""}
    if len(packed) == 1:
        slots.setdefault("packed_by", packed.pop())
    return replace(form, slots=slots)


def _phone_left_before(turn: Turn) -> str | None:
    phones = (case.form.get("phone") for case in turn.facts.cases if case.mine)
    return next((str(phone) for phone in phones if phone), None)


def _open_before(slots: dict[str, Any], turn: Turn) -> Case | None:
    """An open complaint of the same parcel: who comes back about it means the same."""
    return next(
        (
            case
            for case in turn.facts.cases
            if case.kind == "complaint"
            and case.mine
            and case.status not in CLOSED
            and case.waybill in slots.get("waybills", ())
        ),
        None,
    )


def _shipments(slots: dict[str, Any], turn: Turn) -> list[Shipment]:
    known = turn.facts.shipments
    return [known[waybill] for waybill in slots.get("waybills", ()) if waybill in known]


def _sorry_and_facts(form: Form, turn: Turn) -> tuple[Form, list[Reply]]:
    """Sorry once; then what is known of each parcel, once."""
    lines, told = [], list(form.told)
    kind = form.slots.get("kind")
    if "sorry" not in told:
        lines.append(say("sorry_attitude" if kind == "attitude" else "sorry"))
        told.append("sorry")
    for shipment in _shipments(dict(form.slots), turn):
        key = f"{kind}:{shipment.waybill}"
        if kind and key not in told:
            lines += [line for line in _facts(kind, shipment, turn) if line not in lines]
            told.append(key)
    if kind in PACKING_MATTERS and AT_THE_DOOR.search(turn.meaning.text) and "door" not in told:
        lines.append(say("fact_at_door"))
        told.append("door")
    form = replace(form, told=tuple(told))
    return form, [Reply("\n".join(lines))] if lines else []


def _facts(kind: str, shipment: Shipment, turn: Turn) -> list[str]:
    waybill = shipment.waybill
    if kind == "delay":
        if not late(shipment, turn.now) and shipment.promised_at:
            return [say("fact_on_time", waybill=waybill, promised=shipment.promised_at)]
        cause, blamed = delay_cause(shipment, turn.now), cause_event(shipment, turn.now)
        told = explanation(cause, blamed.reason if blamed else "")
        return [say("fact_delay", waybill=waybill, explanation=told, remedy=remedy(cause))]
    if kind in PACKING_MATTERS and shipment.signed_at is not None:
        return [say("fact_after_sign")]
    if kind in PACKING_MATTERS and shipment.packed_by:
        return [say(f"fact_packed_{shipment.packed_by}")]
    if kind in ("loss", "false_delivery"):
        return [say(f"fact_{kind}")]
    return []


def _question(form: Form) -> Ask | None:
    kind = form.slots.get("kind")
    if not kind:
        return Ask(("kind",), (Reply(say("ask_kind"), buttons(intents()["complaint"].form["kind"])),))
    lacks = missing(form, ["waybills", "phone"])
    if kind in NEEDS_WAYBILL and "waybills" in lacks:
        both = "phone" in lacks
        return Ask(lacks, (Reply(say("ask_waybill_phone" if both else "ask_waybill")),))
    if kind == "attitude" and not form.slots.get("detail") and "detail" not in form.asked:
        return Ask(("detail",), (Reply(say("ask_detail")),))
    if kind in PACKING_MATTERS and not form.slots.get("packed_by"):
        choices = buttons(intents()["complaint"].form["packed_by"])
        return Ask(("packed_by",), (Reply(say("ask_packed_by"), choices),))
    if "phone" in lacks:
        return Ask(("phone",), (Reply(say("ask_phone")),))
    return None


def _enter(form: Form, turn: Turn, facts: list[Reply]) -> Close:
    """One case a waybill; the same waybill and kind again joins the open case as a contact."""
    replies: list[Reply] = list(facts)
    effects: list[Effect] = []
    opened = 0
    for index, waybill in enumerate(form.slots.get("waybills") or [""]):
        earlier = _earlier(form, waybill, turn)
        if earlier:
            replies.append(_again_reply(earlier, turn))
            effects += _again(earlier, turn)
            continue
        effects.append(_case(form, waybill, turn, index))
        replies.append(_opened_reply(form, waybill, turn, opened))
        opened += 1
    asks = [effect for effect in effects if isinstance(effect, AskHuman)]
    if asks:
        replies.append(queued(turn, asks[0].reason, asks[0].priority)[0])
    number = case_number() if opened else None
    memory = {"waybills": form.slots.get("waybills"), **({"case": number} if number else {})}
    return Close(tuple(replies), tuple(effects), memory=memory)


def _earlier(form: Form, waybill: str, turn: Turn) -> Case | None:
    kind = form.slots["kind"]
    return next(
        (
            case
            for case in turn.facts.cases
            if case.kind == "complaint"
            and case.status not in CLOSED
            and case.waybill == waybill
            and case.outcome.get("complaint_kind") == kind
            and (waybill or case.mine)
        ),
        None,
    )


def _again(earlier: Case, turn: Turn) -> list[Effect]:
    third = earlier.contacts + 1 >= CONTACTS_TO_SUPERVISOR
    effects: list[Effect] = [
        UpdateCase(
            earlier.number,
            turn.meaning.text or "contact",
            contact=True,
            priority="urgent" if third else None,
            notice=Notice("network", "changed"),
        )
    ]
    if third:
        effects.append(AskHuman("repeat_complaint", "urgent"))
    return effects


def _again_reply(earlier: Case, turn: Turn) -> Reply:
    due = earlier.deadlines.get("answer")
    due = due.astimezone(turn.now.tzinfo) if due else None
    return Reply(say("again", number=earlier.number, waybill=earlier.waybill, due=due))


def _case(form: Form, waybill: str, turn: Turn, index: int) -> OpenCase:
    kind, shipment = form.slots["kind"], turn.facts.shipments.get(waybill)
    cause = delay_cause(shipment, turn.now) if kind == "delay" and shipment else "unknown"
    outcome: dict[str, Any] = {"complaint_kind": kind, "escalated": False}
    if kind == "delay":
        outcome |= {"cause": cause, "remedy": remedy(cause)}
    if kind in PACKING_MATTERS:
        outcome |= _acceptance(form, shipment)
    return OpenCase(
        kind="complaint",
        status="open",
        form={**form.slots, "waybills": [waybill] if waybill else []},
        outcome=outcome,
        waybill=waybill,
        priority=_priority(kind, turn),
        customer={
            "name": form.slots.get("name") or "",
            "phone": form.slots["phone"],
            "returning": False,
        },
        deadlines={"answer": complaint_answer_due(turn.now)},
        notice=Notice("network", "new"),
        form_id=f"{form.id[:28]}{index:04}",
    )


def _acceptance(form: Form, shipment: Shipment | None) -> dict[str, Any]:
    """Damage and shortage: who packed, and whether it was signed for (rules: complaints)."""
    if shipment is not None and shipment.signed_at is not None:
        return {"accepted": False, "reason": "after_sign"}
    if form.slots.get("packed_by") == "customer":
        return {"accepted": False, "reason": "customer_fault"}
    return {"accepted": True, "reason": None}


def _priority(kind: str, turn: Turn) -> str:
    found = alarm(turn.meaning.text)
    if found in ("regulator", "threat"):
        return "urgent"
    return "high" if kind in HIGH or found == "upset" else "normal"


def _opened_reply(form: Form, waybill: str, turn: Turn, index: int) -> Reply:
    due = complaint_answer_due(turn.now)
    lines = [
        say(
            "opened",
            number=case_number(index),
            waybill=waybill,
            due=due.astimezone(turn.now.tzinfo),
            phone=masked(form.slots["phone"]),
        )
    ]
    if form.slots["kind"] == "delay":
        lines.append(say("urged"))
    elif not form.slots.get("evidence"):
        lines.append(say("tip"))
    return Reply("".join(lines))

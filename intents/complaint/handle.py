"""Complaints (投诉受理): sorry first, then the facts of each parcel, then a case with its deadline."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from faq.delay_cause import REFUSED, cause_event, told_cause
from faq.service_promise import complaint_answer_due
from faq.shipment import Shipment
from intents.alarm import alarm
from intents.complaint.facts import (
    AT_THE_DOOR,
    PACKING_MATTERS,
    acceptance,
    facts_of,
    kind_by_facts,
    messages_of,
    shipments_of,
    signed_and_gone,
)
from intents.form import Ask, Close, Step, buttons, missing
from intents.kinds import kinds
from intents.meaning import (
    AskHuman,
    Case,
    Effect,
    Form,
    Notice,
    OpenCase,
    Reply,
    Slots,
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
HIGH = frozenset({"loss", "false_delivery"})
URGENT = frozenset({"regulator", "threat"})
WAITS_FOR_CUSTOMER = frozenset({"information", "out_of_area"})
"""Causes of delay that the customer must help with before the parcel can move."""
CONTACTS_TO_SUPERVISOR = 3
"""The third contact about the same makes it urgent (rules: complaints)."""
STORY = 22
"""Characters: who tells this much is not asked what happened."""


def advance(form: Form, turn: Turn) -> tuple[Form, Step]:
    """Kind, waybill, contact; the facts are told as soon as they are known."""
    form = _with_known(form, turn)
    form, facts = _sorry_and_facts(form, turn)
    form, step = _question(form, turn)
    if step is None:
        return form, _enter(form, turn, facts)
    memory = {"waybills": form.slots["waybills"]} if form.slots.get("waybills") else {}
    return form, replace(step, replies=(*facts, *step.replies), memory=memory)


def _with_known(form: Form, turn: Turn) -> Form:
    slots: dict[str, Any] = dict(form.slots)
    if not slots.get("waybills") and turn.conversation.memory.get("waybills"):
        slots["waybills"] = list(turn.conversation.memory["waybills"])
    if turn.conversation.verified_phone:
        slots.setdefault("phone", turn.conversation.verified_phone)
    if not slots.get("told") and turn.meaning.intent in ("complaint", "claim"):
        slots["told"] = turn.meaning.text
    if AT_THE_DOOR.search(turn.meaning.text):
        slots["at_door"] = True
    before, shipments = _open_before(slots, turn), shipments_of(slots, turn)
    if turn.meaning.intent == "complaint" and not before:
        slots.setdefault("kind", kinds(turn.meaning.text, "complaint").get("complaint_kind"))
    kind = before.outcome["complaint_kind"] if before else kind_by_facts(shipments, turn)
    if kind and (not slots.get("kind") or (before and slots.get("at_door"))):
        slots["kind"] = kind
    if before and before.form.get("packed_by"):
        slots.setdefault("packed_by", before.form["packed_by"])
    # A phone that this customer left before need not be asked again.
    slots |= {"phone": slots.get("phone") or _phone_left_before(turn)}
    packed = {shipment.packed_by for shipment in shipments} - {""}
    if len(packed) == 1:
        slots.setdefault("packed_by", packed.pop())
    return replace(form, slots=slots)


def _phone_left_before(turn: Turn) -> str | None:
    phones = (case.form.get("phone") for case in turn.facts.cases if case.mine)
    return next((str(phone) for phone in phones if phone), None)


def _open_before(slots: Slots, turn: Turn) -> Case | None:
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


def _sorry_and_facts(form: Form, turn: Turn) -> tuple[Form, list[Reply]]:
    """Sorry once; then what is known of each parcel, once, also over several contacts."""
    lines, told, slots = [], list(form.told), form.slots
    kind = slots.get("kind")
    if "sorry" not in told:
        lines.append(say("sorry_attitude" if kind == "attitude" else "sorry"))
        told.append("sorry")
    for shipment in shipments_of(slots, turn):
        key = f"{kind}:{shipment.waybill}"
        earlier = _earlier(form, shipment.waybill, turn)
        if kind and key not in told and not (earlier and earlier.mine):
            facts = facts_of(kind, shipment, slots, turn)
            lines += [line for line in facts if line not in lines]
            told += [key] if facts else []
    if kind in PACKING_MATTERS and slots.get("at_door") and "door" not in told:
        lines.append(say("fact_at_door"))
        told.append("door")
    form = replace(form, told=tuple(told))
    return form, messages_of(lines)


def _question(form: Form, turn: Turn) -> tuple[Form, Ask | None]:
    unknown = [each for each in form.slots.get("waybills", ()) if each not in turn.facts.shipments]
    if unknown and f"unknown:{unknown[0]}" not in form.told:
        form = replace(form, told=(*form.told, f"unknown:{unknown[0]}"))
        return form, Ask(("waybills",), (Reply(say("not_found", waybill=unknown[0])),))
    return form, _next_question(form)


def _next_question(form: Form) -> Ask | None:
    kind, spec = form.slots.get("kind"), intents()["complaint"].form
    if not kind:
        return Ask(("kind",), (Reply(say("ask_kind"), buttons(spec["kind"])),))
    lacks = missing(form, ["waybills", "phone"])
    if kind in NEEDS_WAYBILL and "waybills" in lacks:
        both = "phone" in lacks
        return Ask(lacks, (Reply(say("ask_waybill_phone" if both else "ask_waybill")),))
    told = form.slots.get("detail") or len(form.slots.get("told") or "") >= STORY
    if kind == "attitude" and not told and "detail" not in form.asked:
        return Ask(("detail",), (Reply(say("ask_detail")),))
    if kind in PACKING_MATTERS and not form.slots.get("packed_by"):
        return Ask(("packed_by",), (Reply(say("ask_packed_by"), buttons(spec["packed_by"])),))
    if "phone" in lacks:
        return Ask(("phone",), (Reply(say("ask_phone")),))
    return None


def _enter(form: Form, turn: Turn, facts: list[Reply]) -> Close:
    """One case a waybill; the same waybill and kind again joins the open case as a contact."""
    lines: list[str] = []
    effects: list[Effect] = []
    opened = 0
    for index, waybill in enumerate(form.slots.get("waybills") or [""]):
        earlier = _earlier(form, waybill, turn)
        if earlier:
            lines.append(_again_text(earlier, form, turn))
            effects += _again(earlier, form, turn)
            continue
        effects += _open(form, waybill, turn, index)
        lines.append(_opened_text(form, waybill, turn, opened))
        opened += 1
    replies = [*facts, *messages_of(lines)]
    asks = [effect for effect in effects if isinstance(effect, AskHuman)]
    if asks:
        replies.append(queued(turn, asks[0].reason, asks[0].priority)[0])
    number = case_number() if opened else None
    memory = {"waybills": form.slots.get("waybills"), **({"case": number} if number else {})}
    return Close(tuple(replies), tuple(effects), memory=memory)


def _earlier(form: Form, waybill: str, turn: Turn) -> Case | None:
    kind = form.slots.get("kind")
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


def _again(earlier: Case, form: Form, turn: Turn) -> list[Effect]:
    """One more contact; the third is urgent, and who insists after a refusal is heard by a person."""
    third = earlier.contacts + 1 >= CONTACTS_TO_SUPERVISOR
    urgent = third or _priority(form, turn) == "urgent"
    update = UpdateCase(
        earlier.number,
        turn.meaning.text or "contact",
        contact=True,
        priority="urgent" if urgent else None,
        outcome={"escalated": True} if urgent else {},
        form={"at_door": True} if form.slots.get("at_door") else {},
        notice=Notice("network", "changed"),
    )
    if third:
        return [update, AskHuman("repeat_complaint", "urgent")]
    refused = earlier.outcome.get("accepted") is False
    return [update, AskHuman("dispute", "high")] if refused else [update]


def _again_text(earlier: Case, form: Form, turn: Turn) -> str:
    due = earlier.deadlines.get("answer")
    text = say(
        "again",
        number=earlier.number,
        waybill=earlier.waybill,
        due=due.astimezone(turn.now.tzinfo) if due else None,
        overdue=due is not None and due < turn.now,
    )
    return f"{text}{_urged(form, earlier.waybill, turn)}"


def _urged(form: Form, waybill: str, turn: Turn) -> str:
    """That the branch was told to hurry, unless the parcel waits for the customer's own word."""
    shipment = turn.facts.shipments.get(waybill)
    if form.slots["kind"] != "delay" or shipment is None:
        return ""
    event = cause_event(shipment, turn.now)
    waits = told_cause(shipment, turn.now)[0] in WAITS_FOR_CUSTOMER or (event and event.reason == REFUSED)
    return "" if waits else say("urged")


def _open(form: Form, waybill: str, turn: Turn, index: int) -> list[Effect]:
    """The case; damage of an insured parcel that was signed for is for a person to decide."""
    shipment = turn.facts.shipments.get(waybill)
    case = _case(form, shipment, waybill, turn, index)
    insured = shipment is not None and shipment.insured and signed_and_gone(shipment, form.slots)
    if form.slots["kind"] in PACKING_MATTERS and insured:
        return [case, AskHuman("dispute", "high")]
    return [case]


def _case(form: Form, shipment: Shipment | None, waybill: str, turn: Turn, index: int) -> OpenCase:
    kind, priority = form.slots["kind"], _priority(form, turn)
    outcome: dict[str, Any] = {"complaint_kind": kind, "escalated": priority == "urgent"}
    if kind == "delay":
        cause, _, remedy = told_cause(shipment, turn.now) if shipment else ("unknown", "", "")
        outcome |= {"cause": cause, "remedy": remedy}
    if kind in PACKING_MATTERS:
        outcome |= acceptance(form.slots, shipment)
    return OpenCase(
        kind="complaint",
        status="open",
        form={**form.slots, "waybills": [waybill] if waybill else []},
        outcome=outcome,
        waybill=waybill,
        priority=priority,
        customer={
            "name": form.slots.get("name") or "",
            "phone": form.slots["phone"],
            "returning": False,
        },
        deadlines={"answer": complaint_answer_due(turn.now)},
        notice=Notice("network", "new"),
        form_id=f"{form.id[:28]}{index:04}",
    )


def _priority(form: Form, turn: Turn) -> str:
    """By what is said now and what was said first: the phone may have been asked in between."""
    found = {alarm(turn.meaning.text), alarm(form.slots.get("told") or "")}
    if found & URGENT:
        return "urgent"
    return "high" if form.slots["kind"] in HIGH or "upset" in found else "normal"


def _opened_text(form: Form, waybill: str, turn: Turn, index: int) -> str:
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
    if form.slots["kind"] == "delay" and waybill in turn.facts.shipments:
        lines.append(_urged(form, waybill, turn))
    elif not form.slots.get("evidence"):
        lines.append(say("tip"))
    return "".join(lines)

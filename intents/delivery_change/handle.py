"""A parcel on its way handled otherwise: other address or phone, redelivery, held, locker, sent back."""

from __future__ import annotations

from dataclasses import replace

from faq.place import Place
from faq.service_promise import complaint_answer_due
from faq.shipment import Shipment
from intents.form import Ask, Close, Confirm, Step, buttons, choice
from intents.identity import verify_choice
from intents.meaning import Form, Notice, OpenCase, Reply, Turn, case_number
from intents.queue_words import masked, queued
from intents.registry import intents
from intents.wording import wording

say = wording("delivery_change")

FINISHED = frozenset({"signed", "returned"})
SENDER_ONLY = frozenset({"address", "return", "ems"})
"""民法典 829: before delivery the sender may redirect or stop a parcel; the receiver may not."""
VALUES = {"address": "destination", "phone": "phone", "redelivery": "wished_time"}
"""What a change needs to know."""
QUESTIONS = {"destination": "ask_address", "phone": "ask_phone", "wished_time": "ask_time"}


def advance(form: Form, turn: Turn) -> tuple[Form, Step]:
    """Waybill, kind of change, what it needs; then who asks is checked, and all is read back."""
    form = _with_kind(form, turn)
    waybills = form.slots.get("waybills") or turn.conversation.memory.get("waybills") or ()
    if not waybills:
        return form, Ask(("waybills",), (Reply(say("ask_waybill")),))
    form = replace(form, slots={**form.slots, "waybills": [waybills[0]]})
    shipment = turn.facts.shipments.get(waybills[0])
    if shipment is None:
        return form, Ask(("waybills",), (Reply(say("not_found", waybill=waybills[0])),))
    if shipment.status in FINISHED:
        text = say("finished", waybill=shipment.waybill, status=say(shipment.status))
        return form, Close((Reply(text),))
    change = form.slots.get("change")
    if not change:
        choices = buttons(intents()["delivery_change"].form["change"])
        return form, Ask(("change",), (Reply(say("ask_change"), choices),))
    needed = VALUES.get(change)
    if needed and not form.slots.get(needed):
        return form, Ask((needed,), (Reply(say(QUESTIONS[needed])),))
    return _stranger(form, turn, shipment, change) or (form, _read_back(form, turn, shipment))


def complete_form(form: Form, turn: Turn) -> Close:
    """After the yes: the change enters the ledger and the network is told."""
    _, step = advance(form, turn)
    if not isinstance(step, Confirm):
        return Close(step.replies, step.effects)
    change, shipment = form.slots["change"], turn.facts.shipments[form.slots["waybills"][0]]
    left = shipment.free_redeliveries_left
    order = OpenCase(
        kind="delivery_change",
        status="open",
        form=dict(form.slots),
        outcome={
            "change": change,
            "free": change != "redelivery" or left is None or left > 0,
            "attempt": _attempts(shipment) + 1,
        },
        waybill=shipment.waybill,
        customer={"phone": turn.conversation.verified_phone or "", "returning": False},
        deadlines={"answer": complaint_answer_due(turn.now)},
        notice=Notice("network", "new"),
        form_id=form.id,
    )
    text = say("done", number=case_number(), change=say(f"change_{change}"), value=_value(form))
    return Close((Reply(text),), (order,), memory={"case": case_number()})


def _with_kind(form: Form, turn: Turn) -> Form:
    """The kind of change is mostly said in the first message."""
    if form.slots.get("change"):
        return form
    found = choice(turn.meaning, intents()["delivery_change"].form["change"])
    if not found and form.slots.get("destination"):
        found = "address"
    return replace(form, slots={**form.slots, "change": found}) if found else form


def _stranger(form: Form, turn: Turn, shipment: Shipment, change: str) -> tuple[Form, Step] | None:
    """What changes a shipment needs a party to it, or a person of ours who checks (rules: identity).

    The form stays open: for the person, and for a phone that the channel proves later.
    """
    phone = turn.conversation.verified_phone
    stranger = not shipment.is_party(phone)
    if not stranger and (change not in SENDER_ONLY or phone == shipment.sender.phone):
        return None
    reason = "needs_party" if stranger else "needs_sender"
    choices = (verify_choice(),) if stranger else ()
    if reason in form.told:
        return form, Ask(("verified",), (Reply(say("noted"), choices),))
    reply, ask = queued(turn, "rule")
    form = replace(form, told=(*form.told, reason))
    return form, Ask(("verified",), (Reply(say(reason), choices), reply), (ask,))


def _read_back(form: Form, turn: Turn, shipment: Shipment) -> Step:
    change = form.slots["change"]
    left = shipment.free_redeliveries_left
    if change in ("redelivery", "phone"):
        free = change == "phone" or left is None or left > 0
        fee = say("free") if free else say("charged", fee=turn.knowledge.services.redelivery_fee)
    else:
        fee = say("manual_fee")
    text = say(
        "confirm", waybill=shipment.waybill, change=say(f"change_{change}"), value=_value(form), fee=fee
    )
    return Confirm((Reply(text, (say("yes_button"), say("no_button"))),))


def _value(form: Form) -> str:
    needed = VALUES.get(form.slots["change"])
    if needed == "destination":
        return str(Place.from_slot(form.slots["destination"]))
    if needed == "phone":
        return masked(form.slots["phone"])
    return say("slot", slot=form.slots["wished_time"]) if needed else ""


def _attempts(shipment: Shipment) -> int:
    return sum(event.code == "failed_delivery" for event in shipment.events)

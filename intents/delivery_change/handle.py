"""Parcels on their way handled otherwise: other address or phone, redelivery, held, locker, sent back."""

from __future__ import annotations

from dataclasses import replace

from faq.place import Place
from faq.service_promise import complaint_answer_due
from faq.shipment import Shipment
from intents.form import Ask, Close, Confirm, Step, buttons, choice
from intents.identity import proof_choices, verify_choice
from intents.meaning import Case, Effect, Form, Notice, OpenCase, Reply, Turn, UpdateCase, case_number
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
UNREACHABLE = "phone_unreachable"


def advance(form: Form, turn: Turn) -> tuple[Form, Step]:
    """Waybills, kind of change, what it needs; then who asks is checked, and all is read back."""
    form = _with_kind(form, turn)
    waybills = form.slots.get("waybills") or (turn.conversation.memory.get("waybills") or ())[:1]
    if not waybills:
        return form, Ask(("waybills",), (Reply(say("ask_waybill")),))
    form = replace(form, slots={**form.slots, "waybills": list(waybills)})
    form, step = _of_parcels(form, turn)
    return form, replace(step, memory={"waybills": list(waybills), **step.memory})


def take(form: Form, turn: Turn) -> Form:
    """The form with another kind of change than it began with (那我自己去拿)."""
    found = _named(turn)
    return (
        replace(form, slots={**form.slots, "change": found}) if found and form.slots.get("change") else form
    )


def _named(turn: Turn) -> str:
    """The kind of change in the message; a phone named for a second delivery is a part of that."""
    spec, text = intents()["delivery_change"].form["change"], turn.meaning.text
    named = {kind for kind, words in spec.choices.items() if any(word in text for word in words)}
    return "redelivery" if named == {"redelivery", "phone"} else choice(turn.meaning, spec)


def _of_parcels(form: Form, turn: Turn) -> tuple[Form, Step]:
    unknown = [each for each in form.slots["waybills"] if each not in turn.facts.shipments]
    if unknown:
        return form, Ask(("waybills",), (Reply(say("not_found", waybill=unknown[0])),))
    shipments = _shipments(form, turn)
    finished = [shipment for shipment in shipments if shipment.status in FINISHED]
    if finished:
        text = say(f"finished_{finished[0].status}", waybill=finished[0].waybill)
        return form, Close((Reply(text, proof_choices()[1:]),))
    change = form.slots.get("change")
    if not change:
        choices = buttons(intents()["delivery_change"].form["change"])
        return form, Ask(("change",), (Reply(say("ask_change"), choices),))
    needed = VALUES.get(change)
    if needed and not form.slots.get(needed):
        return form, Ask((needed,), (Reply(say(QUESTIONS[needed])),))
    return _stranger(form, turn, shipments, change) or (form, _read_back(form, turn, shipments))


def complete_form(form: Form, turn: Turn) -> Close:
    """After the yes: the change of each parcel enters the ledger and the network is told."""
    _, step = advance(form, turn)
    if not isinstance(step, Confirm):
        return Close(step.replies, step.effects)
    shipments, orders, numbers = _shipments(form, turn), list[Effect](), list[str]()
    for index, shipment in enumerate(shipments):
        earlier = _earlier(form, shipment.waybill, turn)
        opened = sum(isinstance(order, OpenCase) for order in orders)
        numbers.append(earlier.number if earlier else case_number(opened))
        orders.append(_again(form, turn, earlier) if earlier else _order(form, turn, shipment, index))
    change, value = _change(form, shipments), _value(form, shipments)
    text = say("done", numbers=say("and").join(numbers), change=change, value=value)
    memory = {"case": numbers[0], "waybills": form.slots["waybills"]}
    return Close((Reply(text),), tuple(orders), memory=memory)


def _earlier(form: Form, waybill: str, turn: Turn) -> Case | None:
    """The same change of the same parcel that is not done yet: it is put right, not made twice."""
    return next(
        (
            case
            for case in turn.facts.cases
            if case.kind == "delivery_change"
            and case.mine
            and (case.waybill, case.status) == (waybill, "open")
            and case.outcome.get("change") == form.slots["change"]
        ),
        None,
    )


def _again(form: Form, turn: Turn, earlier: Case) -> UpdateCase:
    said = {name: value for name, value in form.slots.items() if name != "waybills"}
    notice = Notice("network", "changed")
    return UpdateCase(earlier.number, turn.meaning.text, form=said, contact=True, notice=notice)


def _shipments(form: Form, turn: Turn) -> list[Shipment]:
    return [turn.facts.shipments[waybill] for waybill in form.slots["waybills"]]


def _with_kind(form: Form, turn: Turn) -> Form:
    """The kind of change is mostly said in the first message, or by what is given for it."""
    if form.slots.get("change"):
        return form
    found = _named(turn)
    given = [kind for kind, needed in VALUES.items() if form.slots.get(needed)]
    if not found and len(given) == 1 and (given != ["phone"] or "change" in form.asked):
        found = given[0]
    return replace(form, slots={**form.slots, "change": found}) if found else form


def _stranger(form: Form, turn: Turn, shipments: list[Shipment], change: str) -> tuple[Form, Step] | None:
    """What changes a shipment needs a party to it, or a person of ours who checks (rules: identity).

    The form stays open: for the person, and for a phone that the channel proves later.
    """
    phone = turn.conversation.verified_phone
    stranger = not all(shipment.is_party(phone) for shipment in shipments)
    sender = all(phone == shipment.sender.phone for shipment in shipments)
    if not stranger and (change not in SENDER_ONLY or sender):
        return None
    reason = "needs_party" if stranger else "needs_sender"
    choices = (verify_choice(),) if stranger else ()
    if reason in form.told:
        return form, Ask(("verified",), (Reply(say("noted"), choices),))
    reply, ask = queued(turn, "rule")
    form = replace(form, told=(*form.told, reason))
    return form, Ask(("verified",), (Reply(say(reason), choices), reply), (ask,))


def _read_back(form: Form, turn: Turn, shipments: list[Shipment]) -> Step:
    change = form.slots["change"]
    if change in ("redelivery", "phone"):
        free = change == "phone" or all(_is_free(shipment) for shipment in shipments)
        fee = say("free") if free else say("charged", fee=turn.knowledge.services.redelivery_fee)
    else:
        fee = say("manual_fee")
    waybills = say("and").join(shipment.waybill for shipment in shipments)
    text = say(
        "confirm",
        waybills=waybills,
        change=_change(form, shipments),
        value=_value(form, shipments),
        fee=fee,
        hint=_hint(form, shipments),
    )
    return Confirm((Reply(text, (say("yes_button"), say("no_button"))),))


def _is_free(shipment: Shipment) -> bool:
    """The second delivery is (二次免费派送); so is a first one at a time that suits."""
    left = shipment.free_redeliveries_left
    return left is None or left > 0 or not _attempts(shipment)


def _change(form: Form, shipments: list[Shipment]) -> str:
    change = form.slots["change"]
    first = change == "redelivery" and not any(_attempts(shipment) for shipment in shipments)
    return say("change_time" if first else f"change_{change}")


def _value(form: Form, shipments: list[Shipment]) -> str:
    """What is asked for; a delivery at a certain time has the phone that will be called."""
    slots = form.slots
    match slots["change"]:
        case "address":
            return str(Place.from_slot(slots["destination"]))
        case "phone":
            return masked(slots["phone"])
        case "redelivery":
            phones = {slots.get("phone") or shipment.receiver.phone: None for shipment in shipments}
            shown = say("and").join(masked(phone) for phone in phones)
            return say("time_and_phone", slot=slots["wished_time"], phone=shown)
    return ""


def _hint(form: Form, shipments: list[Shipment]) -> bool:
    """A second delivery to a phone that nobody answers would fail again."""
    reasons = {event.reason for shipment in shipments for event in shipment.events[-1:]}
    return form.slots["change"] == "redelivery" and not form.slots.get("phone") and UNREACHABLE in reasons


def _order(form: Form, turn: Turn, shipment: Shipment, index: int) -> OpenCase:
    change = form.slots["change"]
    return OpenCase(
        kind="delivery_change",
        status="open",
        form={**form.slots, "waybills": [shipment.waybill]},
        outcome={
            "change": change,
            "free": change != "redelivery" or _is_free(shipment),
            "attempt": _attempts(shipment) + 1,
        },
        waybill=shipment.waybill,
        customer={"phone": turn.conversation.verified_phone or "", "returning": False},
        deadlines={"answer": complaint_answer_due(turn.now)},
        notice=Notice("network", "new"),
        form_id=f"{form.id[:28]}{index:04}",
    )


def _attempts(shipment: Shipment) -> int:
    return sum(event.code == "failed_delivery" for event in shipment.events)

"""An existing booking changed or cancelled until it is collected (rules: booking, time)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from faq.place import Place
from faq.service_hours import Window, check_pickup
from intents.form import Ask, Close, Confirm, Step, choice, merged, on_same_day
from intents.meaning import Case, Form, Notice, Reply, Turn, UpdateCase
from intents.normalise import normalise
from intents.pickup_booking.addresses import place_of
from intents.pickup_booking.goods import check_goods
from intents.pickup_booking.price import order_outcome, order_price
from intents.queue_words import queued
from intents.registry import intents
from intents.wanted import ABOUT_BOOKING, JOINS
from intents.wording import wording

say = wording("pickup_change")

CHANGEABLE = frozenset({"confirmed", "dispatched"})
FIELDS = ("pickup_time", "origin", "destination", "name", "phone", "weight_kg", "pieces", "goods", "payer")
PRICED = frozenset({"origin", "destination", "weight_kg", "pieces"})
"""What a change of changes the price."""
MAX_SHOWN = 4


def take(form: Form, turn: Turn) -> Form:
    """A cancel or a payment change may be said at any time; a cancel drops every other change."""
    spec = intents()["pickup_change"].form
    if turn.meaning.intent == "affirm":
        return form
    said = {name: choice(turn.meaning, spec[name]) for name in ("cancelled", "payer")}
    found = {name: value for name, value in said.items() if value}
    if "cancelled" in found:
        return replace(form, slots={"number": form.slots.get("number", ""), "cancelled": "yes"})
    return replace(form, slots={**form.slots, **found})


def advance(form: Form, turn: Turn) -> tuple[Form, Step]:
    """Find the booking, take the change, read it back."""
    bookings = [
        case for case in turn.facts.cases if case.mine and case.kind == "pickup" and case.status in CHANGEABLE
    ]
    form = _without_picked(form, turn, bookings)
    booking = _booking(form, turn, bookings)
    if not bookings:
        return form, Close((Reply(say("none"), (say("human"),)),))
    if booking is None:
        choices = tuple(_choice(case) for case in bookings[:MAX_SHOWN])
        return form, Ask(("number",), (Reply(say("which"), choices),))
    form = replace(form, slots={**form.slots, "number": booking.number})
    shown = {"number": booking.number, **_shown(booking)}
    if form.slots.get("cancelled"):
        return form, Confirm((Reply(say("confirm_cancel", **shown), (say("confirm"), say("keep"))),))
    changes = _changes(form)
    if not changes and ABOUT_BOOKING.search(turn.meaning.text):
        return form, Close((Reply(say("stands", **shown), (say("new_time"), say("cancel"))),))
    if not changes:
        text = say("ask_what", **shown)
        return form, Ask(FIELDS, (Reply(text, (say("new_time"), say("cancel"))),))
    form, notes = _possible_time(_laid_over(form, booking, turn), turn)
    if form.slots.get("added") and not form.slots.get("weight_kg"):
        return form, Ask(("weight_kg",), (Reply(say("ask_weight", goods=form.slots["goods"])),))
    order = changed_order(form, booking)
    refused = _refused(order, turn)
    if refused is not None:
        return form, refused
    price = order_price(order, turn)
    text = say(
        "confirm_change",
        number=booking.number,
        changes=_changes(form),
        fee=price.total if price and set(form.slots) & PRICED else None,
    )
    return form, Confirm((*notes, Reply(text, (say("confirm"), say("keep")))))


def complete_form(form: Form, turn: Turn) -> Close:
    """After the yes: the case is changed and the courier is told again."""
    number = form.slots["number"]
    if form.slots.get("cancelled"):
        order = UpdateCase(number, "cancelled", "cancelled", notice=Notice("courier", "cancelled"))
        return Close((Reply(say("cancelled", number=number)),), (order,), memory={"case": number})
    changed = {name: form.slots[name] for name in FIELDS if form.slots.get(name)}
    booking = next(case for case in turn.facts.cases if case.number == number)
    order = UpdateCase(
        number,
        "changed: " + ", ".join(changed),
        form=changed,
        outcome=order_outcome(changed_order(form, booking), turn),
        notice=Notice("courier", "changed"),
    )
    reply = say("changed", number=number, slot=changed.get("pickup_time"))
    return Close((Reply(reply),), (order,), memory={"case": number})


def changed_order(form: Form, booking: Case) -> Form:
    """The order as it will be."""
    changed = {name: form.slots[name] for name in FIELDS if form.slots.get(name)}
    return Form(form.id, "pickup_booking", {**booking.form, **changed})


def _laid_over(form: Form, booking: Case, turn: Turn) -> Form:
    """文三路92号 keeps the city of the order, 改成下午 its day."""
    slots = dict(form.slots)
    for name in ("origin", "destination"):
        if slots.get(name):
            slots[name] = merged(booking.form.get(name), slots[name])
    given = turn.meaning.slots
    if "goods" in given and JOINS.search(turn.meaning.text):
        slots["goods"] = f"{booking.form.get('goods')}、{given['goods']}"
        slots["pieces"] = int(booking.form.get("pieces") or 1) + int(given.get("pieces") or 1)
        slots["added"] = "yes"
    if "pickup_time" in given:
        slots["pickup_time"] = on_same_day(
            booking.form.get("pickup_time"), slots["pickup_time"], turn.meaning.text
        )
    return replace(form, slots=slots)


def _refused(order: Form, turn: Turn) -> Close | None:
    """New goods or places that we do not take leave the booking as it was."""
    goods = check_goods(order, turn.knowledge)
    if goods.prohibited:
        return Close((Reply(goods.refusal()), Reply(say("kept"))))
    if goods.question or order_price(order, turn) is None or not _covered(order, turn):
        reply, ask = queued(turn, "rule")
        return Close((Reply(say("by_person")), reply), (ask,))
    return None


def _covered(order: Form, turn: Turn) -> bool:
    """Whether the changed order stays with the carrier that it was booked with."""
    areas = turn.knowledge.areas
    collected = areas.check(place_of(order, "origin")).pickup
    return collected and areas.check(place_of(order, "destination")).deliver


def _booking(form: Form, turn: Turn, bookings: list[Case]) -> Case | None:
    if len(bookings) == 1:
        return bookings[0]
    wanted = form.slots.get("number") or ""
    named = [case for case in bookings if case.number == wanted or case.number in turn.meaning.text]
    return named[0] if named else None


def _without_picked(form: Form, turn: Turn, bookings: list[Case]) -> Form:
    """A booking picked from the list is no change: the goods and the time in its line are the old ones."""
    text = turn.meaning.text
    if "number" not in form.asked or text not in {normalise(_choice(case)) for case in bookings}:
        return form
    return replace(form, slots={name: v for name, v in form.slots.items() if name not in turn.meaning.slots})


def _possible_time(form: Form, turn: Turn) -> tuple[Form, list[Reply]]:
    wished = form.slots.get("pickup_time")
    if not wished:
        return form, []
    window = Window(datetime.fromisoformat(wished["start"]), datetime.fromisoformat(wished["end"]))
    check = check_pickup(window, turn.now, turn.knowledge.pickup)
    if check.ok:
        return form, []
    slot = {"start": check.window.start.isoformat(), "end": check.window.end.isoformat()}
    form = replace(form, slots={**form.slots, "pickup_time": slot})
    return form, [Reply(say("moved_time", slot=slot))]


def _changes(form: Form) -> list[tuple[str, str]]:
    return [(say(f"field_{name}"), _value(name, form.slots[name])) for name in FIELDS if form.slots.get(name)]


def _value(name: str, value: Any) -> str:
    if name == "pickup_time":
        return say("slot", slot=value)
    if name in ("origin", "destination"):
        return str(Place.from_slot(value))
    if name == "payer":
        return say(f"payer_{value}")
    return f"{value:g}" if isinstance(value, float) else str(value)


def _shown(booking: Case) -> dict[str, Any]:
    return {"goods": booking.form.get("goods") or "", "slot": booking.form["pickup_time"]}


def _choice(booking: Case) -> str:
    return say("choice", number=booking.number, **_shown(booking))

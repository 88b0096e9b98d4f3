"""The two addresses: each must mean one place and name the city, the pickup address also the door."""

from __future__ import annotations

from faq.divisions import complete
from faq.place import Place
from intents.form import Ask, Step
from intents.meaning import Form, Reply, Slots, Turn
from intents.pickup_booking.words import say

MAX_CANDIDATES = 4


def place_of(form: Form, name: str) -> Place:
    return Place.from_slot(form.slots.get(name) or {})


def address_step(form: Form, turn: Turn, name: str) -> Step | None:
    """Ask for what an address lacks; where both are unknown they are one question."""
    place = place_of(form, name)
    if place == Place():
        both = not form.slots.get("origin") and not form.slots.get("destination")
        choices = _last_address(turn) if name == "origin" or both else ()
        if both:
            return Ask(("origin", "destination"), (Reply(say("ask_both_addresses"), choices),))
        return Ask((name,), (Reply(say(f"ask_{name}"), choices),))
    readings = complete(place)
    if len(readings) > 1:
        return _which(name, place, readings)
    if not (place.province or place.city or place.district):
        return Ask((name,), (Reply(say(f"ask_{name}")),))
    if name == "origin" and not place.detail:
        return Ask((name,), (Reply(say("ask_origin_detail", area=place.area)),))
    return None


def _which(name: str, place: Place, readings: tuple[Place, ...]) -> Step:
    """Ask back an ambiguous place; a bare province is asked for its city instead."""
    if place.city == "" and place.district == "":
        return Ask((name,), (Reply(say("ask_destination_detail", area=place.area)),))
    choices = tuple(reading.area for reading in readings[:MAX_CANDIDATES])
    return Ask((name,), (Reply(say(f"which_{name}", said=place.area), choices),))


def _last_address(turn: Turn) -> tuple[str, ...]:
    customer = turn.facts.customer
    book = customer.address_book if customer else ()
    last = book[0].get("address") if book else last_order(turn).get("origin")
    return (say("last_address", place=Place.from_slot(last)),) if last else ()


def last_order(turn: Turn) -> Slots:
    """The last order of this conversation or its verified phone, empty where there is none."""
    orders = (case.form for case in turn.facts.cases if case.mine and case.kind == "pickup")
    return next(orders, {})

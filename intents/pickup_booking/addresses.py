"""The two addresses: each must mean one place and name the city, the pickup address also the door."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from faq.divisions import complete
from faq.place import Place
from intents.form import Ask, Step
from intents.meaning import Form, Reply, Slots, Turn
from intents.pickup_booking.words import say

MAX_CANDIDATES = 4
MAX_RECEIVERS = 2
USUAL = re.compile(
    r"老地[方址]|老位置|(?:上次|上回|之前|以前|原来|平时|常用)的?那?个?(?:取件|寄件)?(?:地址|地方)|还是那里"
)


def place_of(form: Form, name: str) -> Place:
    return Place.from_slot(form.slots.get(name) or {})


def address_step(form: Form, turn: Turn, name: str) -> Step | None:
    """Ask for what an address lacks; where both are unknown they are one question."""
    place = place_of(form, name)
    if place == Place():
        both = not form.slots.get("origin") and not form.slots.get("destination")
        if both:
            asked = ("origin", "destination")
            return Ask(asked, (Reply(say("ask_both_addresses"), _offered(turn, asked)),))
        return Ask((name,), (Reply(say(f"ask_{name}"), _offered(turn, (name,))),))
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


def _offered(turn: Turn, names: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses that a known customer used before, as buttons."""
    offered: list[str] = []
    own = _own_addresses(turn)
    if "origin" in names and own:
        offered.append(say("last_address", place=own[0]))
    if "destination" in names:
        offered += [say("to_receiver", **entry) for entry in _receivers(turn)[:MAX_RECEIVERS]]
    return tuple(offered)


def take_known(form: Form, turn: Turn) -> Form:
    """老地方取 is where the last parcel was collected, 寄给李梅 her address in the book."""
    text, slots = turn.meaning.text, dict(form.slots)
    own = _own_addresses(turn)
    if own and not slots.get("origin") and USUAL.search(text):
        slots["origin"] = own[0].to_slot()
    for entry in _receivers(turn):
        named = re.search(rf"(?:给|收件人|收货人|到|发)[^,。]{{0,3}}{re.escape(entry['name'])}", text)
        if named and "destination" not in turn.meaning.slots:
            slots["destination"] = entry["place"].to_slot()
            slots["receiver_name"] = entry["name"]
            slots |= {"receiver_phone": entry["phone"]} if entry["phone"] else {}
    return replace(form, slots=slots)


def _own_addresses(turn: Turn) -> list[Place]:
    """Where the customer's parcels were collected: from the book, else from the last order."""
    customer = turn.facts.customer
    book = customer.address_book if customer else ()
    mine = [entry for entry in book if customer and entry.get("name") in (None, "", customer.name)]
    kept = [*mine, *book][:1]
    said = [entry.get("address") for entry in kept] or [last_order(turn).get("origin")]
    return [Place.from_slot(each) for each in said if each]


def _receivers(turn: Turn) -> list[dict[str, Any]]:
    """Those to whom the customer sends: the others of the book, and the receiver of the last order."""
    customer, last = turn.facts.customer, last_order(turn)
    entries = [
        (e.get("name"), e.get("phone"), e.get("address")) for e in (customer.address_book if customer else ())
    ]
    entries.append((last.get("receiver_name"), last.get("receiver_phone"), last.get("destination")))
    own = customer.name if customer else last.get("name")
    known = {
        name: {"name": name, "phone": phone or "", "place": Place.from_slot(address)}
        for name, phone, address in reversed(entries)
        if name and name != own and address
    }
    return list(reversed(known.values()))


def last_order(turn: Turn) -> Slots:
    """The last order of this conversation or its verified phone, empty where there is none."""
    orders = (case.form for case in turn.facts.cases if case.mine and case.kind == "pickup")
    return next(orders, {})

"""Whether we collect and deliver there; where we do not deliver, EMS is offered with its price and days."""

from __future__ import annotations

from faq.place import Place
from faq.price import Rate
from intents.form import Ask, Close, Step, buttons
from intents.meaning import Form, RecordDemand, Reply, Turn
from intents.pickup_booking.addresses import place_of
from intents.pickup_booking.price import order_price
from intents.pickup_booking.words import say
from intents.registry import intents


def coverage_step(form: Form, turn: Turn) -> Step | None:
    """The pickup place first; then the destination, ours or with the customer's yes by EMS."""
    origin, destination = place_of(form, "origin"), place_of(form, "destination")
    knowledge = turn.knowledge
    if not knowledge.areas.check(origin).pickup:
        return _no_pickup(origin, turn)
    coverage = knowledge.areas.check(destination)
    if coverage.deliver:
        return None
    rate = knowledge.rates.find(origin, destination, "EMS")
    if not coverage.ems or rate is None:
        return Close((Reply(say("no_delivery", area=destination.area)),), (RecordDemand(destination.area),))
    if form.slots.get("carrier") == "no":
        declined = RecordDemand(destination.area, "EMS")
        return Close((Reply(say("ems_declined", area=destination.area)),), (declined,))
    if form.slots.get("carrier") == "yes":
        return None
    return _offer_ems(form, turn, rate)


def _no_pickup(origin: Place, turn: Turn) -> Step:
    text = say("no_pickup", area=origin.area, branch=turn.knowledge.branches.serving(origin))
    demand = RecordDemand(origin.area, turn.meaning.text)
    return Ask(("origin",), (Reply(text, (say("cancel"),)),), (demand,))


def _offer_ems(form: Form, turn: Turn, rate: Rate) -> Step:
    price = order_price(form, turn) if form.slots.get("weight_kg") else None
    text = say(
        "no_delivery_ems",
        area=place_of(form, "destination").area,
        first=rate.first,
        first_kg=rate.first_kg,
        add=rate.add_per_kg,
        fee=price.total if price else None,
        days=rate.days,
    )
    return Ask(("carrier",), (Reply(text, buttons(intents()["pickup_booking"].form["carrier"])),))

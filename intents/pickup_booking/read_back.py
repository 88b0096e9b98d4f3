"""The whole order read back before the yes: goods, addresses, time, price and conditions."""

from __future__ import annotations

from decimal import Decimal

from faq.insurance import premium
from faq.price import Quote
from faq.service_hours import Window
from intents.form import Ask, Confirm, Step
from intents.meaning import Form, Reply, Turn
from intents.pickup_booking.addresses import place_of
from intents.pickup_booking.goods import GoodsCheck
from intents.pickup_booking.pickup_time import moved_time, possible_window, slot_of
from intents.pickup_booking.price import breakdown, order_price
from intents.pickup_booking.words import PERSON, say
from intents.queue_words import queued


def read_back(form: Form, turn: Turn, goods: GoodsCheck) -> Step:
    """All that will be ordered; a route without a price goes to a person."""
    price, window = order_price(form, turn), possible_window(form, turn)
    if price is None or window is None:
        return _by_person(form, turn)
    choices = (say("confirm"), say("change"), say("cancel"))
    summary = Reply(_summary(form, goods, price, window), choices)
    return Confirm((*moved_time(form, turn), *_premium_note(form), summary))


def _by_person(form: Form, turn: Turn) -> Step:
    """The order stays open, so that the person who is asked, once, finds all of it."""
    if PERSON in form.told:
        return Ask((), (Reply(say("person_waiting")),))
    reply, ask = queued(turn, "rule")
    return Ask((), (Reply(say("no_rate")), reply), (ask,))


def _premium_note(form: Form) -> tuple[Reply, ...]:
    value = form.slots.get("insured_value")
    if value and premium(Decimal(str(value))).manual:
        return (Reply(say("premium_manual", value=value)),)
    return ()


def _summary(form: Form, goods: GoodsCheck, price: Quote, window: Window) -> str:
    slots = form.slots
    size = slots.get("size_cm")
    receiver = (slots.get("receiver_name"), slots.get("receiver_phone"))
    return say(
        "read_back",
        goods=goods.names,
        pieces=slots.get("pieces") or 1,
        weight=slots["weight_kg"],
        size="×".join(f"{side:g}" for side in size) if size else "",
        origin=place_of(form, "origin"),
        name=slots["name"],
        phone=slots["phone"],
        destination=place_of(form, "destination"),
        receiver=" ".join(filter(None, receiver)),
        slot=slot_of(window),
        total=price.total,
        breakdown=breakdown(price),
        carrier=price.carrier,
        payer=slots.get("payer", ""),
        days=price.days,
        conditions=goods.conditions,
    )

"""Booking a pickup (业务受理): goods, addresses, contact, weight, time; read back; a case after the yes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from faq.service_hours import Window
from intents.form import Ask, Close, Confirm, Step, buttons, missing
from intents.meaning import AskHuman, Form, Notice, OpenCase, Reply, Turn, case_number
from intents.pickup_booking.addresses import address_step, last_order, place_of, take_known
from intents.pickup_booking.coverage import coverage_step
from intents.pickup_booking.goods import check_goods, goods_step, without_refused, without_unclear_answer
from intents.pickup_booking.goods_said import take_goods
from intents.pickup_booking.packing import answer_packing, asks_size, packing_of, take_packing
from intents.pickup_booking.pickup_time import (
    ask_pickup_time,
    keep_correction,
    moved_time,
    possible_window,
    slot_of,
    take_time,
    told_window,
)
from intents.pickup_booking.price import order_outcome, order_price
from intents.pickup_booking.read_back import read_back
from intents.pickup_booking.special import answer_special, take_special
from intents.pickup_booking.words import PERSON, say
from intents.registry import intents
from intents.slots.numbers import NUMBER

EACH = re.compile(rf"每一?[件箱个包袋盒桶瓶]|各(?={NUMBER})|都是(?={NUMBER})")
SAME = re.compile(r"一样|同样|跟上次|和上次|照上次")
HELPERS = frozenset(
    {
        "carrier",
        "weight_known",
        "weight_each",
        "size_known",
        "goods_answer",
        "goods_said",
        "concealed",
        "without_refused",
        "packing_wished",
        "corrected_at",
        "window",
    }
)
"""Keys that serve the form only and are not part of the order."""


def take(form: Form, turn: Turn) -> Form:
    """What only a booking reads in a message: goods with their numbers, the time, special handling."""
    concealed = turn.conversation.memory.get("concealed")
    if concealed and "concealed" not in form.slots:
        form = replace(form, slots={**form.slots, "concealed": concealed})
    form = keep_correction(take_time(take_known(take_goods(form, turn), turn), turn), turn)
    return _with_whole_weight(take_packing(take_special(form, turn), turn), turn)


def advance(form: Form, turn: Turn) -> tuple[Form, Step]:
    """The next question, in the order of the rules, or the read-back."""
    form = _with_customer(without_unclear_answer(without_refused(form, turn.knowledge), turn), turn)
    form, hello = _greeting(form, turn)
    form, notes, demands = answer_special(form, turn)
    goods = check_goods(form, turn.knowledge)
    step = (
        goods_step(form, turn, goods)
        or (_weight_step(form) if "weight_kg" in form.asked else None)
        or address_step(form, turn, "destination")
        or address_step(form, turn, "origin")
        or coverage_step(form, turn)
        or _weight_step(form)
        or _contact_step(form)
        or (ask_pickup_time(turn) if missing(form, ["pickup_time"]) else None)
        or read_back(form, turn, goods)
    )
    if goods.conditions and goods.conditions not in form.told and isinstance(step, Ask):
        notes.append(Reply(goods.told_conditions()))
        form = replace(form, told=(*form.told, goods.conditions))
    if not goods.prohibited:
        form, packing_notes, packing_demands = answer_packing(form, turn)
        notes, demands = [*notes, *packing_notes], (*demands, *packing_demands)
    window = possible_window(form, turn) if isinstance(step, Confirm) else None
    if window:
        # A time that was moved is told once, and is the customer's from then on.
        moved = {"pickup_time": slot_of(window)} if moved_time(form, turn) else {}
        form = replace(form, slots={**form.slots, **moved, "window": slot_of(window)})
    if any(isinstance(effect, AskHuman) for effect in step.effects):
        form = replace(form, told=(*form.told, PERSON))
    return form, replace(step, replies=(*hello, *notes, *step.replies), effects=(*demands, *step.effects))


def complete_form(form: Form, turn: Turn) -> Step:
    """After the yes: the order enters the ledger and the courier is told; not where it no longer holds."""
    window = told_window(form, turn)
    form, step = advance(form, turn)
    price = order_price(form, turn) if isinstance(step, Confirm) else None
    if price is None or window is None:
        return step
    customer = turn.facts.customer
    branch = turn.knowledge.branches.serving(place_of(form, "origin"))
    opened = OpenCase(
        kind="pickup",
        status="confirmed",
        form=_order(form, turn, window),
        outcome=order_outcome(form, turn),
        customer={
            "name": form.slots["name"],
            "phone": form.slots["phone"],
            "returning": bool(customer and customer.returning),
        },
        notice=Notice("courier", "new"),
        form_id=form.id,
    )
    reply = say(
        "booked",
        number=case_number(),
        slot=slot_of(window),
        phone=form.slots["phone"],
        carrier=price.carrier,
        total=price.total,
        branch=branch.name if branch else "",
    )
    return Close((Reply(reply),), (opened,), memory={"case": case_number(), "concealed": None})


def _order(form: Form, turn: Turn, window: Window) -> dict[str, Any]:
    order = {key: value for key, value in form.slots.items() if key not in HELPERS}
    if packing := packing_of(form, turn):
        order["packing"] = [each.name for each in packing]
    return {"pieces": 1, **order, "pickup_time": slot_of(window)}


def _with_whole_weight(form: Form, turn: Turn) -> Form:
    """每箱6公斤 is of one piece; the order keeps the weight of all."""
    slots = dict(form.slots)
    if "weight_kg" in turn.meaning.slots:
        slots.pop("weight_each", None)
        if EACH.search(turn.meaning.text):
            slots["weight_each"] = turn.meaning.slots["weight_kg"]
    if "weight_each" in slots:
        slots["weight_kg"] = slots["weight_each"] * int(slots.get("pieces") or 1)
    return replace(form, slots=slots)


def _with_customer(form: Form, turn: Turn) -> Form:
    """What is known is not asked again: the name and phone of a returning customer, or of the last order."""
    customer, phone = turn.facts.customer, turn.conversation.verified_phone
    last = last_order(turn)
    known: dict[str, Any] = {}
    if not form.slots.get("name") and not form.slots.get("phone"):
        known = {name: last[name] for name in ("name", "phone") if last.get(name)}
    if last.get("goods") and SAME.search(turn.meaning.text):
        known["goods"] = last["goods"]
    if customer and customer.name and not form.slots.get("phone"):
        known["name"] = customer.name
    if phone:
        known["phone"] = phone
    return replace(form, slots={**known, **form.slots})


def _greeting(form: Form, turn: Turn) -> tuple[Form, list[Reply]]:
    """A proved phone with an earlier order, in the company's books or in ours, is greeted as such."""
    customer = turn.facts.customer
    ordered = turn.conversation.verified_phone and last_order(turn)
    if "hello" in form.told or not ((customer and customer.returning) or ordered):
        return form, []
    name = customer.name if customer else form.slots["name"]
    hello = say("hello_returning", name=name, company=turn.knowledge.company)
    return replace(form, told=(*form.told, "hello")), [Reply(hello)]


def _weight_step(form: Form) -> Step | None:
    """The weight, and the size of what is heavy."""
    slots = form.slots
    if missing(form, ["weight_kg"]):
        key = "ask_weight_rough" if slots.get("weight_known") else "ask_weight"
        return Ask(("weight_kg", "weight_known"), (Reply(say(key)),))
    if not asks_size(form):
        return None
    choices = buttons(intents()["pickup_booking"].form["size_known"])
    return Ask(("size_cm", "size_known"), (Reply(say("ask_size"), choices),))


def _contact_step(form: Form) -> Step | None:
    lacks = missing(form, ["name", "phone"])
    key = "contact" if len(lacks) == 2 else "".join(lacks)
    return Ask(lacks, (Reply(say(f"ask_{key}")),)) if lacks else None

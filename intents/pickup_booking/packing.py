"""Packing: what the customer wishes of what we sell, and advice for goods that are bulky."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml

from faq.packaging import PackingAdvice, advise, needs_advice
from faq.services import Packing
from intents.form import QUESTION
from intents.meaning import Effect, Form, RecordDemand, Reply, Turn
from intents.pickup_booking.special import with_slot
from intents.pickup_booking.words import say

HEAVY_KG = 20
"""From here the size is asked for (rules: booking)."""
ADVISED = "packing_advice"
"""Among what was told in a form."""
TO_ASSESS = "packing_assessed"
WISHED = re.compile(
    r"(?:要|需要|想要|帮[我忙]?|给我?|请|麻烦|让)[^,。不]{0,5}(?:包装|打包|装箱|包一下|包好)|(?:包装|打包)(?:一下|吧|好再)"
)
REFUSED = re.compile(
    r"(?:不用|不要|不需要?|无需|别|甭)[^,。]{0,5}(?:包|木架|纸箱|箱子)|(?:自己|已经?|都)[^,。]{0,3}(?:包|装箱|打包)|包好了|打好包"
)
ASKED = r"(?:要|用|打|加|配|来|买|给|换)[^,。]{{0,5}}{0}|{0}[^,。]{{0,3}}(?:来|要|包装|加固)"


@cache
def _words() -> Mapping[str, list[str]]:
    words: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("packing.yaml").read_text("utf-8"))
    return words


def take_packing(form: Form, turn: Turn) -> Form:
    """Packing as the message wishes or refuses it; a question is no wish."""
    text = turn.meaning.text
    if turn.meaning.intent == "faq" or QUESTION.search(text):
        return form
    if REFUSED.search(text):
        return with_slot(with_slot(form, "packing", None), "packing_wished", "no")
    goods = str(turn.meaning.slots.get("goods") or "")
    wished = list(form.slots.get("packing", ()))
    named = [name for name, words in _words().items() if any(_asks_for(word, text, goods) for word in words)]
    form = with_slot(form, "packing", list(dict.fromkeys([*wished, *named])))
    if not named and WISHED.search(text):
        form = with_slot(form, "packing_wished", "yes")
    return form


def answer_packing(form: Form, turn: Turn) -> tuple[Form, list[Reply], tuple[Effect, ...]]:
    """What is wished told with its fee, what we do not sell kept as a demand, and advice for bulky goods."""
    notes: list[Reply] = []
    demands: list[Effect] = []
    sold: list[str] = []
    for name in form.slots.get("packing", ()):
        packing = _sold(name, turn)
        if packing is None:
            notes.append(Reply(say("packing_refused", name=name)))
            demands.append(RecordDemand(name, turn.meaning.text))
            continue
        sold.append(packing.name)
        if packing.name not in form.told:
            notes.append(Reply(say("packing_noted", packing=packing)))
            form = replace(form, told=(*form.told, packing.name))
    form = with_slot(form, "packing", sold)
    if _fits_none(form, turn):
        form = replace(form, told=(*form.told, TO_ASSESS))
        return form, [*notes, Reply(say("packing_assessed"))], (*demands, RecordDemand(say("packing_name")))
    form, advice = _advice(form, turn)
    return form, [*notes, *advice], tuple(demands)


def packing_of(form: Form, turn: Turn) -> tuple[Packing, ...]:
    """The packing that an order has: what was named, else what suits where packing was wished."""
    named = (_sold(name, turn) for name in form.slots.get("packing", ()))
    chosen = tuple(packing for packing in named if packing)
    if chosen or form.slots.get("packing_wished") != "yes":
        return chosen
    return _advised(form, turn).offers


def asks_size(form: Form) -> bool:
    """Whether goods are so heavy that their size is wanted, and it was not said yet."""
    slots = form.slots
    sized = slots.get("size_cm") or slots.get("volume_m3") or slots.get("size_known")
    return float(slots["weight_kg"]) > HEAVY_KG and not sized


def _fits_none(form: Form, turn: Turn) -> bool:
    """Whether packing is wished for goods that nothing we sell fits, which was not told yet."""
    slots = form.slots
    known = slots.get("goods") and slots.get("weight_kg") and not asks_size(form)
    wished = slots.get("packing_wished") == "yes" and TO_ASSESS not in form.told
    return bool(known and wished) and not packing_of(form, turn)


def _advice(form: Form, turn: Turn) -> tuple[Form, list[Reply]]:
    """Once, for goods that are bulky or fragile, when their weight is known and their size if it is asked."""
    slots = form.slots
    ready = slots.get("goods") and slots.get("weight_kg") and not asks_size(form)
    if ADVISED in form.told or slots.get("packing_wished") == "no" or not ready:
        return form, []
    if not needs_advice(str(slots["goods"]), _size(form), Decimal(str(slots["weight_kg"]))):
        return form, []
    form = replace(form, told=(*form.told, ADVISED))
    if packing_of(form, turn):
        return form, []
    advice = _advised(form, turn)
    return form, [Reply(say("packing_advice", tips=advice.tips, offers=advice.offers))]


def _advised(form: Form, turn: Turn) -> PackingAdvice:
    slots = form.slots
    each = Decimal(str(slots.get("weight_kg") or 0)) / int(slots.get("pieces") or 1)
    return advise(str(slots.get("goods") or ""), _size(form), each, turn.knowledge.services)


def _size(form: Form) -> list[Decimal] | None:
    size = form.slots.get("size_cm")
    return [Decimal(str(side)) for side in size] if size else None


def _asks_for(word: str, text: str, goods: str) -> bool:
    return word not in goods and re.search(ASKED.format(word), text) is not None


def _sold(name: str, turn: Turn) -> Packing | None:
    return next((each for each in turn.knowledge.services.packing if each.name.startswith(name)), None)

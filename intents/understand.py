"""Text and the time it was said → Meaning: normalise, find slots, classify, name the kind."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from faq import segment
from intents.classify import classify, load_model
from intents.goods import with_goods
from intents.kinds import kinds
from intents.meaning import Meaning
from intents.normalise import normalise
from intents.roles import with_roles
from intents.slots import PLACES, Reading, read
from intents.slots.when import wished_time

UNTIMED = frozenset({"complaint", "claim", "case_progress", "tracking_query", "faq", "smalltalk"})
"""Wishes in which a time tells a story or asks about a journey; nobody shall come at it."""
WORDLESS = frozenset({"smalltalk", "out_of_scope"})
"""Labels with nothing that the desk could act on, so no slot belongs to them."""
SURE = 0.6
"""A question after a journey that is less sure keeps its time: inside a form 能不能后天来 is an answer."""
VALUE_CONFIDENCE = 0.99
"""A message of nothing but values is an answer by rule."""


def start() -> None:
    """Load the model and every table, so that no customer waits for it; StaleModel as classify says.

    What is loaded then is never garbage, and the collector need not walk it in the middle of a message.
    """
    segment.start()
    load_model()
    understand("寄书3公斤,13800138000", datetime.fromisoformat("2026-01-05T10:00:00+08:00"))
    gc.collect()
    gc.freeze()


def understand(text: str, now: datetime) -> Meaning:
    """What a message says. `now` is aware; times in the slots are worked out from it in Asia/Shanghai.

    Slots are kept where the label is uncertain (out_of_scope): inside a form they may be the answer.
    """
    return analyse(text, now)[0]


def analyse(text: str, now: datetime) -> tuple[Meaning, Reading]:
    """As `understand`, with where in the message each slot was found."""
    plain = normalise(text)
    reading = with_goods(read(text, now))
    if reading.only_values:
        return Meaning(plain, "inform", VALUE_CONFIDENCE, (), reading.slots), reading
    intent, confidence, also = classify(plain)
    reading = with_roles(reading, (intent, *also))
    slots = _timed(plain, reading, {intent, *also}, now)
    unsure = intent == "tracking_query" and confidence < SURE
    if {intent, *also} <= UNTIMED and not unsure:
        slots.pop("pickup_time", None)
    return Meaning(plain, intent, confidence, also, {**slots, **kinds(plain, intent)}), reading


def _timed(text: str, reading: Reading, wishes: set[str], now: datetime) -> dict[str, Any]:
    """The slots with the time that fits the wishes: the courier's visit, or that of a redelivery."""
    slots = dict(reading.slots)
    if "delivery_change" in wishes and "pickup_time" not in slots:
        for place in (words for name in PLACES for words in reading.said.get(name, ())):
            text = text.replace(normalise(place), "", 1)  # The 1号 of 星湖街1号 is no day.
        if wished := wished_time(text, now):
            slots["pickup_time"] = wished
    return slots


def labelled(meaning: Meaning) -> Mapping[str, Any]:
    """The slots as docs/labels.md counts them: none where the desk has nothing to do, no redelivery time."""
    wishes = {meaning.intent, *meaning.also}
    if wishes <= WORDLESS:
        return {}
    redelivery = meaning.intent == "delivery_change" and not wishes & {"pickup_booking", "pickup_change"}
    untimed = redelivery or wishes <= UNTIMED
    return {name: value for name, value in meaning.slots.items() if not (untimed and name == "pickup_time")}

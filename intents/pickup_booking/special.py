"""Special handling (冷链, 送货上楼), insurance and who pays, as the customer wishes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from faq.services import Services
from intents.form import choice
from intents.meaning import Effect, Form, RecordDemand, Reply, Turn
from intents.pickup_booking.words import say
from intents.registry import intents

NOT_WISHED = r"(?:不要|不用|不需要?|别|取消|去掉|无需|不){}"
INSURANCE = "保价"


@cache
def _words() -> Mapping[str, list[str]]:
    words: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("special.yaml").read_text("utf-8"))
    return words


def take_special(form: Form, turn: Turn) -> Form:
    """Services, insurance and payer as the message wishes or refuses them; a question is no wish."""
    text = turn.meaning.text
    if turn.meaning.intent == "faq":
        return form
    wished = [name for name in form.slots.get("special", ()) if not _is_refused(_words_for(name), text)]
    named = [name for name in _named(text, turn.knowledge.services) if name not in wished]
    form = with_slot(form, "special", [*wished, *named])
    if _is_refused([INSURANCE], text):
        form = with_slot(form, "insured_value", None)
    payer = choice(turn.meaning, intents()["pickup_booking"].form["payer"])
    return with_slot(form, "payer", payer) if payer else form


def answer_special(form: Form, turn: Turn) -> tuple[Form, list[Reply], tuple[Effect, ...]]:
    """Each new wish told with its fee; one that we do not offer is taken out, and kept as a demand."""
    notes: list[Reply] = []
    demands: list[Effect] = []
    offered: list[str] = []
    for name in form.slots.get("special", ()):
        service = turn.knowledge.services.special_named(name)
        if service and service.offered:
            offered.append(name)
        if name in form.told:
            continue
        form = replace(form, told=(*form.told, name))
        if service and service.offered:
            notes.append(Reply(say("special_offered", name=name, fee=service.fee, per=service.per)))
        else:
            notes.append(Reply(say("special_refused", name=name, suggest=service.suggest if service else "")))
            demands.append(RecordDemand(name, turn.meaning.text))
    return with_slot(form, "special", offered), notes, tuple(demands)


def _words_for(name: str) -> list[str]:
    return _words().get(name, [name])


def _named(text: str, services: Services) -> list[str]:
    """The kinds of special handling that a message wishes, by our own words and the courier's names."""
    known = dict.fromkeys([*(service.name for service in services.special), *_words()])
    return [
        name
        for name in known
        if any(word in text for word in _words_for(name)) and not _is_refused(_words_for(name), text)
    ]


def _is_refused(words: Iterable[str], text: str) -> bool:
    return any(re.search(NOT_WISHED.format(word), text) for word in words)


def with_slot(form: Form, name: str, value: Any) -> Form:
    """The form with a slot set, or without it where the value is empty."""
    slots = {**form.slots, name: value} if value else {k: v for k, v in form.slots.items() if k != name}
    return replace(form, slots=slots)

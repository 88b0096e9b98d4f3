"""The goods of an order checked one by one: refused, carried under conditions, or asked about."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from faq.knowledge import Knowledge
from faq.prohibited_goods import GoodsCatalogue, GoodsVerdict
from intents.form import ADDS, Ask, Close, Step, missing
from intents.meaning import Form, Reply, Turn
from intents.normalise import normalise
from intents.pickup_booking.words import PERSON, say
from intents.queue_words import queued
from intents.slots.numbers import NUMBER
from intents.slots.quantity import find_pieces

SEVERAL = re.compile(r"[、，,;；/]|和|以及|还有|加(?=[^热])")
AMOUNT = rf"{NUMBER}\s?[^\d\s,，。、]{{1,3}}"
BEFORE = r"[^\s,，。、;；和跟与及]{0,10}"
"""What stands before an article in its clause: its number, and words that decide (散装, 自酿)."""
NEXT = re.compile(
    rf"[ ,，]?(?:{NUMBER}\s?[^\d\s,，。、和跟与及]{{1,2}})?"
    rf"(?:[、;；/和跟与及加]|还有|以及|外加|[,，](?={NUMBER}))(?:{NUMBER}\s?[^\d\s]{{1,2}}?)?(?=(?P<rest>.{{1,12}}))"
)
"""From one article to the next: its number behind it, the link, and the number of the next."""
MAX_ASKED = 2
"""Unclear answers about goods after which a person decides."""


@dataclass(frozen=True)
class GoodsCheck:
    """The verdicts on all goods of a form, in the order they were named."""

    names: str
    verdicts: tuple[tuple[str, GoodsVerdict], ...]

    def _by(self, verdict: str) -> list[tuple[str, GoodsVerdict]]:
        return [(name, found) for name, found in self.verdicts if found.verdict == verdict]

    @property
    def prohibited(self) -> bool:
        return bool(self._by("prohibited"))

    @property
    def question(self) -> str:
        return next((found.question for _, found in self._by("ask")), "")

    @property
    def all_conditions(self) -> tuple[str, ...]:
        return tuple(line for _, found in self._by("restricted") for line in found.conditions)

    @property
    def conditions(self) -> str:
        return "；".join(self.all_conditions)

    @property
    def reference(self) -> str:
        return next((found.reference for _, found in self._by("restricted") if found.reference), "")

    def told_conditions(self) -> str:
        names = "、".join(name for name, _ in self._by("restricted"))
        return say("conditions", goods=names, conditions=self.conditions, reference=self.reference)

    def refusal(self) -> str:
        """The refusal names category and law of each forbidden article, and what to do instead."""
        refused = self._by("prohibited")
        if len(refused) == 1:
            name, found = refused[0]
            return say(
                "prohibited",
                goods=name,
                category=found.category,
                reference=found.reference,
                suggest=found.suggest,
            )
        reasons = "".join(
            say("refusal_reason", goods=name, category=found.category, reference=found.reference)
            for name, found in refused
        )
        return say("prohibited_several", goods="、".join(name for name, _ in refused), reasons=reasons)

    def outcome(self) -> dict[str, Any]:
        """The check as the contract shows it on a case; an attempt to conceal is noted for staff."""
        worst = max((found for _, found in self.verdicts), key=lambda found: found.rank)
        return {
            "verdict": worst.verdict,
            "category": worst.category,
            "conditions": list(self.all_conditions),
            "reference": worst.reference,
            "concealed": any(found.obfuscated for _, found in self.verdicts),
        }


def take_goods(form: Form, turn: Turn) -> Form:
    """Keep how the goods were said, with their quantity, and the goods that were named behind the first."""
    named = str(turn.meaning.slots.get("goods") or "")
    said = str(form.slots.get("goods") or "")
    if not named or not said.endswith(named) or turn.meaning.intent == "faq":
        return form
    text = turn.meaning.text
    names = [normalise(named), *_following(normalise(named), text, turn.knowledge.goods)]
    slots = {**form.slots, "goods": "、".join([said, *names[1:]])}
    phrases = {name: _phrase(name, text) for name in (*names, *_articles(names[0]))}
    slots["goods_said"] = {**form.slots.get("goods_said", {}), **phrases}
    counts = [int(found.value) for name in names for found in find_pieces(phrases[name]) if found.role]
    if len(counts) > 1:
        slots["pieces"] = sum(counts)
    if ADDS.search(text) and said != named and "weight_kg" not in turn.meaning.slots:
        slots.pop("weight_kg", None)
    return replace(form, slots=slots)


def _following(name: str, text: str, catalogue: GoodsCatalogue) -> list[str]:
    """The known goods that a message lists behind an article: 两箱茶叶和一箱白酒."""
    found: list[str] = []
    at = text.find(name)
    while at >= 0 and (link := NEXT.match(text, at + len(name))):
        known = catalogue.find(link["rest"])
        if not known or not link["rest"].startswith(known[0]):
            break
        name, at = known[0], link.end()
        found.append(name)
    return found


def _phrase(name: str, text: str) -> str:
    """An article as it stands in the message, with its number: 三条中华, 香烟三条."""
    article = re.escape(name)
    found = re.search(rf"{BEFORE}{article}", text)
    if found and not re.search(NUMBER, found[0]):
        found = re.search(rf"{BEFORE}{article}[ ,，]?{AMOUNT}", text) or found
    return found[0] if found else name


def _articles(said: str) -> list[str]:
    return [name for name in SEVERAL.split(said) if name.strip()] or [said]


def check_goods(form: Form, knowledge: Knowledge) -> GoodsCheck:
    """Judge each article of the `goods` slot, with its quantity and the answer to a question about it."""
    said = str(form.slots.get("goods") or "")
    verdicts = tuple((name, _verdict(name, form, knowledge.goods)) for name in _articles(said))
    return GoodsCheck(said, verdicts)


def _verdict(name: str, form: Form, catalogue: GoodsCatalogue) -> GoodsVerdict:
    plain = catalogue.check(name)
    whole = catalogue.check(form.slots.get("goods_said", {}).get(normalise(name), name))
    # The words around an article count only where they speak of it: 寄到烟花路的茶叶 is tea.
    found = whole if whole.matched == plain.matched else plain
    answer = str(form.slots.get("goods_answer") or "")
    return catalogue.after_answer(name, answer) if found.verdict == "ask" and answer else found


def goods_step(form: Form, turn: Turn, goods: GoodsCheck) -> Step | None:
    """Ask what is sent, refuse what is forbidden, ask once about what may be."""
    if missing(form, ["goods"]):
        key = "ask_goods" if form.slots.get("weight_kg") else "ask_goods_weight"
        return Ask(("goods", "weight_kg"), (Reply(say(key)),))
    if goods.prohibited:
        return Close((Reply(goods.refusal()),))
    if not goods.question:
        return None
    if PERSON in form.told:
        return Ask(("goods_answer",), (Reply(say("person_waiting")),))
    if form.told.count("unclear") >= MAX_ASKED:
        reply, ask = queued(turn, "rule")
        return Ask(("goods_answer",), (reply,), (ask,))
    key = "ask_about_goods_again" if "unclear" in form.told else "ask_about_goods"
    choices = (say("is_so"), say("is_not_so"))
    return Ask(("goods_answer",), (Reply(say(key, question=goods.question), choices),))


def without_unclear_answer(form: Form, turn: Turn) -> Form:
    """An answer that settles nothing is forgotten, so that the question is put again.

    Where a plain yes or no settles nothing, asking again would not: a person decides.
    """
    undecided = any(found.verdict == "ask" for _, found in check_goods(form, turn.knowledge).verdicts)
    if not undecided or not form.slots.get("goods_answer"):
        return form
    slots = {name: value for name, value in form.slots.items() if name != "goods_answer"}
    times = MAX_ASKED if turn.meaning.intent in ("affirm", "deny") else 1
    return replace(form, slots=slots, told=(*form.told, *["unclear"] * times))

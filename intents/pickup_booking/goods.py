"""The goods of an order checked one by one: refused, carried under conditions, or asked about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from faq.knowledge import Knowledge
from faq.prohibited_goods import GoodsCatalogue, GoodsVerdict
from intents.form import Ask, Close, Step, buttons, missing
from intents.meaning import Form, Reply, Turn
from intents.normalise import normalise
from intents.pickup_booking.goods_said import articles, without
from intents.pickup_booking.words import PERSON, say
from intents.queue_words import queued
from intents.registry import intents

MAX_USUAL = 3
"""Goods that a known customer often sends, shown as buttons."""
MAX_ASKED = 2
"""Unclear answers about goods after which a person decides."""


@dataclass(frozen=True)
class GoodsCheck:
    """The verdicts on all goods of a form, in the order they were named."""

    names: str
    verdicts: tuple[tuple[str, GoodsVerdict], ...]
    concealed: tuple[str, ...] = ()
    """Names under which forbidden goods were to be hidden before, in this order or one that was refused."""

    def _by(self, verdict: str) -> list[tuple[str, GoodsVerdict]]:
        return [(name, found) for name, found in self.verdicts if found.verdict == verdict]

    @property
    def prohibited(self) -> bool:
        return bool(self._by("prohibited"))

    @property
    def disguised(self) -> tuple[str, ...]:
        """The names by which goods were to be hidden."""
        now = [name for name, found in self.verdicts if found.obfuscated]
        return tuple(dict.fromkeys([*self.concealed, *now]))

    @property
    def others(self) -> str:
        """What is left of the order without its forbidden goods."""
        return "、".join(name for name, found in self.verdicts if found.verdict != "prohibited")

    @property
    def question(self) -> str:
        return next((found.question for _, found in self._by("ask")), "")

    @property
    def all_conditions(self) -> tuple[str, ...]:
        """Each condition once, though several goods have it."""
        lines = (line for _, found in self._by("restricted") for line in found.conditions)
        return tuple(dict.fromkeys(lines))

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
        noted = (
            {"staff_note": say("concealed_note", names="、".join(self.disguised))} if self.disguised else {}
        )
        return {
            "verdict": worst.verdict,
            "category": worst.category,
            "conditions": list(self.all_conditions),
            "reference": worst.reference,
            "concealed": bool(self.disguised),
            **noted,
        }


def check_goods(form: Form, knowledge: Knowledge) -> GoodsCheck:
    """Judge each article of the `goods` slot, with its quantity and the answer to a question about it."""
    said = str(form.slots.get("goods") or "")
    verdicts = tuple((name, _verdict(name, form, knowledge.goods)) for name in articles(said))
    return GoodsCheck(said, verdicts, tuple(form.slots.get("concealed", ())))


def _verdict(name: str, form: Form, catalogue: GoodsCatalogue) -> GoodsVerdict:
    plain = catalogue.check(name)
    whole = catalogue.check(form.slots.get("goods_said", {}).get(normalise(name), name))
    # The words around an article count only where they speak of it: 寄到烟花路的茶叶 is tea.
    found = whole if whole.matched == plain.matched else plain
    answer = str(form.slots.get("goods_answer") or "")
    return catalogue.after_answer(name, answer) if found.verdict == "ask" and answer else found


def without_refused(form: Form, knowledge: Knowledge) -> Form:
    """The order without its forbidden goods, where the customer wants the others sent.

    What was disguised among them stays noted for staff.
    """
    if form.slots.get("without_refused") != "yes":
        return form
    goods = check_goods(form, knowledge)
    refused = [name for name, found in goods.verdicts if found.verdict == "prohibited"]
    slots = {name: value for name, value in without(form, refused).slots.items() if name != "without_refused"}
    return replace(form, slots={**slots, "concealed": list(goods.disguised)})


def goods_step(form: Form, turn: Turn, goods: GoodsCheck) -> Step | None:
    """Ask what is sent, refuse what is forbidden, ask once about what may be."""
    if missing(form, ["goods"]):
        key = "ask_goods" if form.slots.get("weight_kg") else "ask_goods_weight"
        usual = turn.facts.customer.usual_goods[:MAX_USUAL] if turn.facts.customer else ()
        return Ask(("goods", "weight_kg"), (Reply(say(key), usual),))
    if form.slots.get("without_refused") == "no":
        return Close((Reply(say("all_dropped")),))
    if goods.prohibited:
        return _refuse(goods)
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


def _refuse(goods: GoodsCheck) -> Step:
    """Nothing else is asked; of several articles the others may still go."""
    if not goods.others:
        memory = {"concealed": list(goods.disguised)} if goods.disguised else {}
        return Close((Reply(goods.refusal()),), memory=memory)
    choices = buttons(intents()["pickup_booking"].form["without_refused"])
    offer = Reply(say("others_may_go", goods=goods.others), choices)
    return Ask(("without_refused",), (Reply(goods.refusal()), offer))


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

"""How the goods of an order are said: one by one, each with its number and what is told about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from faq.prohibited_goods import GoodsCatalogue
from intents.form import ADDS, QUESTION
from intents.meaning import Form, Slots, Turn
from intents.normalise import normalise
from intents.slots.numbers import NUMBER
from intents.slots.quantity import find_pieces

SEVERAL = re.compile(r"[、，,;；/]|和|以及|还有|加(?=[^热])")
AMOUNT = rf"{NUMBER}\s?[^\d\s,，。、]{{1,3}}"
BEFORE = r"[^\s,，。、;；和跟与及]{0,10}"
"""What stands before an article in its clause: its number, and words that decide (散装, 自酿)."""
BEHIND = r"(?:[ ,，]?(?:都?是)?[^\d\s,，。、;；和跟与及]{1,8}的(?=$|[,，。;；]))?"
"""What is told of an article behind it: 两瓶白酒，散装的."""
NEXT = re.compile(
    rf"[ ,，]?(?:{NUMBER}\s?[^\d\s,，。、和跟与及]{{1,2}})?"
    rf"(?:[、;；/和跟与及加]|还有|以及|外加|[,，](?={NUMBER}))(?:{NUMBER}\s?[^\d\s]{{1,2}}?)?(?=(?P<rest>.{{1,12}}))"
)
"""From one article to the next: its number behind it, the link, and the number of the next."""
DROPS = re.compile(r"不[寄要发放](?!紧)|[别甭]寄|去掉|拿掉|拿出来|扣掉|划掉|删掉|取消|算了|只寄其[余他它]")
TOLD_LENGTH = 20
"""A longer message that names no goods speaks of other things than what the goods are like."""


def take_goods(form: Form, turn: Turn) -> Form:
    """The form with the goods that a message names, drops or tells more about."""
    if turn.meaning.intent == "faq" and QUESTION.search(turn.meaning.text):
        return form
    before = _slots_before(form, turn)
    dropped = _dropped(before, turn)
    if dropped:
        # What was disguised stays noted for staff.
        hidden = [name for name in dropped if turn.knowledge.goods.check(name).obfuscated]
        noted = {"concealed": [*form.slots.get("concealed", ()), *hidden]} if hidden else {}
        return without(replace(form, slots={**form.slots, **before, **noted}), dropped)
    if not turn.meaning.slots.get("goods"):
        form = _with_more_told(form, turn) if form.slots.get("goods") else _with_found(form, turn)
    return _with_phrases(form, turn)


def articles(said: str) -> list[str]:
    """The names in a `goods` slot."""
    return [name for name in SEVERAL.split(said) if name.strip()] or [said]


def _slots_before(form: Form, turn: Turn) -> Slots:
    """The goods of the form before this message."""
    forms = turn.conversation.forms
    open_slots: Slots = forms[-1].slots if forms and forms[-1].id == form.id else {}
    return {name: open_slots[name] for name in ("goods", "goods_said", "pieces") if name in open_slots}


def _dropped(before: Slots, turn: Turn) -> list[str]:
    """The articles of an order that a message takes out of it (那打火机不寄了), never all of them."""
    text, names = turn.meaning.text, articles(str(before.get("goods") or ""))
    if not DROPS.search(text):
        return []
    catalogue = turn.knowledge.goods
    named = [name for name in names if normalise(name) in text or _plainly(name, catalogue) in text]
    return named if len(named) < len(names) else []


def _plainly(name: str, catalogue: GoodsCatalogue) -> str:
    """打.火机 is taken out by 打火机 too."""
    return catalogue.check(name).matched or name


def without(form: Form, dropped: Sequence[str]) -> Form:
    """The order without some of its articles, and without their pieces."""
    kept = [name for name in articles(str(form.slots["goods"])) if name not in dropped]
    said = form.slots.get("goods_said", {})
    fewer = sum(_count(said.get(normalise(name), "")) for name in dropped)
    slots = {**form.slots, "goods": "、".join(kept)}
    if fewer and int(slots.get("pieces") or 0) > fewer:
        slots["pieces"] = slots["pieces"] - fewer
    return replace(form, slots=slots)


def _with_found(form: Form, turn: Turn) -> Form:
    """Goods of the catalogue that the message names in words of no pattern: 那就寄吧，是腊肉."""
    asked = "goods" in form.asked or turn.meaning.intent == form.intent
    names = turn.knowledge.goods.find(turn.meaning.text) if asked else []
    return replace(form, slots={**form.slots, "goods": "、".join(names)}) if names else form


def _with_more_told(form: Form, turn: Turn) -> Form:
    """What is told of the goods later decides too: 对了，是散装的."""
    text, catalogue = turn.meaning.text, turn.knowledge.goods
    if len(text) > TOLD_LENGTH or turn.meaning.slots:
        return form
    phrases = dict(form.slots.get("goods_said", {}))
    for name in articles(str(form.slots["goods"])):
        known = phrases.get(normalise(name), name)
        told = f"{known}，{text}"
        now, then = catalogue.check(told), catalogue.check(known)
        if now.matched == then.matched and now.rank > then.rank:
            phrases[normalise(name)] = told
    return replace(form, slots={**form.slots, "goods_said": phrases}) if phrases else form


def _with_phrases(form: Form, turn: Turn) -> Form:
    """Keep how the goods were said, with their quantity, and the goods that were named behind the first."""
    named = str(turn.meaning.slots.get("goods") or "")
    said = str(form.slots.get("goods") or "")
    if not named or not said.endswith(named):
        return form
    text = turn.meaning.text
    names = [normalise(named), *_following(normalise(named), text, turn.knowledge.goods)]
    slots = {**form.slots, "goods": "、".join([said, *names[1:]])}
    phrases = {name: _phrase(name, text) for name in (*names, *articles(names[0]))}
    slots["goods_said"] = {**form.slots.get("goods_said", {}), **phrases}
    counts = [count for name in names if (count := _count(phrases[name]))]
    if len(counts) > 1:
        slots["pieces"] = sum(counts)
    if ADDS.search(text) and said != named and "weight_kg" not in turn.meaning.slots:
        slots.pop("weight_kg", None)
    return replace(form, slots=slots)


def _count(phrase: str) -> int:
    return sum(int(found.value) for found in find_pieces(phrase) if found.role)


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
    """An article as it stands in the message, with its number: 三条中华, 香烟三条, 两瓶白酒，散装的."""
    article = re.escape(name)
    found = re.search(rf"{BEFORE}{article}{BEHIND}", text)
    if found and not re.search(NUMBER, found[0]):
        found = re.search(rf"{BEFORE}{article}[ ,，]?{AMOUNT}", text) or found
    return found[0] if found else name

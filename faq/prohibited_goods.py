"""May these goods be sent: refused (禁寄), under conditions (限寄), after a question, or plainly.

Source: 《禁止寄递物品指导目录》 (2016) and the laws named in data/prohibited_goods.yaml. Where several
articles are named, the hardest verdict holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache

from faq.goods_entries import RULES, Entry, Rule, load_yaml, read_goods, shipped_entries
from faq.goods_limits import Amount, Units, total
from faq.goods_reader import WORDS_FILE, Dictionary, Found, goods_words
from faq.goods_spelling import Respelt, Spelling, plain

__all__ = ["GoodsCatalogue", "GoodsVerdict", "read_goods", "shipped_catalogue"]

KEPT = 4096
"""Verdicts that are kept: a form asks for those on its goods at every message."""
LATIN = re.compile(r"[a-z]")
NO = re.compile(r"不|没|无|否|非|别")
UNSURE = re.compile(r"不清楚|不知道|不确定|不懂|不明白|不太?了解|什么|[?？]")
YES = re.compile(r"是|对|能|会|可以|有|嗯|好|含|属于|超过")
NEGATED = tuple("没无不未非")


@dataclass(frozen=True, slots=True)
class GoodsVerdict:
    """`matched` is the name that decided, empty where no known goods are named (then: allowed).

    `conditions` are shown for restricted goods, `question` for `ask`, `reference` is the article of law or
    the practice, `suggest` what to do instead. `obfuscated`: the goods were disguised by their spelling.
    """

    verdict: Rule
    matched: str = ""
    category: str = ""
    conditions: tuple[str, ...] = ()
    question: str = ""
    reference: str = ""
    suggest: str = ""
    obfuscated: bool = False

    @property
    def rank(self) -> int:
        return RULES.index(self.verdict)


NOTHING = GoodsVerdict("allowed")


class GoodsCatalogue:
    """All known goods. Built once, then only read; `check` takes some 30 µs (benchmarks/goods.py)."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = tuple(entries)
        self._by_id = {entry.id: entry for entry in self._entries}
        data = load_yaml(WORDS_FILE)
        self._words = goods_words()
        self._dictionary = Dictionary(self._entries, self._words)
        self._spelling = Spelling(data, self._entries)
        self._units = Units(data["units"])
        self._cell_volt = Decimal(data["cell_volt"])
        self._checked = lru_cache(maxsize=KEPT)(self._check)

    def with_overlay(self, overlay: Iterable[Entry]) -> GoodsCatalogue:
        """This catalogue with a courier's entries over it: a name that both have means the courier's."""
        added = tuple(overlay)
        return GoodsCatalogue((*self._entries, *added)) if added else self

    def check(self, name: str) -> GoodsVerdict:
        """The verdict on an article as a customer names it, quantities included where they were said."""
        return self._checked(plain(name))

    def _check(self, text: str) -> GoodsVerdict:
        verdict = self._judge(text)
        for respelt in self._spelling.respelt(text):
            if self._hides_goods(text, respelt):
                found = self._judge(respelt.text)
                verdict = replace(found, obfuscated=True) if found.rank >= verdict.rank else verdict
        if LATIN.search(text) or not verdict.matched:
            verdict = self._with_sound(text, verdict)
        if verdict.rank and self._words.disguises.search(text):
            verdict = replace(verdict, obfuscated=True)
        return verdict

    def _with_sound(self, text: str, verdict: GoodsVerdict) -> GoodsVerdict:
        """The verdict where pinyin or a wrong character is read as the goods that it sounds like."""
        sounding = self._judge_by_sound(text)
        # 化装品 is a slip of the pen; forbidden goods or Latin letters are taken for a disguise.
        hides = sounding.verdict == "prohibited" or LATIN.search(text) is not None
        heard = sounding.rank >= max(1, verdict.rank)
        return replace(sounding, obfuscated=hides) if heard else verdict

    def after_answer(self, name: str, answer: str) -> GoodsVerdict:
        """The verdict on `ask` goods after the customer's answer to their question.

        An answer that names goods counts by them; a plain yes or no counts as the entry says. `ask` again
        means that a person decides.
        """
        asked = self.check(name)
        if asked.verdict != "ask":
            return asked
        told = self.check(answer)
        if told.verdict == "prohibited":
            return told
        entry, toy = self._asking(name)
        said = _answer_in(entry, plain(answer)) or _yes_or_no(answer)
        if_yes, if_no = (entry.id, "allowed") if toy else (entry.if_yes, entry.if_no)
        return self._following({"yes": if_yes, "no": if_no}.get(said, ""), entry, asked)

    def _asking(self, name: str) -> tuple[Entry, bool]:
        """The entry whose question is put, and whether it is the question about a toy."""
        for found in self._dictionary.read(plain(name)):
            entry = found.term.entry
            if entry is not None and found.role == "toy":
                return entry, True
            if entry is not None and entry.rule == "ask" and found.role != "description":
                return entry, False
        return Entry("", "ask", ()), False

    def _following(self, follows: str, entry: Entry, asked: GoodsVerdict) -> GoodsVerdict:
        """The verdict by the entry or the rule that follows on an answer; without one a person decides."""
        if follows in self._by_id:
            return _verdict(self._by_id[follows], asked.matched, asked.obfuscated)
        rule: Rule = next((each for each in RULES if each == follows), "ask")
        conditions = entry.conditions if rule == "restricted" else ()
        return replace(asked, verdict=rule, conditions=conditions, question="")

    def find(self, text: str) -> list[str]:
        """The names of known goods that stand in a text, in its order, as they are written there."""
        clean = plain(text)
        source = text if len(clean) == len(text) else clean
        spans = [(found.start, found.end) for found in self._named(clean)]
        for respelt in self._spelling.respelt(clean):
            if self._hides_goods(clean, respelt):
                spans = [respelt.span(found.start, found.end) for found in self._named(respelt.text)]
        spans = spans or [(start, end) for start, end, _ in self._spelling.by_sound(clean)]
        return list(dict.fromkeys(source[start:end].strip() for start, end in spans))

    def _named(self, text: str) -> list[Found]:
        """The goods of a text; words that stand together are one name, as are a thing and its description."""
        named: list[Found] = []
        described = False
        for found in self._dictionary.read(text):
            if self._words.is_negated(text[: found.start]):
                continue
            before = text[named[-1].end : found.start] if named else "?"
            if named and (described or before in self._words.links):
                named[-1] = replace(found, start=named[-1].start)
            elif found.term.entry is not None:
                named.append(found)
            else:
                continue
            described = found.role == "description"
        return [found for found in named if found.role != "description"]

    def _judge(self, text: str) -> GoodsVerdict:
        named = [found for found in self._dictionary.read(text) if found.role != "description"]
        goods = [found for found in named if found.term.entry is not None]
        if not goods:
            return NOTHING
        amounts = self._units.amounts(text) if any(_has_limits(found) for found in goods) else []
        verdicts = [self._verdict_on(found, text, goods, amounts) for found in goods]
        worst = max(verdicts, key=lambda verdict: verdict.rank)
        # Of equals in one word the last is the thing itself (手机充电宝), so ties go to the last.
        chosen = next(verdict for verdict in reversed(verdicts) if verdict.rank == worst.rank)
        if chosen.verdict == "restricted":
            lines = [line for one in verdicts if one.verdict == "restricted" for line in one.conditions]
            chosen = replace(chosen, conditions=tuple(dict.fromkeys(lines)))
        return chosen

    def _verdict_on(self, found: Found, text: str, goods: list[Found], amounts: list[Amount]) -> GoodsVerdict:
        entry = found.term.entry
        assert entry is not None
        verdict = _verdict(entry, found.term.name, found.term.trick)
        reason = self._spoilt(entry, text, goods)
        if found.role == "toy" and not reason:
            return replace(verdict, verdict="ask", conditions=(), question=self._words.toy_question)
        start, end = self._part_around(text, found.start)
        if said := _answer_in(entry, text[start:end]):
            return self._following(entry.if_yes if said == "yes" else entry.if_no, entry, verdict)
        reason = reason or self._above_limit(entry, text, goods, amounts)
        if not reason:
            return verdict
        category = f"{entry.category}（{reason}）"
        return replace(verdict, verdict="prohibited", category=category, conditions=(), question="")

    def _spoilt(self, entry: Entry, text: str, goods: list[Found]) -> str:
        """Why goods are refused because of what is said beside them (散装, 鼓包), not beside others."""
        for unless in entry.unless:
            for word in unless.words:
                at = text.find(word)
                if at < 0 or text[:at].endswith(NEGATED):
                    continue
                start, end = self._part_around(text, at)
                beside = [found.term.entry for found in goods if start <= found.start < end]
                if not beside or entry in beside:
                    return unless.say
        return ""

    def _part_around(self, text: str, at: int) -> tuple[int, int]:
        marks = [(match.start(), match.end()) for match in self._words.separators.finditer(text)]
        start = max((end for _, end in marks if end <= at), default=0)
        return start, min((start for start, _ in marks if start > at), default=len(text))

    def _above_limit(self, entry: Entry, text: str, goods: list[Found], amounts: list[Amount]) -> str:
        for limit in entry.limits:
            counted = [
                amount
                for amount in amounts
                if (owner := _owner(amount, amounts, goods)).term.entry is entry
                and (not limit.names or owner.term.name in limit.names)
            ]
            said = total(counted, limit.measure, self._cell_volt)
            if said is not None and said > limit.max:
                return limit.say
        return ""

    def _judge_by_sound(self, text: str) -> GoodsVerdict:
        pieces: list[str] = []
        at = 0
        for start, end, name in self._spelling.by_sound(text):
            pieces += [text[at:start], name]
            at = end
        return self._judge("".join([*pieces, text[at:]])) if at else NOTHING

    def _hides_goods(self, text: str, respelt: Respelt) -> bool:
        """Whether taking a disguise off shows goods, and tears no word apart that stands there (烟 花瓶)."""
        words = self._dictionary.scan(text)
        hidden = False
        for found in self._dictionary.read(respelt.text):
            start, end = respelt.span(found.start, found.end)
            if text[start:end] == respelt.text[found.start : found.end]:
                continue
            if any(_tears(start, end, word) for word in words):
                return False
            if end - start < 2 or any(_is_plain_word(start, end, word) for word in words):
                continue
            hidden = hidden or (found.role != "description" and _is_watched(found))
        return hidden


def _answer_in(entry: Entry, text: str) -> str:
    """`yes` or `no` where words answer the question about goods: 熟的小龙虾, 未开刃宝剑."""
    if any(word in text for word in entry.said_no):
        return "no"
    return "yes" if any(word in text for word in entry.said_yes) else ""


def _yes_or_no(answer: str) -> str:
    if UNSURE.search(answer):
        return ""
    return "no" if NO.search(answer) else "yes" if YES.search(answer) else ""


def _tears(start: int, end: int, word: Found) -> bool:
    overlaps = word.start < end and start < word.end
    return overlaps and not (start <= word.start and word.end <= end)


def _is_plain_word(start: int, end: int, word: Found) -> bool:
    return (word.start, word.end) == (start, end) and not _is_watched(word)


def _is_watched(found: Found) -> bool:
    return found.term.entry is not None and found.term.entry.rule != "allowed"


def _has_limits(found: Found) -> bool:
    return found.term.entry is not None and bool(found.term.entry.limits)


def _owner(amount: Amount, amounts: list[Amount], goods: list[Found]) -> Found:
    """The goods that a quantity belongs to: before it or after it, as the text began."""
    after = [found for found in goods if found.start >= amount.end]
    before = [found for found in goods if found.end <= amount.start]
    leads = amounts[0].start < goods[0].start
    if (leads and after) or not before:
        return (after or goods)[0]
    return before[-1]


def _verdict(entry: Entry, matched: str, obfuscated: bool) -> GoodsVerdict:
    return GoodsVerdict(
        verdict=entry.rule,
        matched=matched,
        category=entry.category,
        conditions=entry.conditions if entry.rule == "restricted" else (),
        question=entry.question if entry.rule == "ask" else "",
        reference=entry.reference,
        suggest=entry.suggest,
        obfuscated=obfuscated,
    )


@cache
def shipped_catalogue() -> GoodsCatalogue:
    """The catalogue as it is shipped, without a courier's own goods.yaml."""
    return GoodsCatalogue(shipped_entries())

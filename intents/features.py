"""A message → the strings that the model knows it by: characters, words in order, concepts and topics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import chain, combinations, pairwise
from operator import add
from pathlib import Path
from typing import Any

import yaml

from faq.divisions import divisions
from faq.segment import words
from intents.normalise import normalise
from intents.slots.goods_lexicon import lexicon

CONCEPTS = Path(__file__).with_name("concepts.yaml")
KINDS = Path(__file__).with_name("kinds.yaml")
TOPICS = Path(__file__).with_name("topics")
"""A list of words for each thing that people talk of outside the trade; thuocl/ has its own licence."""

NUMBER = r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十百千万半]{1,16})[来多几]?"
PLACEHOLDERS = {
    "ⓔ": r"(?<!\d)123[01]5(?!\d)",
    "ⓒ": r"[a-z]{2}\d{8}-\d{5}",
    "ⓟ": r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|0\d{2,3}-?\d{7,8}(?!\d)",
    "ⓢ": rf"{NUMBER}\s*(?:cm|厘米|公分)?\s*[x*×乘]\s*{NUMBER}(?:\s*(?:cm|厘米|公分)?\s*[x*×乘]\s*{NUMBER})?"
    r"(?:\s*(?:cm|厘米|公分))?",
    "ⓦ": r"[a-z]{0,4}[- ]?\d(?:[- ]?\d){9,19}",
    "ⓚ": rf"{NUMBER}\s*(?:kg|公斤|千克|斤|克|吨)半?",
    "ⓜ": rf"[¥￥]\s*\d[\d.]*|{NUMBER}\s*(?:元|块钱?|万块)(?!儿)",
    "ⓣ": rf"\d{{1,2}}[::]\d{{2}}|{NUMBER}[点时](?:钟|半|一刻|\d{{1,2}}分?)?|\d{{1,2}}月\d{{1,2}}[日号]",
    "ⓓ": rf"{NUMBER}个?(?:天|小时|钟头|星期|礼拜|周|月)(?!内)",
    "ⓑ": rf"{NUMBER}(?:件|箱|个|包|票|袋|盒)",
    "ⓝ": r"\d+(?:\.\d+)?",
}
"""A token for each kind of figure: that one is said matters, not which. The regulators' lines come first."""
NAMES = {f"k{index}": token for index, token in enumerate(PLACEHOLDERS)}
FIGURE = re.compile("|".join(f"(?P<k{i}>{pattern})" for i, pattern in enumerate(PLACEHOLDERS.values())))
HAS_FIGURE = re.compile(r"[\d一二两三四五六七八九十百千万半]")
QUESTION = re.compile(r"[?？]|[吗么呢没不](?:[?？,，。!！~ ]|$)")
PLACE, ARTICLE = "ⓐ", "ⓖ"
"""What stands for any place and any article where words are looked at in their order."""
TOPIC = "%"
"""Before the name of a topic; topics are no concepts: their pairs would be too many and tell nothing."""
WHOLE, SHORT, LOUD = "=", 6, 3
"""A message of few characters is also known as a whole, and loudly: nothing else tells ❌, 88 and 1 apart."""
MAX_CHARACTERS = 400
"""A longer story is read at both ends: the request stands there."""


@cache
def known_words() -> dict[str, tuple[str, ...]]:
    """Word → its concepts, from concepts.yaml, and topics; concepts of the trade name `trade` too."""
    data: dict[str, Any] = yaml.safe_load(CONCEPTS.read_text("utf-8"))
    found: dict[str, tuple[str, ...]] = {}
    for concept, listed in data["words"].items():
        named = (concept, "trade") if concept in data["trade"] else (concept,)
        for word in listed:
            found[word] = (*found.get(word, ()), *named)
    for path in sorted(TOPICS.rglob("*.txt")):
        topic = TOPIC + path.relative_to(TOPICS).with_suffix("").as_posix()
        for word in path.read_text("utf-8").split():
            found[word] = (*found.get(word, ()), topic)
    return found


def with_placeholders(text: str) -> str:
    """A lower-case text with waybills, phones, money, times and other figures replaced by their tokens."""
    if not HAS_FIGURE.search(text):
        return text
    return FIGURE.sub(lambda found: NAMES[found.lastgroup or ""], text)


@lru_cache(maxsize=64)
def tokens(text: str) -> tuple[str, ...]:
    """All features of a message, repeated as often as they occur; kept for the model that tells its kind."""
    typed = normalise(text).lower()
    text = with_placeholders(typed)
    if len(text) > MAX_CHARACTERS:
        text = text[: MAX_CHARACTERS // 2] + text[-MAX_CHARACTERS // 2 :]
    padded = f"^{text}$"
    pairs = list(map(add, padded, padded[1:]))
    triples = list(map(add, pairs, padded[2:]))
    fours = list(map(add, triples, padded[3:]))
    split = [word for word in words(text) if word != " "]
    named = sorted(_named(text, split, chain(text, pairs, triples, fours, split)))
    concepts = [name for name in named if name[0] != TOPIC]
    classed = ["^", *_classed(split), "$"]
    return (
        *text,
        *pairs,
        *(f"_{word}" for word in split),
        *(f"_{a}_{b}" for a, b in pairwise(classed)),
        *(f"_{a}*{b}" for a, b in zip(classed, classed[2:], strict=False)),
        *(f"@{a}" for a in named),
        *(f"@{a}@{b}" for a, b in combinations(concepts, 2)),
        *([WHOLE + typed] * LOUD if len(typed) <= SHORT else ()),
    )


def _classed(split: Sequence[str]) -> list[str]:
    """The words, places and articles as such: 寄 ⓖ 到 ⓐ is the same wish whatever and wherever."""
    places, articles = divisions().words, lexicon().strong
    found: list[str] = []
    for word in split:
        if word not in places:
            found.append(ARTICLE if word in articles else word)
        elif not found or found[-1] != PLACE:
            found.append(PLACE)
    return found


def _named(text: str, split: Sequence[str], parts: Iterable[str]) -> set[str]:
    """The concepts and topics that the parts of a text name, and what kind of sentence it is."""
    known = known_words()
    found = {f"long{min(len(text), 40).bit_length()}"}
    for part in known.keys() & parts:
        found.update(known[part])
    if "trade" not in found:
        found.add("strange")
    found.discard("trade")
    if not divisions().words.isdisjoint(split):
        found.add("place")
    if QUESTION.search(text):
        found.add("asks")
    return found

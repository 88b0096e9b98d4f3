"""The article of a message (label `goods`), marked word by word by a conditional random field.

It is trained on the marked sentences: a list of articles does not tell which word of a story is the parcel.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pycrfsuite

from intents.classify import trained
from intents.features import known_words
from intents.slots import Reading
from intents.slots.goods_lexicon import STRONG, WEAK, lexicon
from intents.slots.tokens import Token

BEGINS, INSIDE, OUTSIDE = "B", "I", "O"
POSSIBLE = {STRONG: 0.02, WEAK: 0.3}
"""How likely the field must think a word of the lists, by its kind, where it marks no article at all."""
LONGEST = 400
"""Words of a message in which an article is looked for."""


def with_goods(reading: Reading) -> Reading:
    """The reading with the first article that it names as slot `goods`."""
    words, plain = reading.tokens[:LONGEST], trained().plain
    if all(word.text in plain for word in words):
        return reading
    marks = _tagger().tag(evidence(words))
    if BEGINS not in marks:
        span = _listed_article(reading, words)
        return reading.with_slot("goods", *span) if span else reading
    first = last = marks.index(BEGINS)
    while last + 1 < len(marks) and marks[last + 1] == INSIDE:
        last += 1
    return reading.with_slot("goods", words[first].start, words[last].end)


def _listed_article(reading: Reading, words: Sequence[Token]) -> tuple[int, int] | None:
    """The first word of the lists that the field, which has just read these words, thinks possible."""
    begins = {word.start: at for at, word in enumerate(words)}
    for start, end, kind in lexicon().words(reading.rest[: words[-1].end].lower()):
        at = begins.get(start)
        if kind in POSSIBLE and at is not None and _tagger().marginal(BEGINS, at) >= POSSIBLE[kind]:
            return start, end
    return None


@cache
def _tagger() -> pycrfsuite.Tagger:
    tagger = pycrfsuite.Tagger()
    tagger.open_inmemory(trained().goods)
    return tagger


def marks_of(words: Sequence[Token], article: tuple[int, int] | None) -> list[str]:
    """The mark of each word, where the article stands at rest[article]."""
    if not article:
        return [OUTSIDE] * len(words)
    start, end = article
    inside = [start <= word.start < end for word in words]
    return [
        OUTSIDE if not here else INSIDE if before else BEGINS
        for before, here in zip([False, *inside], inside, strict=False)
    ]


def evidence(words: Sequence[Token]) -> list[list[str]]:
    """The features of each word: itself, its neighbours, and what lists of words say of them."""
    text = ["<<", "<", *(word.text for word in words), ">", ">>"]
    listed = ["", *_listed(words), ""]
    topics = [known_words().get(word.text, ("",))[-1] for word in words]
    found = []
    for at, (before2, before, word, after, after2) in enumerate(
        zip(text, text[1:], text[2:], text[3:], text[4:], strict=False)
    ):
        here = listed[at + 1]
        found.append(
            [
                "w" + word,
                "a" + before,
                "b" + after,
                "aa" + before2,
                "bb" + after2,
                f"{before}|{word}",
                f"{word}|{after}",
                f"{before}/{after}",
                "z" + word[-1],
                "y" + word[0],
                f"l-{listed[at]},{here}",
                f"l+{here},{listed[at + 2]}",
                "h" + topics[at],
            ]
        )
    return found


def _listed(words: Sequence[Token]) -> list[str]:
    """Of each word, whether the list of articles has its first and its last character in an entry."""
    signs: list[str] = []
    for word in words:
        signs += [""] * len(word.text)
    for start, end, kind in lexicon().words("".join([word.text for word in words]).lower()):
        signs[start:end] = ["B" + kind, *["I" + kind] * (end - start - 1)]
    found, at = [], 0
    for word in words:
        last = at + len(word.text) - 1
        found.append(f"{signs[at]}{signs[last]}{'=' * (last > at)}")
        at = last + 1
    return found

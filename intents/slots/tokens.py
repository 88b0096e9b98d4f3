"""A message as words, each value that was found being one, so that a model sees what stands around it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from string import digits
from typing import NamedTuple

from faq.segment import words
from intents.slots.numbers import HAN_DIGITS, UNITS
from intents.slots.spans import Found

FIGURES = frozenset([*digits, *HAN_DIGITS[1:], *UNITS, *"两俩半几"]) - {"亿"}
NUMERAL, FIGURE = "#", re.compile(f"[{''.join(sorted(FIGURES))}]+")
"""That a figure stands there matters, not which."""
COUNTED = re.compile(
    r"([\d一二两俩三四五六七八九十百千万半几]+)([个件箱袋包本条双台瓶盒套只把张支份块幅斤批桶罐颗根车样种])(.*)"
)
"""A word of the dictionary that is a count (一个, 几本书)."""
BROKEN = re.compile(r"(?<=[一-龥])[.·*](?=[一-龥])")
"""Between the characters of a word that shall slip past a check (打.火机)."""


class Token(NamedTuple):
    """The word at rest[start:end]; the text of a hidden value is its mark."""

    start: int
    end: int
    text: str


def tokens(rest: str, hidden: Iterable[Found]) -> list[Token]:
    """The words of a text in which values are overwritten by marks; `hidden` says where."""
    found: list[Token] = []
    at = 0
    for each in sorted(hidden, key=lambda each: each.start):
        if each.start >= at:
            found += _words(rest, at, each.start)
            found.append(Token(each.start, each.end, rest[each.start]))
            at = each.end
    return found + _words(rest, at, len(rest))


def _words(rest: str, start: int, end: int) -> list[Token]:
    piece = rest[start:end]
    if BROKEN.search(piece):
        return _mended(piece, start)
    found: list[Token] = []
    for word in words(piece) if piece else ():
        if word[0] not in FIGURES:
            found.append(Token(start, start + len(word), word))
            start += len(word)
            continue
        for part in _parts(word):
            found.append(Token(start, start + len(part), NUMERAL if FIGURE.fullmatch(part) else part))
            start += len(part)
    return found


def _parts(word: str) -> list[str]:
    counted = COUNTED.fullmatch(word)
    return [part for part in counted.groups() if part] if counted else [word]


def _mended(piece: str, start: int) -> list[Token]:
    """The words of a text of which some are broken up by signs."""
    kept = [at for at in range(len(piece)) if not BROKEN.match(piece, at)]
    found, first = [], 0
    for word in words("".join(piece[at] for at in kept)):
        last = first + len(word) - 1
        found.append(Token(start + kept[first], start + kept[last] + 1, word))
        first = last + 1
    return found

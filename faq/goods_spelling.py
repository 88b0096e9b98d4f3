"""What a name hides by its spelling: 打.火机, 木仓, dahuoji, 打伙机. Used only where plain reading fails."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, product
from typing import Any

import opencc

from faq.goods_entries import Entry
from faq.pinyin import readings

GAP = re.compile(r"(?<=[\u3400-\u9fffa-z0-9])[^\u3400-\u9fffa-z0-9、，,；;。！？!?\n]+(?=[\u3400-\u9fff])")
LETTER = re.compile(r"(?<=[\u3400-\u9fff])[a-z](?=[\u3400-\u9fff])")
LIST_MARK = re.compile(r"[、，,；;/\s]+")
LATIN = re.compile(r"[a-z]+")
LONGEST, SHORTEST_SOUND = 6, 3
"""Syllables of a name that is looked for; characters from which one wrong character may be forgiven."""


@dataclass(frozen=True, slots=True)
class Respelt:
    """A text with the disguise taken off; `origin` has start and end in the first text of each character."""

    text: str
    origin: tuple[tuple[int, int], ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a part of the text stands in the first text."""
        return self.origin[start][0], self.origin[end - 1][1]


@dataclass(frozen=True, slots=True)
class Unit:
    """A syllable in a text: a character with its reading, or Latin letters."""

    sound: str
    start: int
    end: int
    latin: bool


@cache
def _simplified() -> dict[int, str]:
    """Traditional → simplified, character by character, so that lengths stay."""
    chars = [chr(code) for code in range(0x4E00, 0x9FFF)]
    converted = opencc.OpenCC("t2s").convert("\n".join(chars)).split("\n")
    return {ord(old): new for old, new in zip(chars, converted, strict=True) if old != new and len(new) == 1}


@cache
def _toneless() -> dict[int, str]:
    """à → a: the tones of pinyin."""
    letters = (chr(code) for code in range(0xC0, 0x250))
    bare = {ord(char): unicodedata.normalize("NFD", char)[0] for char in letters}
    return {code: char for code, char in bare.items() if char.isascii() and char.isalpha()}


@cache
def _letters() -> dict[int, str]:
    return _simplified() | _toneless()


def plain(text: str) -> str:
    """Half-width, lower case, simplified, without tones; the form in which names are looked up."""
    return unicodedata.normalize("NFKC", text).lower().translate(_letters())


class Spelling:
    """Takes disguises off a text, by the words and the entries of the catalogue."""

    def __init__(self, words: Mapping[str, Any], entries: Iterable[Entry]) -> None:
        self._parts = _Parts({**words["components"], **words["lookalikes"]})
        self._pictures = _Parts(words["pictures"])
        self._other: dict[str, str] = words["other_readings"]
        self._real_words = tuple(words["sound_alikes"])
        self._by_sound: dict[str, list[str]] = {}
        for entry in entries:
            if entry.rule != "allowed":
                self._add_sounds(entry.names)

    def _add_sounds(self, names: Iterable[str]) -> None:
        known = readings()
        for name in names:
            if not 2 <= len(name) <= LONGEST or not all(char in known for char in name):
                continue
            choices = [{known[char], self._other.get(char, known[char])} for char in name]
            for sounds in product(*choices):
                self._by_sound.setdefault("".join(sounds), []).append(name)

    def respelt(self, text: str) -> Iterator[Respelt]:
        """The text with characters put together again, and with what stands between them removed."""
        whole = Respelt(text, tuple((at, at + 1) for at in range(len(text))))
        joined = self._parts.joined(whole)
        if joined is not whole:
            yield joined
        pictured = self._pictures.joined(joined)
        if pictured is not joined:
            yield pictured
        closed = _close_gaps(joined)
        if closed is not joined:
            yield closed

    def by_sound(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Places in a text that sound like the name of goods, left to right, each with the name."""
        units = list(_units(text))
        at = 0
        while at < len(units):
            for size in range(min(LONGEST, len(units) - at), 1, -1):
                name = self._sounding(text, units[at : at + size])
                if name:
                    yield units[at].start, units[at + size - 1].end, name
                    at += size
                    break
            else:
                at += 1

    def _sounding(self, text: str, units: list[Unit]) -> str:
        names = self._by_sound.get("".join(unit.sound for unit in units))
        if not names:
            return ""
        if text.startswith(self._real_words, units[0].start):
            return ""
        latin = [unit for unit in units if unit.latin]
        if len(latin) == len(units):
            return names[0] if _stands_alone(text, units) else ""
        return next((name for name in names if _is_near(text, units, name, bool(latin))), "")


class _Parts:
    """What stands for a character: its parts (木仓), a look-alike (洒), a picture (🔥)."""

    def __init__(self, parts: Mapping[str, str]) -> None:
        self._parts = parts
        longest = sorted(parts, key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(part) for part in longest))

    def joined(self, respelt: Respelt) -> Respelt:
        """The text with each character in place of what stands for it; the same one where nothing does."""
        chars: list[str] = []
        origin: list[tuple[int, int]] = []
        at = 0
        for match in self._pattern.finditer(respelt.text):
            chars += [respelt.text[at : match.start()], self._parts[match[0]]]
            origin += [*respelt.origin[at : match.start()], respelt.span(*match.span())]
            at = match.end()
        if not at:
            return respelt
        return Respelt("".join([*chars, respelt.text[at:]]), (*origin, *respelt.origin[at:]))


def _is_near(text: str, units: list[Unit], name: str, with_latin: bool) -> bool:
    """At most one wrong character, none in a short name; Latin letters are a disguise, not a mistake."""
    if len(name) != len(units):
        return False
    pairs = zip(units, name, strict=True)
    wrong = sum(not unit.latin and text[unit.start] != char for unit, char in pairs)
    if with_latin:
        return wrong == 0
    return wrong == 1 and len(name) >= SHORTEST_SOUND


def _stands_alone(text: str, units: list[Unit]) -> bool:
    start, end = units[0].start, units[-1].end
    return not (text[start - 1 : start].isascii() and text[start - 1 : start].isalpha()) and not (
        text[end : end + 1].isascii() and text[end : end + 1].isalpha()
    )


def _units(text: str) -> Iterator[Unit]:
    known = readings()
    at = 0
    while at < len(text):
        latin = LATIN.match(text, at)
        if latin:
            yield from _split_latin(latin[0], at)
            at = latin.end()
            continue
        if text[at] in known:
            yield Unit(known[text[at]], at, at + 1, False)
        elif not text[at].isspace():
            yield Unit("?", at, at + 1, True)
        at += 1


def _split_latin(run: str, offset: int) -> Iterator[Unit]:
    """A run of letters as pinyin syllables, the longest first; one unit where it is no pinyin."""
    sounds = _sound_set()
    cuts, at = [0], 0
    while at < len(run):
        size = next((size for size in range(6, 0, -1) if run[at : at + size] in sounds), 0)
        if not size:
            yield Unit(run + "?", offset, offset + len(run), True)
            return
        at += min(size, len(run) - at)
        cuts.append(at)
    for start, end in pairwise(cuts):
        yield Unit(run[start:end], offset + start, offset + end, True)


@cache
def _sound_set() -> frozenset[str]:
    return frozenset(readings().values())


def _close_gaps(respelt: Respelt) -> Respelt:
    """Without what stands between characters; list marks too, where only single characters are listed."""
    text = respelt.text
    spans = [match.span() for pattern in (GAP, LETTER) for match in pattern.finditer(text)]
    if all(len(piece) <= 1 for piece in LIST_MARK.split(text)):
        spans = [match.span() for match in LIST_MARK.finditer(text)]
    if not spans:
        return respelt
    removed = {at for start, end in spans for at in range(start, end)}
    kept = [at for at in range(len(text)) if at not in removed]
    return Respelt("".join(text[at] for at in kept), tuple(respelt.origin[at] for at in kept))

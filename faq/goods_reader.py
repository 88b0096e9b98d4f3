"""Reads the name of an article: which known goods it names, and which of them only describe another thing."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from faq.goods_entries import Entry, load_yaml, plurals

WORDS_FILE = Path(__file__).parent / "data" / "goods_words.yaml"
Role = Literal["goods", "toy", "description"]
GAS_HEADING = 4


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the dictionary: goods with their entry, a harmless head noun, both, or just a word."""

    name: str
    entry: Entry | None = None
    head: bool = False
    short: bool = False
    """A head of one character, which counts only where a word ends (灯 in 台灯, not in 灯芯)."""
    trick: bool = False


@dataclass(slots=True)
class Found:
    """A term in a text. `role` tells what it is there for."""

    start: int
    end: int
    term: Term
    role: Role = "goods"


class Words:
    """The word lists of goods_words.yaml, made ready."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.heads = frozenset([*data["heads"], *plurals(data["english_heads"])])
        self.short_heads = frozenset(data["short_heads"])
        self.links = frozenset(["", *data["links"]])
        self.gap = re.compile(f"[^\\W\\da-z{data['no_gap']}]{{1,2}}")
        self.plain = frozenset(data["plain_words"])
        self.toys = tuple(data["toys"])
        self.toy_question = str(data["toy_question"])
        self.negations = tuple(data["negations"])
        self.not_negations = tuple(data["not_negations"])
        self.empties = tuple(data["empties"])
        self.containers = tuple(data["containers"])
        self.disguises = re.compile(_any(data["disguises"]))
        self.separators = re.compile("[、，,；;/\n]|" + _any(data["separators"]))
        links = "(?:" + _any(data["links"]) + ")?"
        self.marker = re.compile(f"{links}(?!{_any(data['not_markers'])})(?:{_any(data['markers'])})")
        tail = f"(?:{_any(data['tail_words'])}|[0-9]|[^\\w]|$)"
        self.word_end = re.compile(tail)
        self.tail = tail
        # Bounded, for several words may be read in two ways and a star would try all of them.
        self.lead = f"(?:{_any(data['lead_words'])}|[0-9.]|[^\\w]){{0,8}}"

    def is_negated(self, before: str) -> bool:
        """Whether what stands before an article says that it is not there: 不含酒精."""
        return before.endswith(self.negations) and not before.endswith(self.not_negations)


@cache
def goods_words() -> Words:
    return Words(load_yaml(WORDS_FILE))


def _any(words: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"


class Dictionary:
    """All names of goods. A later entry replaces an earlier one of the same name."""

    def __init__(self, entries: Iterable[Entry], words: Words) -> None:
        self.words = words
        self.terms: dict[str, Term] = {}
        self._alone: dict[str, Term] = {}
        self._endings: dict[str, Term] = {}
        for entry in entries:
            self._add(entry)
        for word in words.plain - self.terms.keys():
            self.terms[word] = Term(word)
        for head in words.heads | words.short_heads:
            known = self.terms.get(head) or self._alone.get(head)
            entry_of = known.entry if known else None
            if entry_of is None or entry_of.rule == "allowed":
                self.terms[head] = Term(head, entry_of, head=True, short=head in words.short_heads)
        self._lengths: dict[str, tuple[int, ...]] = _lengths(self.terms)
        self._alone_pattern = re.compile(f"{words.lead}({_any(self._alone)})(?={words.tail})")
        self._ending_pattern = re.compile(f"({_any(self._endings)})(?={words.tail})")

    def _add(self, entry: Entry) -> None:
        for name in entry.names:
            self.terms[name.lower()] = Term(name.lower(), entry)
        for name in entry.tricks:
            self.terms[name.lower()] = Term(name.lower(), entry, trick=True)
        for name in entry.alone:
            self._alone[name.lower()] = Term(name.lower(), entry)
        for name in entry.endings:
            self._endings[name.lower()] = Term(name.lower(), entry)

    def scan(self, text: str) -> list[Found]:
        """The terms of a text from left to right, the longest at each place."""
        found: list[Found] = []
        at, size = 0, len(text)
        while at < size:
            for length in self._lengths.get(text[at], ()):
                term = self.terms.get(text[at : at + length]) if at + length <= size else None
                if term is not None and _is_whole(text, at, at + length):
                    found.append(Found(at, at + length, term))
                    at += length
                    break
            else:
                at += 1
        return found

    def read(self, text: str) -> list[Found]:
        """What a text names, with the role of each; the articles of a list are read one by one."""
        found = self.scan(text)
        read: list[Found] = []
        for start, end in self._parts(text, found):
            part = [one for one in found if start <= one.start < end]
            read += self._complete(text, start, end, part)
        return read

    def _parts(self, text: str, found: list[Found]) -> Iterator[tuple[int, int]]:
        starts = [one.start for one in found]
        begin = 0
        for match in self.words.separators.finditer(text):
            before = bisect_right(starts, match.start()) - 1
            if before >= 0 and found[before].end > match.start():
                continue
            yield begin, match.start()
            begin = match.end()
        yield begin, len(text)

    def _complete(self, text: str, start: int, end: int, part: list[Found]) -> list[Found]:
        """Give each found term its role, and add the whole-article and ending names of the part."""
        part = [one for one in part if not one.term.short or self._ends_word(text, one.end)]
        for index in range(len(part) - 1, -1, -1):
            follower = part[index + 1] if index + 1 < len(part) else None
            part[index].role = self._role(text, end, part[index], follower)
        segment = text[start:end]
        named = any(one.term.entry is not None or one.term.head for one in part)
        alone = None if named else self._alone_pattern.match(segment)
        if alone:
            return [Found(start + alone.start(1), start + alone.end(1), self._alone[alone[1]])]
        for match in self._ending_pattern.finditer(segment):
            begin, stop = start + match.start(), start + match.end()
            if not any(one.start < stop and one.end > begin for one in part):
                ending = Found(begin, stop, self._endings[match[1]])
                ending.role = self._role(text, end, ending, None)
                part.append(ending)
        return sorted(part, key=lambda one: one.start)

    def _ends_word(self, text: str, at: int) -> bool:
        return self.words.word_end.match(text, at) is not None

    def _role(self, text: str, end: int, found: Found, follower: Found | None) -> Role:
        words, entry = self.words, found.term.entry
        before = text[max(0, found.start - 6) : found.start].rstrip()
        if words.is_negated(before):
            return "description"
        if entry is None or entry.rule == "allowed":
            return "goods"
        if self._is_empty_container(text, found, entry):
            return "description"
        if before.endswith(words.toys) and not entry.keeps:
            return _as_toy(entry)
        if self._described_by_marker(text, end, found):
            return _as_toy(entry) if follower and follower.term.name in words.toys else "description"
        if follower is None or entry.keeps or not self._is_linked(text, found, follower):
            return "goods"
        if follower.term.name in words.toys:
            return _as_toy(entry)
        return "description" if follower.term.head or follower.role == "description" else "goods"

    def _is_linked(self, text: str, found: Found, follower: Found) -> bool:
        """Whether nothing stands between goods and the next thing, or before the last thing a short word."""
        between = text[found.end : follower.start].strip()
        if between in self.words.links:
            return True
        last = follower.term.head and self._ends_word(text, follower.end)
        return last and self.words.gap.fullmatch(between) is not None

    def _described_by_marker(self, text: str, end: int, found: Found) -> bool:
        """X造型Y: a marker follows, and a thing follows the marker."""
        marker = self.words.marker.match(text, found.end, end)
        return marker is not None and not self._ends_word(text[:end], marker.end())

    def _is_empty_container(self, text: str, found: Found, entry: Entry) -> bool:
        containers = self.words.containers
        held = text.startswith(containers, found.end) or found.term.name.endswith(containers)
        return held and entry.heading != GAS_HEADING and text[: found.start].endswith(self.words.empties)


def _as_toy(entry: Entry) -> Role:
    roles: dict[str, Role] = {"allowed": "description", "ask": "toy"}
    return roles.get(entry.as_toy, "goods")


def _is_whole(text: str, start: int, end: int) -> bool:
    """Latin names and numbers count as whole words only: wine is not in swine, 84 not in 184."""
    return not (_runs_on(text, start) or _runs_on(text, end))


def _runs_on(text: str, at: int) -> bool:
    """Whether two letters or two digits meet at a place."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if not (before.isascii() and after.isascii()):
        return False
    return (before.isalpha() and after.isalpha()) or (before.isdigit() and after.isdigit())


def _lengths(terms: Iterable[str]) -> dict[str, tuple[int, ...]]:
    by_first: dict[str, set[int]] = {}
    for name in terms:
        by_first.setdefault(name[0], set()).add(len(name))
    return {char: tuple(sorted(lengths, reverse=True)) for char, lengths in by_first.items()}

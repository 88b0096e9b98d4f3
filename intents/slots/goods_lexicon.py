"""The articles of goods_words.txt, found longest first in a text."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

STRONG, WEAK, BLOCKED, NONE = "", "~", "!", "="


class Lexicon:
    """The words of goods_words.txt, found longest first at a position."""

    def __init__(self) -> None:
        self.none: frozenset[str] = frozenset()
        self._words: dict[str, list[tuple[str, str]]] = {}
        for line in Path(__file__).with_name("goods_words.txt").read_text("utf-8").splitlines():
            kind = line[:1] if line[:1] in (WEAK, BLOCKED, NONE) else STRONG
            if kind == NONE:
                self.none = frozenset(line.removeprefix(kind).split())
                continue
            for word in () if line.startswith("#") else line.removeprefix(kind).split():
                self._words.setdefault(word[0], []).append((word, kind))
        for words in self._words.values():
            words.sort(key=lambda pair: (-len(pair[0]), pair[1] == WEAK))

    def longest(self, text: str, at: int) -> tuple[int, str]:
        """End and kind of the longest word at a position; the position itself where there is none."""
        for word, kind in self._words.get(text[at], ()):
            if text.startswith(word, at):
                return at + len(word), kind
        return at, BLOCKED

    def words(self, text: str) -> list[tuple[int, int, str]]:
        found, at = [], 0
        while at < len(text):
            end, kind = self.longest(text, at)
            if end > at:
                found.append((at, end, kind))
            at = max(end, at + 1)
        return found


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    return Lexicon()

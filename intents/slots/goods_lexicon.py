"""The articles of goods_words.txt, found longest first in a text."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

ARTICLES = Path(__file__).with_name("goods_words.txt")
STRONG, WEAK, BLOCKED = "", "~", "!"


class Lexicon:
    """The words of goods_words.txt, found longest first at a position."""

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}
        lengths: dict[str, set[int]] = {}
        for line in ARTICLES.read_text("utf-8").splitlines():
            kind = line[:1] if line[:1] in (WEAK, BLOCKED) else STRONG
            for word in () if line.startswith("#") else line.removeprefix(kind).split():
                self._kinds[word] = min(kind, self._kinds.get(word, kind))
                lengths.setdefault(word[0], set()).add(len(word))
        self._lengths = {sign: sorted(each, reverse=True) for sign, each in lengths.items()}

    def longest(self, text: str, at: int) -> tuple[int, str]:
        """End and kind of the longest word at a position; the position itself where there is none."""
        for length in self._lengths.get(text[at], ()):
            kind = self._kinds.get(text[at : at + length])
            if kind is not None:
                return at + length, kind
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

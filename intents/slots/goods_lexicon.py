"""The articles of articles/*.txt, found longest first in a text."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

ARTICLES = Path(__file__).with_name("articles")
STRONG, WEAK, BLOCKED = "", "~", "!"
PLURALS = ("es", "s", "")


class Lexicon:
    """The words of the lists, found longest first at a position; of Latin letters only whole words."""

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}
        lengths: dict[str, set[int]] = {}
        for path in sorted(ARTICLES.glob("*.txt")):
            for line in path.read_text("utf-8").lower().splitlines():
                kind = line[:1] if line[:1] in (WEAK, BLOCKED) else STRONG
                for word in () if line.startswith("#") else line.removeprefix(kind).split():
                    name = word.replace("_", " ")
                    self._kinds[name] = kind
                    lengths.setdefault(name[0], set()).add(len(name))
        self.strong = frozenset(name for name, kind in self._kinds.items() if kind == STRONG)
        self._lengths = {sign: sorted(each, reverse=True) for sign, each in lengths.items()}

    def longest(self, text: str, at: int) -> tuple[int, str]:
        """End and kind of the longest word at a position; the position itself where there is none."""
        latin = _is_latin(text[at])
        if latin and at and _is_latin(text[at - 1]):
            return at, BLOCKED
        for length in self._lengths.get(text[at], ()):
            word = text[at : at + length]
            kind = self._kinds.get(word)
            if kind is not None and (end := _whole_word(text, at + len(word))):
                return end, kind
        return at, BLOCKED

    def words(self, text: str) -> list[tuple[int, int, str]]:
        """Start, end and kind of each word, in order. The text is in small letters."""
        found, at = [], 0
        while at < len(text):
            end, kind = self.longest(text, at)
            if end > at:
                found.append((at, end, kind))
            at = max(end, at + 1)
        return found


def _is_latin(sign: str) -> bool:
    return sign.isascii() and sign.isalpha()


def _whole_word(text: str, end: int) -> int:
    """The end of the word, its plural included; 0 where it goes on."""
    if not _is_latin(text[end - 1]):
        return end
    for plural in PLURALS:
        last = end + len(plural)
        if text.startswith(plural, end) and not _is_latin(text[last : last + 1]):
            return last
    return 0


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    return Lexicon()

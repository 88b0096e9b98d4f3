"""The first letters of a text's pinyin, by which people look things up: 您好 → nh."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "syllables.txt"


def initials(text: str) -> str:
    """Lower-case letters: of a character its reading's first, Latin letters and digits as they are."""
    letters = _letters()
    return "".join(
        letters.get(char, char.lower() if char.isascii() and char.isalnum() else "") for char in text
    )


@cache
def _letters() -> dict[str, str]:
    letters = {}
    for line in FILE.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            reading, _, chars = line.partition(" ")
            letters.update(dict.fromkeys(chars, reading[0]))
    return letters

"""How a text sounds: its first letters, by which people look things up (您好 → nh), and its syllables."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "syllables.txt"
MIXED = re.compile(r"(?<=^[zcs])h|(?<=n)g$")


def initials(text: str) -> str:
    """Lower-case letters: of a character its reading's first, Latin letters and digits as they are."""
    known = readings()
    return "".join(
        known[char][0] if char in known else char.lower() if char.isascii() and char.isalnum() else ""
        for char in text
    )


def sound(text: str) -> str:
    """The syllables of a text; those that voice input and southern speakers mix up are alike.

    zh, ch, sh are z, c, s, and a last ng is n: 武侯区 and 武候区 sound alike.
    """
    syllables = _syllables()
    return " ".join(syllables.get(char, char) for char in text)


def sound_of_spelling(pinyin: str, syllables: int) -> str:
    """As `sound`, of a word of so many syllables spelt without spaces; "" where it cannot be cut so."""
    cut = _cut(syllables).fullmatch(pinyin)
    return " ".join(MIXED.sub("", syllable) for syllable in cut.groups()) if cut else ""


@cache
def _cut(syllables: int) -> re.Pattern[str]:
    known = sorted(set(readings().values()), key=len, reverse=True)
    return re.compile(f"({'|'.join(known)})" * syllables)


@cache
def readings() -> dict[str, str]:
    """Character → its commonest reading, without a tone."""
    rows = (line.split(" ") for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#"))
    return {char: reading for reading, chars in rows for char in chars}


@cache
def _syllables() -> dict[str, str]:
    return {char: MIXED.sub("", reading) for char, reading in readings().items()}

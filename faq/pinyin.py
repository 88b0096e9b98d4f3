"""How a text sounds: its first letters, by which people look things up (您好 → nh), and its syllables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "syllables.txt"
MIXED = re.compile(r"(?<=^[zcs])h|(?<=n)g$")


def initials(text: str) -> str:
    """Lower-case letters: of a character its reading's first, Latin letters and digits as they are."""
    letters = _letters()
    return "".join(
        letters.get(char, char.lower() if char.isascii() and char.isalnum() else "") for char in text
    )


def sound(text: str) -> str:
    """The syllables of a text; those that voice input and southern speakers mix up are alike.

    zh, ch, sh are z, c, s, and a last ng is n: 武侯区 and 武候区 sound alike.
    """
    syllables = _syllables()
    return " ".join(syllables.get(char, char) for char in text)


@cache
def _letters() -> dict[str, str]:
    return {char: reading[0] for reading, chars in _readings() for char in chars}


@cache
def _syllables() -> dict[str, str]:
    return {char: MIXED.sub("", reading) for reading, chars in _readings() for char in chars}


def _readings() -> Iterator[tuple[str, str]]:
    for line in FILE.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            reading, _, chars = line.partition(" ")
            yield reading, chars

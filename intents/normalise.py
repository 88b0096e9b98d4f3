"""One spelling for matching: half-width, Simplified, tidy spaces. What is shown again is taken as typed."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from unicodedata import decimal, normalize

MAX_CHARACTERS = 2000
"""What is read of a message; the rest is ignored."""
RECENT = 64
"""Texts kept, since the finders and the models read the same message one after the other."""
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\u20e3]")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ue000-\uf8ff]")
"""Becomes a space. Private-use characters are among them: the slot finders use some as marks."""
FOREIGN_DIGIT = re.compile(r"[^\D0-9]")
SPACES = re.compile(r"[^\S\n]+")
LINES = re.compile(r" ?\n[\n ]*")


@lru_cache(maxsize=1)
def converter() -> Any:
    """The Traditional → Simplified converter, built once."""
    from opencc import OpenCC

    return OpenCC("t2s")


@lru_cache(maxsize=RECENT)
def tidy(text: str) -> str:
    """The text as typed, but half-width (，→ ,), without invisible characters and doubled spaces, trimmed.

    Line breaks stay, one at a time: in a filled form they end a value.
    """
    text = text[:MAX_CHARACTERS]
    if not text.isascii():
        text = INVISIBLE.sub("", normalize("NFKC", text))
        text = FOREIGN_DIGIT.sub(lambda digit: str(decimal(digit[0])), text)
    text = CONTROL.sub(" ", text)
    return LINES.sub("\n", SPACES.sub(" ", text)).strip()


@lru_cache(maxsize=RECENT)
def simplified(text: str) -> str:
    """The text in Simplified characters, nearly always of the same length."""
    if text.isascii():
        return text
    try:
        converted: str = converter().convert(text)
    except UnicodeError:  # half of a surrogate pair, from a broken client
        text = text.encode("utf-8", "replace").decode("utf-8")
        converted = converter().convert(text)
    return converted


def normalise(text: str) -> str:
    """Simplified, half-width, tidy: what every rule and the model read. Doing it twice changes nothing."""
    return simplified(tidy(text))

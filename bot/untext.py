"""Characters that are no text: NUL, which PostgreSQL cannot hold, and halves of surrogate pairs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

UNTEXT = re.compile("[\0\ud800-\udfff]")
"""A half comes from a page that cuts an emoji in two, or from a terminal with another encoding."""
DEEPEST = 32
"""Levels of lists and objects in a body; nobody means more."""


def mend(text: str) -> str:
    """The text without what is none."""
    return UNTEXT.sub("", text)


def mend_all(data: Any, found: Callable[[str, str], None], place: str = "", depth: int = 0) -> Any:
    """JSON data with every text mended; each fault is told with its place and what was expected."""
    if isinstance(data, str):
        if not UNTEXT.search(data):
            return data
        found(place, "expected text without NUL and without half a surrogate pair")
        return mend(data)
    if not isinstance(data, list | dict):
        return data
    if depth >= DEEPEST:
        found(place, f"expected at most {DEEPEST} levels")
        return None
    inner = f"{place}." if place else ""
    if isinstance(data, list):
        return [mend_all(each, found, f"{inner}{at}", depth + 1) for at, each in enumerate(data)]
    return {
        mend_all(key, found, place, depth): mend_all(value, found, f"{inner}{mend(key)}", depth + 1)
        for key, value in data.items()
    }

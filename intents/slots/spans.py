"""What the finders share: a found span, and the marks that hide what an earlier finder took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

OTHER: Final = "\ue000"
PHONE: Final = "\ue001"
WAYBILL: Final = "\ue002"
PLACE: Final = "\ue003"
TIME: Final = "\ue004"
MONEY: Final = "\ue005"
MEASURE: Final = "\ue006"
COUNT: Final = "\ue007"
NAME: Final = "\ue008"
GOODS: Final = "\ue009"
MARKS: Final = "\ue000-\ue009"
"""For a character class; `normalise` lets no such character through from outside."""


@dataclass(frozen=True, slots=True)
class Found:
    """A value at text[start:end]; `role` is the slot, or a hint towards it."""

    start: int
    end: int
    value: Any
    role: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A value at text[start:end] that is told by the whole message what it is for."""

    kind: str
    """`place`, `time`, `money` or `count`."""
    start: int
    end: int
    values: Mapping[str, Any]
    """Slot that it may fill → the value that it has there."""
    hint: str = ""
    """The slot that the words beside it speak for; "" where they name none."""


def hide(text: str, found: Iterable[Found], mark: str) -> str:
    """The text with each span overwritten by a mark, so that no later finder reads it; same length."""
    for each in found:
        text = text[: each.start] + mark * (each.end - each.start) + text[each.end :]
    return text

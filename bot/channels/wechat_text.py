"""Words as WeChat shows them: plain text of at most 2,048 bytes, choices as numbered lines."""

from __future__ import annotations

from collections.abc import Sequence

MAX_BYTES = 2048
"""UTF-8 bytes of one text message, on both platforms."""
BETWEEN = "\n\n"
"""What stands between two words in one message."""
ENDS = ("\n", "。", "！", "？", "；", "!", "?", ";", "，", ",", "、", " ")
"""Where a long text is best cut: the first kinds of places before the last."""


def shown(text: str, choices: Sequence[str]) -> str:
    """A word with its choices as numbered lines; the desk takes the bare number for the choice."""
    return "\n".join([text, *(f"{number}. {choice}" for number, choice in enumerate(choices, 1))])


def fits(text: str) -> bool:
    return len(text.encode()) <= MAX_BYTES


def split(text: str, limit: int = MAX_BYTES) -> list[str]:
    """A long text in parts of at most `limit` bytes, cut at ends of lines or sentences if any."""
    parts = []
    while len(text.encode()) > limit:
        head = text.encode()[:limit].decode(errors="ignore")
        cut = _cut(head)
        parts.append(text[:cut].rstrip("\n"))
        text = text[cut:].lstrip("\n")
    return [*parts, text]


def _cut(head: str) -> int:
    """Where to end a part: at the best kind of end in its second half, else where the bytes end."""
    for kind in (ENDS[:1], ENDS[1:8], ENDS[8:]):
        cut = max(head.rfind(end, len(head) // 2) for end in kind)
        if cut >= 0:
            return cut + 1
    return len(head)

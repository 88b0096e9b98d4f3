"""Two wishes in one message: which must be acted on first, and which are wished besides."""

from __future__ import annotations

import re
from collections.abc import Callable

Ranking = list[tuple[str, float]]
"""Labels with their probabilities, best first."""

ORDER = (
    "human",
    "claim",
    "complaint",
    "delivery_change",
    "pickup_change",
    "pickup_booking",
    "case_progress",
    "tracking_query",
    "faq",
)
"""Which of two wishes is acted on first (docs/labels.md, Intents). Small talk and bare answers come after."""
PART_OF = {
    "claim": frozenset(
        {"complaint", "delivery_change", "pickup_change", "case_progress", "tracking_query", "faq"}
    ),
    "complaint": frozenset({"delivery_change", "pickup_change", "case_progress", "tracking_query", "faq"}),
    "delivery_change": frozenset({"pickup_change", "tracking_query"}),
    "pickup_change": frozenset({"pickup_booking"}),
    "pickup_booking": frozenset({"tracking_query"}),
    "case_progress": frozenset({"tracking_query"}),
}
"""Wishes that a clause seems to hold where it only tells the story of the main one."""
LINK = r"另外|顺便|顺带|还有|对了|同时|然后|以及"
BREAK = re.compile(
    rf"(?:[，,。.!！?？;；、\n~…]|\s(?=[一-鿿]))+(?:{LINK})?|(?=另外|顺便|顺带|对了|再帮|再问)(?:{LINK})?"
)
"""Between two clauses; a word that only links them belongs to neither."""
QUOTED = re.compile(r"[“\"「『‘'].{2,40}?[”\"」』’']")
ASKED = re.compile(
    r"[?？吗么呢帮请改再换来取寄查问赔]|投诉|举报|不$|多少|几[天点时块]|怎么|什么|能不能|重新|给我|麻烦|我要|吧$"
)
"""A clause without a word of asking tells something, it wishes nothing."""
SHORTEST = 4
"""A clause of fewer characters is no wish of its own."""
MOST = 12
"""Of a long story the last clauses are weighed: the wishes stand there."""
SURE = 0.9
"""A clause below this is no second wish."""
HINTED = 0.01
"""A clause outranks the whole message only where the whole has at least this share for it too."""


def weigh(
    text: str, predict: Callable[[str], Ranking], surest: Callable[[str], tuple[str, float]]
) -> tuple[str, float, tuple[str, ...]]:
    """The label to act on, its confidence, and the labels of the real second wishes, in order of rank."""
    ranking = predict(text)
    label, confidence = ranking[0]
    share = dict(ranking)
    rank = ORDER.index(label) if label in ORDER else len(ORDER)
    weighed = {*(wish for wish in ORDER[:rank] if share[wish] >= HINTED), *_beside(label)}
    clauses = [part for part in BREAK.split(QUOTED.sub("", text)) if len(part) >= SHORTEST] if weighed else []
    if len(clauses) < 2:
        return label, confidence, ()
    best = [surest(clause) for clause in clauses[-MOST:] if ASKED.search(clause)]
    certain = {wish for wish, sure in best if sure >= SURE}
    first = next((wish for wish in ORDER[:rank] if wish in certain & weighed), label)
    if first not in ORDER:
        return first, confidence, ()
    return first, share[first], tuple(wish for wish in _beside(first) if wish in certain)


def _beside(label: str) -> list[str]:
    """The wishes that may stand beside the one to act on, in order of rank."""
    below = ORDER[ORDER.index(label) + 1 :] if label in ORDER else ()
    return [wish for wish in below if wish not in PART_OF.get(label, ())]

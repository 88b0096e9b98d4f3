"""The kind of a complaint or a claim and the topic of a question, by the ordered patterns of kinds.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from faq.divisions import divisions
from faq.segment import words
from intents.slots.goods_lexicon import STRONG, lexicon

SLOTS = {"complaint": "complaint_kind", "claim": "claim_kind", "faq": "faq_topic"}
"""The sub-label that an intent has (docs/labels.md)."""
OTHERWISE = {"faq": "other"}
"""A question always has a topic; a complaint or claim that names no kind has none."""


@cache
def _patterns() -> Mapping[str, list[tuple[str, re.Pattern[str]]]]:
    data = yaml.safe_load(Path(__file__).with_name("kinds.yaml").read_text("utf-8"))
    return {
        intent: [(row["kind"], re.compile("|".join(map(str, row["words"])), re.IGNORECASE)) for row in rows]
        for intent, rows in data.items()
    }


def _with_places(text: str) -> str:
    """The text with ⓐ for every name of a place: whether "X can be sent" asks for goods or for an area."""
    named = divisions().named
    return "".join("ⓐ" if len(word) > 1 and named(word) else word for word in words(text))


def _with_goods(text: str) -> str:
    """The text with ⓖ before every article."""
    parts, at = [], 0
    for start, _, kind in lexicon().words(text):
        if kind == STRONG:
            parts.append(text[at:start])
            at = start
    return "ⓖ".join([*parts, text[at:]])


def kinds(text: str, intent: str) -> Mapping[str, str]:
    """`complaint_kind`, `claim_kind` or `faq_topic` of a normalised message, or nothing."""
    if intent not in SLOTS:
        return {}
    if intent == "faq":
        text = _with_goods(_with_places(text))
    found = (kind for kind, pattern in _patterns()[intent] if pattern.search(text))
    kind = next(found, OTHERWISE.get(intent))
    return {SLOTS[intent]: kind} if kind else {}

"""The kind of a complaint or a claim and the topic of a question.

A small model of each weighs the words; what the ordered patterns of kinds.yaml say is one of its features.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache

import yaml

from faq.divisions import divisions
from faq.segment import words
from intents.classify import trained
from intents.features import KINDS, tokens
from intents.sentences import NONE
from intents.slots.goods_lexicon import STRONG, lexicon

SLOTS = {"complaint": "complaint_kind", "claim": "claim_kind", "faq": "faq_topic"}
"""The sub-label that an intent has (docs/labels.md)."""
PATTERN, LOUD = "#", 4
"""Before the kind that the patterns name, and how often that counts among the words."""


@cache
def _patterns() -> Mapping[str, list[tuple[str, re.Pattern[str]]]]:
    data = yaml.safe_load(KINDS.read_text("utf-8"))
    return {
        intent: [(row["kind"], re.compile("|".join(map(str, row["words"])), re.IGNORECASE)) for row in rows]
        for intent, rows in data.items()
    }


def _with_places(text: str) -> str:
    """The text with ⓐ for every name of a place: whether "X can be sent" asks for goods or for an area."""
    places = divisions().words
    return "".join("ⓐ" if word in places else word for word in words(text))


def _with_goods(text: str) -> str:
    """The text with ⓖ before every article."""
    parts, at = [], 0
    for start, _, kind in lexicon().words(text.lower()):
        if kind == STRONG:
            parts.append(text[at:start])
            at = start
    return "ⓖ".join([*parts, text[at:]])


def evidence(text: str, intent: str) -> Counter[str]:
    """The features of a normalised message by which its kind is told; `intent` is one of SLOTS."""
    marked = _with_goods(_with_places(text)) if intent == "faq" else text
    fits = (kind for kind, pattern in _patterns()[intent] if pattern.search(marked))
    found = Counter(tokens(text))
    found[PATTERN + next(fits, NONE)] = LOUD
    return found


def kinds(text: str, intent: str) -> Mapping[str, str]:
    """`complaint_kind`, `claim_kind` or `faq_topic` of a normalised message, or nothing."""
    if intent not in SLOTS:
        return {}
    slot = SLOTS[intent]
    kind = trained().models[slot].best(evidence(text, intent))
    return {} if kind == NONE else {slot: kind}

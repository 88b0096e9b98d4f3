"""Faults of the training sentences: one that nearly repeats another, one that stands under two labels."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import category

import numpy as np
from rapidfuzz import fuzz, process

from intents.normalise import normalise
from intents.sentences import Line

ALIKE = 88
"""Two sentences of one label with a rapidfuzz ratio of this or more say the same in the same words."""
SIGNS = "PZ"
"""Unicode classes that make no difference between two sentences: punctuation and spaces."""


def faults(lines: Sequence[Line]) -> list[str]:
    """One line a fault; none where every sentence earns its place. Signs make no difference."""
    labels = sorted({label for label, _ in lines})
    repeated = [fault for label in labels for fault in _repeats(label, lines)]
    return [*repeated, *_contradictions(lines)]


def _unsigned(text: str) -> str:
    return "".join(sign for sign in text if category(sign)[0] not in SIGNS) or text


def _repeats(label: str, lines: Sequence[Line]) -> list[str]:
    texts = [text for each, text in lines if each == label]
    plain = [_unsigned(normalise(text).lower()) for text in texts]
    alike = np.triu(process.cdist(plain, plain, scorer=fuzz.ratio, dtype=np.float32), 1)
    pairs = zip(*np.where(alike >= ALIKE), strict=True)
    return [f"{label}: nearly the same twice: {texts[a]} | {texts[b]}" for a, b in pairs]


def _contradictions(lines: Sequence[Line]) -> list[str]:
    found: dict[str, dict[str, str]] = {}
    for label, text in lines:
        found.setdefault(_unsigned(normalise(text).lower()), {})[label] = text
    return [
        f"{', '.join(sorted(each))}: the same under two labels: {' | '.join(each.values())}"
        for each in found.values()
        if len(each) > 1
    ]

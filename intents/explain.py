"""Why a message was understood as it was: its words, what spoke for each label, where each slot stands."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime

from faq.segment import words
from intents.classify import load_model
from intents.features import tokens, with_placeholders
from intents.model import Model
from intents.normalise import normalise
from intents.understand import analyse, labelled

LABELS = 3
"""How many labels are explained, the best first."""
FEATURES = 8
"""How many features are shown for a label, the loudest first."""
BY_RULE = "(by rule)"
"""Shown where a slot was worked out and stands nowhere in the message: the kind of a complaint."""


def explain(text: str, now: datetime) -> str:
    """The words, the labels with what spoke for and against them, and the slots with their characters."""
    (meaning, reading), model = analyse(text, now), load_model()
    split = [word for word in words(with_placeholders(normalise(text).lower())) if not word.isspace()]
    also = f", also {', '.join(meaning.also)}" if meaning.also else ""
    lines = ["words   " + " ".join(split), f"intent  {meaning.intent} {meaning.confidence:.3f}{also}", ""]
    lines += [f"{label:<16} {share:.3f}  {_spoke(model, text, label)}" for label, share in _best(model, text)]
    said = reading.said
    slots = [
        f"{slot:<16} {json.dumps(value, ensure_ascii=False, default=float)} ← "
        + (" … ".join(said[slot]) if slot in said else BY_RULE)
        for slot, value in labelled(meaning).items()
    ]
    return "\n".join([*lines, "", *(slots or ["no slots"])])


def _best(model: Model, text: str) -> list[tuple[str, float]]:
    return model.predict(text)[:LABELS]


def _spoke(model: Model, text: str, label: str) -> str:
    """The features of a message that moved the score of a label most, with how much."""
    column, names = model.labels.index(label), list(model.vocabulary)
    rows, values = model.vector(Counter(tokens(text)))
    moved = [
        (value * float(model.weights[row, column]), names[row])
        for row, value in zip(rows.tolist(), values.tolist(), strict=True)
        if row < len(names)
    ]
    loudest = sorted(moved, key=lambda pair: -abs(pair[0]))[:FEATURES]
    return "  ".join(f"{name} {weight:+.2f}" for weight, name in loudest)

"""Messages to learn from: what they were taken for, what is nearest, and where a new sentence would go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rapidfuzz import fuzz, process

from intents.model import Model
from intents.normalise import normalise
from intents.sentences import Line

LABELS = 3
"""How many labels are shown for a message, the likeliest first."""
ALIKE = 2
"""How many of our own sentences are shown beside it."""


def review(rows: Sequence[Mapping[str, Any]], model: Model, lines: Sequence[Line]) -> str:
    """A paragraph a message, those that staff corrected first, then the most frequent.

    A row has `text`, and may have `meant` (the label by the word of staff).
    """
    texts = [normalise(text).lower() for _, text in lines]
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (str(row["text"]).strip(), str(row.get("meant") or ""))
        counts[key] = counts.get(key, 0) + 1
    ordered = sorted(counts.items(), key=lambda pair: (not pair[0][1], -pair[1], pair[0]))
    shown = [_paragraph(text, meant, count, model, lines, texts) for (text, meant), count in ordered]
    advice = "add a sentence to intents/<label>/sentences.txt, its article marked"
    return "\n\n".join([*shown, f"{len(shown)} to review; {advice}"])


def _paragraph(
    text: str, meant: str, count: int, model: Model, lines: Sequence[Line], texts: Sequence[str]
) -> str:
    ranking = model.predict(text)
    likely = "  ".join(f"{label} {share:.2f}" for label, share in ranking[:LABELS])
    found = process.extract(normalise(text).lower(), texts, scorer=fuzz.ratio, limit=ALIKE)
    alike = [f"  {score:3.0f} {lines[place][0]}: {lines[place][1]}" for _, score, place in found]
    title = f"{text}  (×{count})" if count > 1 else text
    told = [f"  meant {meant}"] if meant else []
    return "\n".join([title, *told, f"  taken for {likely}", *alike])

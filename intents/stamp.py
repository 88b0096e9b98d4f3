"""What a trained model was made of: sentences, lists of words, and the code by which a message is read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import faq

HERE = Path(__file__).parent
FAQ = Path(faq.__file__).parent
CODE = ("features", "goods", "kinds", "learn", "normalise", "roles", "sentences", "train")
"""The modules of intents/ that make features or learn from them; of slots/ all do."""
PLACES = ("divisions", "pinyin", "segment")
TABLES = (
    "divisions.csv.gz",
    "divisions_aliases.json",
    "divisions_former.csv",
    "segment_words.txt",
    "syllables.txt",
)


@cache
def read_by() -> tuple[Path, ...]:
    """Every file that says how a message is read."""
    return (
        *(HERE / f"{name}.py" for name in CODE),
        HERE / "concepts.yaml",
        HERE / "kinds.yaml",
        *sorted((HERE / "topics").rglob("*.txt")),
        *sorted(path for path in (HERE / "slots").rglob("*") if path.suffix in (".py", ".yaml", ".txt")),
        *(FAQ / f"{name}.py" for name in PLACES),
        *(FAQ / "data" / name for name in TABLES),
    )


def stamp(sentences: Path = HERE) -> str:
    """A hash by which a model is known that was made of other sentences, or for another way of reading."""
    lines = sorted([*sentences.glob("*/sentences.txt"), *sentences.glob("*/labelled.jsonl")])
    return _hash([*read_by(), *lines])


def _hash(paths: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for path in paths:
        found.update(f"\n{path.parent.name}/{path.name}\n".encode())
        found.update(path.read_bytes())
    return found.hexdigest()

"""The training sentences: what customers say, one a line in each folder's sentences.txt."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent

Line = tuple[str, str]
"""A label and a sentence that has it."""


def read_sentences(folder: Path = HERE) -> list[Line]:
    """Every line of every `<label>/sentences.txt`, labels in order of name; `#` begins a comment line."""
    return [
        (path.parent.name, line)
        for path in sorted(folder.glob("*/sentences.txt"))
        for line in map(str.strip, path.read_text("utf-8").splitlines())
        if line and not line.startswith("#")
    ]


def digest(lines: Sequence[Line], version: str) -> str:
    """A hash of the sentences and of the feature version, by which a stale model is known."""
    text = "\n".join([version, *(f"{label}\t{line}" for label, line in lines)])
    return hashlib.sha256(text.encode()).hexdigest()

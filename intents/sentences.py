"""The training sentences: what customers say, one a line in each folder's sentences.txt."""

from __future__ import annotations

import hashlib
from pathlib import Path

HERE = Path(__file__).parent
HEADING = "## "

Line = tuple[str, str]
"""A label and a sentence that has it."""


def read_sentences(folder: Path = HERE) -> list[Line]:
    """Every line of every `<label>/sentences.txt`, labels in order of name; `#` begins a comment line."""
    return [
        (path.parent.name, line)
        for path in sorted(folder.glob("*/sentences.txt"))
        for line in _lines(path)
        if not line.startswith("#")
    ]


def read_kinds(label: str, folder: Path = HERE) -> list[Line]:
    """The sentences of one label, each with the kind of the heading (`## delay`) that it stands under."""
    found, kind = [], ""
    for line in _lines(folder / label / "sentences.txt"):
        if line.startswith(HEADING):
            kind = line.removeprefix(HEADING).strip()
        elif not line.startswith("#"):
            found.append((kind, line))
    return found


def _lines(path: Path) -> list[str]:
    return [line for line in map(str.strip, path.read_text("utf-8").splitlines()) if line]


def digest(folder: Path, version: str) -> str:
    """A hash of the sentences' files and of the feature version, by which a stale model is known."""
    files = sorted(folder.glob("*/sentences.txt"))
    lines = [f"{path.parent.name}\t{line}" for path in files for line in _lines(path)]
    return hashlib.sha256("\n".join([version, *lines]).encode()).hexdigest()

"""What customers say, by intent: sentences with their article marked, and messages with all that they mean.

`<label>/sentences.txt` has one sentence a line, `[茶叶](goods)` where it names an article; a heading
(`## delay`) gives the kind of those below it. `<label>/labelled.jsonl` has messages with `text`, `slots`, and
`also` and `now` where they matter (docs/labels.md).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from intents.slots.clock import CHINA

HERE = Path(__file__).parent
HEADING = "## "
MARKED = re.compile(r"\[(?P<article>[^\]]+)\]\(goods\)")
NONE = "none"
"""The kind of a complaint or claim that names none; a question always has a topic."""
SAID_AT = datetime.fromisoformat("2026-11-23T10:00:00+08:00")
"""When a message was said that does not tell."""

Row = TypeVar("Row")
Line = tuple[str, str]
"""A label and a sentence that has it."""


@dataclass(frozen=True)
class Sentence:
    """A sentence of one intent; `article` is where its goods stand, None where it names none."""

    intent: str
    text: str
    kind: str
    article: tuple[int, int] | None


@dataclass(frozen=True)
class Meant:
    """A message and what it means, as a person labelled it (docs/labels.md)."""

    text: str
    now: datetime
    intent: str
    slots: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[str, ...] = ()


def read_sentences(folder: Path = HERE) -> list[Line]:
    """Every sentence and labelled message, labels in order of name; `#` begins a comment line."""
    marked = [(each.intent, each.text) for each in read_marked(folder)]
    return sorted(
        [*marked, *((each.intent, each.text) for each in read_labelled(folder))], key=lambda line: line[0]
    )


def read_kinds(label: str, slot: str, folder: Path = HERE) -> list[Line]:
    """The sentences of one label, each with the kind of its heading; of labelled messages that in `slot`."""
    marked = [(each.kind, each.text) for each in read_marked(folder) if each.intent == label]
    labelled = [
        (each.slots.get(slot, NONE), each.text) for each in read_labelled(folder) if each.intent == label
    ]
    return [*marked, *labelled]


def read_marked(folder: Path = HERE) -> list[Sentence]:
    """Every line of every sentences.txt."""
    return [
        sentence
        for path in sorted(folder.glob("*/sentences.txt"))
        for sentence in _sentences(path.parent.name, path)
    ]


def _sentences(intent: str, path: Path) -> Iterator[Sentence]:
    kind = ""
    for line in _lines(path):
        if line.startswith(HEADING):
            kind = line.removeprefix(HEADING).strip()
        elif not line.startswith("#"):
            marked = MARKED.search(line)
            article = (marked.start(), marked.start() + len(marked["article"])) if marked else None
            yield Sentence(intent, MARKED.sub(r"\g<article>", line), kind, article)


def read_labelled(folder: Path = HERE) -> list[Meant]:
    """Every line of every labelled.jsonl; ValueError names a bad one."""
    return [
        meant
        for path in sorted(folder.glob("*/labelled.jsonl"))
        for meant in read_rows(path.read_text("utf-8"), str(path), partial(meant_of, intent=path.parent.name))
    ]


def meant_of(row: Mapping[str, Any], intent: str = "") -> Meant:
    """A message from its JSON, which tells its intent where the caller does not."""
    now = moment(row["now"]) if row.get("now") else SAID_AT
    slots, also = dict(row.get("slots") or {}), tuple(row.get("also") or ())
    return Meant(str(row["text"]), now, intent or str(row["intent"]), slots, also)


def moment(said: str) -> datetime:
    """An ISO 8601 time; one without a zone is China's."""
    time = datetime.fromisoformat(said)
    return time.astimezone(CHINA) if time.tzinfo else time.replace(tzinfo=CHINA)


def read_rows(text: str, name: str, read: Callable[[Any], Row]) -> list[Row]:
    """The rows of JSON Lines; ValueError names a bad line."""
    found: list[Row] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                found.append(read(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError) as fault:
                raise ValueError(f"{name}:{number}: expected JSON with text and intent") from fault
    return found


def _lines(path: Path) -> list[str]:
    return [line for line in map(str.strip, path.read_text("utf-8").splitlines()) if line]

"""The intents, found by looking: a folder with an intent.yaml is one, its name is the label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

HERE = Path(__file__).parent


@dataclass(frozen=True)
class SlotSpec:
    """How a slot of a form is filled: from which slots of a message, or by reading a bare answer."""

    name: str
    sources: tuple[str, ...]
    address: bool = False
    read: str = ""
    """`words`, `name`, `number` or `list`: how a bare answer to the question is taken; empty is not."""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Value → the words for it, the first of which is the button."""
    adds: bool = False
    """What a message adds to the form (再加一箱书) is laid to the old value, not over it."""
    called: tuple[str, ...] = ()
    """How customers name it when they want it changed (电话写错了)."""


@dataclass(frozen=True)
class Intent:
    """One folder of intents/: what it needs to know, and the form it fills, if any."""

    label: str
    priority: int
    """Which of two wishes in a message comes first: the higher."""
    facts: frozenset[str]
    slots: frozenset[str]
    """The slots of a message that belong to this wish when it is asked in the middle of a form."""
    absorbs: frozenset[str]
    """Labels that mean an answer, not a new wish, while this form is open."""
    form: Mapping[str, SlotSpec]
    aside: bool
    """Answered in the middle of another form, which then goes on."""

    @property
    def module(self) -> ModuleType:
        return import_module(f"intents.{self.label}.handle")


@cache
def intents() -> Mapping[str, Intent]:
    """Every intent by its label."""
    return {path.parent.name: _read(path) for path in sorted(HERE.glob("*/intent.yaml"))}


def _read(path: Path) -> Intent:
    data: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return Intent(
        label=path.parent.name,
        priority=data["priority"],
        facts=frozenset(data.get("facts", ())),
        slots=frozenset(data.get("slots", ())),
        absorbs=frozenset(data.get("absorbs", ())),
        form={name: _slot(name, spec or {}) for name, spec in data.get("form", {}).items()},
        aside=data.get("aside", False),
    )


def _slot(name: str, spec: Mapping[str, Any]) -> SlotSpec:
    choices = {str(value): tuple(words) for value, words in spec.get("choices", {}).items()}
    return SlotSpec(
        name=name,
        sources=tuple(spec.get("from", () if choices else (name,))),
        address=spec.get("address", False),
        read=spec.get("read", ""),
        choices=choices,
        adds=spec.get("adds", False),
        called=tuple(spec.get("called", ())),
    )

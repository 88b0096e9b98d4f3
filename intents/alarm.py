"""Signs that a person is needed whatever else a message says; the words are in alarm.yaml."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    data: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("alarm.yaml").read_text("utf-8"))
    return {kind: re.compile("|".join(words)) for kind, words in data.items()}


def alarm(text: str) -> str:
    """`regulator`, `threat`, `upset`, or empty."""
    return next((kind for kind, pattern in _patterns().items() if pattern.search(text)), "")

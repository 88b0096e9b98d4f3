"""What agents read: the words of words.yaml."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("words.yaml")


@cache
def words() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return data


def refusal(key: str, **values: object) -> str:
    """Why something was not done, in a sentence."""
    return str(words()["refusals"][key]).format(**values)

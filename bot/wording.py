"""The few words that the shell itself says to customers; they are in wording.yaml."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from jinja2 import Environment, StrictUndefined, Template


@cache
def _templates() -> dict[str, Template]:
    source: dict[str, str] = yaml.safe_load(Path(__file__).with_name("wording.yaml").read_text("utf-8"))
    environment = Environment(undefined=StrictUndefined, autoescape=False)
    return {key: environment.from_string(text) for key, text in source.items()}


def say(key: str, **values: object) -> str:
    """A sentence by its key; an unknown key or value is an error."""
    return _templates()[key].render(**values)

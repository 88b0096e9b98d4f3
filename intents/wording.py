"""The customer's words: each intent's replies.yaml, filled in by Jinja."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml
from jinja2 import Environment, StrictUndefined, Template

HERE = Path(__file__).parent
FOLDED = re.compile(r"(?<=[。，；：！？）]) +")
"""YAML folds a line break into a blank, which Chinese does not have."""


def money(value: Decimal | str) -> str:
    """112 → 112.00."""
    return f"{Decimal(value):.2f}"


def number(value: Decimal | float | str) -> str:
    """2.50 → 2.5, 3.0 → 3."""
    text = f"{Decimal(str(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def day(value: date | datetime) -> str:
    weekday = _calendar()["weekdays"][value.weekday()]
    return str(_calendar()["day"]).format(month=value.month, day=value.day, weekday=weekday)


def full_date(value: date) -> str:
    """2027年11月23日: a day that need not be in this year."""
    return str(_calendar()["date"]).format(year=value.year, month=value.month, day=value.day)


def clock(value: datetime) -> str:
    return f"{value:%H:%M}"


def moment(value: datetime) -> str:
    """11月24日（周二）15:00."""
    return f"{day(value)}{clock(value)}"


def window(slot: dict[str, str]) -> str:
    """A `{"start", "end"}` slot as people say it: a point is one time, a span two."""
    start, end = datetime.fromisoformat(slot["start"]), datetime.fromisoformat(slot["end"])
    if start == end:
        return moment(start)
    if (end - start).days == 1 and start.hour == 0:
        return day(start)
    if end.date() == start.date():
        return f"{moment(start)}-{clock(end)}"
    return f"{moment(start)}-{moment(end)}"


@cache
def _calendar() -> dict[str, str]:
    data: dict[str, str] = yaml.safe_load((HERE / "calendar.yaml").read_text("utf-8"))
    return data


def _environment() -> Environment:
    environment = Environment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        date=full_date, money=money, number=number, day=day, clock=clock, moment=moment, window=window
    )
    return environment


def wording(folder: str) -> Callable[..., str]:
    """The words of one folder of intents/: `say(key, **values)`. An unknown key or value is an error."""
    source: dict[str, str] = yaml.safe_load((HERE / folder / "replies.yaml").read_text("utf-8"))
    environment = _environment()
    templates: dict[str, Template] = {key: environment.from_string(text) for key, text in source.items()}

    def say(key: str, **values: object) -> str:
        return FOLDED.sub("", templates[key].render(**values)).strip()

    return say

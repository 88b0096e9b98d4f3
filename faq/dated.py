"""Figures of the rules as dated, cited values: which one is in force on a day; none is an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml


class NoValueInForce(LookupError):
    """Asked for a figure that is unknown, or for a day before its first value."""


@dataclass(frozen=True, slots=True)
class Dated:
    """One figure. `standing` tells how sure its source is: `seed`, `law`, `recalled` or `ours`."""

    name: str
    article: str
    unit: str
    standing: str
    values: tuple[tuple[date, Decimal], ...]
    """First day in force and value, oldest first; a value holds until the next one starts."""

    def value_on(self, day: date) -> Decimal:
        """The value in force on a day; raises NoValueInForce before the first."""
        in_force = [value for since, value in self.values if since <= day]
        if not in_force:
            raise NoValueInForce(f"expected {self.name} ({self.article}) in force on {day}")
        return in_force[-1]


@dataclass(frozen=True)
class DatedValues:
    """The figures of one file, by name."""

    file: str
    values: Mapping[str, Dated]

    def value_on(self, name: str, day: date) -> Decimal:
        """The figure `name` in force on a day; raises NoValueInForce."""
        if name not in self.values:
            raise NoValueInForce(f"{self.file}: expected one of {', '.join(self.values)}, found {name!r}")
        return self.values[name].value_on(day)


def read_dated(path: Path) -> DatedValues:
    """Read a file of figures: name → `article`, `unit`, `standing`, `values` (first day: decimal text).

    Raises ValueError that names the file and the key of a figure that cannot be read.
    """
    rows: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return DatedValues(path.name, {name: _dated(path.name, name, row) for name, row in rows.items()})


def _dated(file: str, name: str, row: Mapping[str, Any]) -> Dated:
    try:
        values = sorted((since, Decimal(value)) for since, value in row["values"].items())
        days_only = all(type(since) is date for since, _ in values)
        dated = Dated(name, row["article"], row["unit"], row["standing"], tuple(values))
    except (AttributeError, InvalidOperation, KeyError, TypeError) as error:
        raise ValueError(f"{file}: {name}: expected article, unit, standing and values") from error
    if not values or not days_only:
        raise ValueError(f"{file}: {name}: values: expected days such as 2026-01-01 with decimal text")
    return dated

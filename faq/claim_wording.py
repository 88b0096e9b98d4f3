"""The customer's sentences of a claim, each with its article; they stand in data/claim_wording.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import yaml

from faq.price import to_fen

FILE = Path(__file__).parent / "data" / "claim_wording.yaml"

Line = tuple[str, str]
"""An article (`A.3.2 c`; empty where there is none) and the customer's sentence."""


@cache
def _wording() -> Mapping[str, Mapping[str, str]]:
    wording: Mapping[str, Mapping[str, str]] = yaml.safe_load(FILE.read_text("utf-8"))
    return wording


def line(key: str, **figures: object) -> Line:
    """The article and the sentence of a key; of the figures, a Decimal is shown as a sum, a date as a day."""
    row = _wording()[key]
    return row["rule"], row["text"].format_map({name: _shown(value) for name, value in figures.items()})


def _shown(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{to_fen(value):f}"
    if isinstance(value, date):
        return _wording()["day"]["text"].format(year=value.year, month=value.month, day=value.day)
    return value


def plain(number: Decimal) -> str:
    """2.50 → 2.5, 100.00 → 100."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(share: Fraction, places: str) -> Decimal:
    """A share as a decimal, half up: rounded(1/3, "0.0001") is 0.3333; no zeros at the end."""
    exact = Decimal(share.numerator) / Decimal(share.denominator)
    return Decimal(plain(exact.quantize(Decimal(places), ROUND_HALF_UP)))


def percent(share: Fraction) -> str:
    """1/3 → 33.33%."""
    return f"{rounded(share * 100, '0.01')}%"

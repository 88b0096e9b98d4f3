"""What insuring a parcel (保价) costs; the figures are in data/insurance.yaml, dated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from faq.dated import DatedValues, read_dated
from faq.price import to_fen

FILE = Path(__file__).parent / "data" / "insurance.yaml"


@dataclass(frozen=True, slots=True)
class InsuranceTerms:
    """Share of the declared value, smallest fee in yuan, and the value above which a person decides."""

    rate: Decimal
    minimum: Decimal
    max_value: Decimal


@dataclass(frozen=True, slots=True)
class Premium:
    """`fee` in yuan; `manual` tells that a person must confirm it."""

    fee: Decimal
    manual: bool


@cache
def _values() -> DatedValues:
    return read_dated(FILE)


def insurance_terms(day: date = date.max) -> InsuranceTerms:
    """The terms in force on a day, else the newest; a day before all of them is a LookupError."""
    values = _values()
    return InsuranceTerms(
        rate=values.value_on("rate", day),
        minimum=values.value_on("minimum", day),
        max_value=values.value_on("max_value", day),
    )


def premium(insured_value: Decimal, day: date = date.max) -> Premium:
    """The fee for a declared value in yuan, to the fen, half up; nothing insured costs nothing."""
    if insured_value <= 0:
        return Premium(Decimal("0.00"), manual=False)
    terms = insurance_terms(day)
    fee = max(insured_value * terms.rate, terms.minimum)
    return Premium(to_fen(fee), manual=insured_value > terms.max_value)

"""What a parcel costs: chargeable weight, freight by the finest row of rates.csv, services and packing.

Rule (contract, booking): chargeable kg = the larger of actual weight and volume in cm³ ÷ divisor over all
pieces, rounded up; freight = first + (chargeable − first_kg) × add_per_kg; to the fen, half up, once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil, prod

from faq.faults import Fault
from faq.place import Place
from faq.table import TableRow, table_rows

COLUMNS = (
    "carrier",
    "from_province",
    "from_city",
    "to_province",
    "to_city",
    "first_kg",
    "first",
    "add_per_kg",
    "days",
)
CARRIERS = ("own", "EMS")
DAYS = re.compile(r"([0-9]{1,2})-([0-9]{1,2})")
FEN = Decimal("0.01")
CM3_PER_M3 = 1_000_000
Key = tuple[str, str, str, str, str]
"""Carrier, from province, from city, to province, to city; an empty part is all of it."""


@dataclass(frozen=True, slots=True)
class Billing:
    """How weight is charged: the step in kg, and cm³ for one kg."""

    round_up_to_kg: Decimal
    volume_divisor: Decimal


@dataclass(frozen=True, slots=True)
class Rate:
    """One row of rates.csv; money in yuan, days of transit from `min_days` to `max_days`."""

    carrier: str
    first_kg: Decimal
    first: Decimal
    add_per_kg: Decimal
    min_days: int
    max_days: int

    @property
    def days(self) -> str:
        """`1-2`, or `1` where both are the same."""
        same = self.min_days == self.max_days
        return str(self.min_days) if same else f"{self.min_days}-{self.max_days}"


@dataclass(frozen=True, slots=True)
class Quote:
    """A price in yuan with how it came about; `extras` are services and packing by name."""

    carrier: str
    freight: Decimal
    total: Decimal
    chargeable_kg: Decimal
    first: Decimal
    first_kg: Decimal
    add_per_kg: Decimal
    days: str
    extras: tuple[tuple[str, Decimal], ...] = ()

    def breakdown(self) -> dict[str, object]:
        """The quote as it is kept with a case; money and weights are decimal text."""
        return {
            "carrier": self.carrier,
            "chargeable_kg": f"{self.chargeable_kg:f}",
            "first_kg": f"{self.first_kg:f}",
            "first": f"{self.first:.2f}",
            "add_per_kg": f"{self.add_per_kg:.2f}",
            "freight": f"{self.freight:.2f}",
            "extras": [{"name": name, "fee": f"{fee:.2f}"} for name, fee in self.extras],
            "total": f"{self.total:.2f}",
            "days": self.days,
        }


class Rates:
    """The rate table; the finest row wins, the origin before the destination."""

    def __init__(self, rows: Mapping[Key, Rate]) -> None:
        self._rows = dict(rows)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def origins(self) -> tuple[Place, ...]:
        """The places from which the courier's own rates start, each once."""
        return tuple(dict.fromkeys(Place(*key[1:3]) for key in self._rows if key[0] == "own"))

    def find(self, origin: Place, destination: Place, carrier: str = "own") -> Rate | None:
        """The rate of a route, None where the table has none."""
        for start in _levels(origin):
            for end in _levels(destination):
                rate = self._rows.get((carrier, *start, *end))
                if rate is not None:
                    return rate
        return None


def _levels(place: Place) -> Iterator[tuple[str, str]]:
    """From the finest to the coarsest. A unit directly under a province counts as its city."""
    city = place.city or place.district
    if city:
        yield place.province, city
    yield place.province, ""
    if place.province:
        yield "", ""


def read_rates(rows: Iterable[Mapping[str, str]], faults: list[Fault], file: str = "rates.csv") -> Rates:
    """Read the rows of rates.csv; what is wrong is added to `faults` and left out."""
    read: dict[Key, Rate] = {}
    lines: dict[Key, int] = {}
    for row in table_rows(rows, COLUMNS, faults, file):
        key, rate = _key(row), _rate(row)
        if key is None or rate is None:
            continue
        if key in read:
            row.fault("carrier", f"a route once; row {lines[key]} has the same one")
            continue
        read[key], lines[key] = rate, row.line
    return Rates(read)


def _key(row: TableRow) -> Key | None:
    known = row.cells["carrier"] in CARRIERS
    if not known:
        row.fault("carrier", " or ".join(CARRIERS))
    places = [row.area("from_province", "from_city"), row.area("to_province", "to_city")]
    if not known or not all(places):
        return None
    cells = row.cells
    return (
        cells["carrier"],
        cells["from_province"],
        cells["from_city"],
        cells["to_province"],
        cells["to_city"],
    )


def _rate(row: TableRow) -> Rate | None:
    first_kg = row.number("first_kg", "kilograms above 0, such as 1", above_zero=True)
    first = row.number("first", "yuan, such as 12.00")
    add_per_kg = row.number("add_per_kg", "yuan, such as 2.00")
    days = DAYS.fullmatch(row.cells["days"])
    if days is None or int(days[1]) > int(days[2]):
        row.fault("days", "days from-to, such as 1-2")
        days = None
    if first_kg is None or first is None or add_per_kg is None or days is None:
        return None
    return Rate(row.cells["carrier"], first_kg, first, add_per_kg, int(days[1]), int(days[2]))


def chargeable_kg(
    weight_kg: Decimal,
    size_cm: Sequence[Decimal] | None,
    pieces: int,
    billing: Billing,
    volume_m3: Decimal | None = None,
) -> Decimal:
    """The weight that is charged. `weight_kg` and `volume_m3` are of all pieces, `size_cm` is of one.

    The size, where it is known, counts before the volume, which people say roughly.
    """
    if weight_kg < 0 or pieces < 1:
        raise ValueError(f"expected a weight from 0 and pieces from 1, got {weight_kg} kg, {pieces}")
    volume_cm3 = Fraction(0)
    if size_cm:
        volume_cm3 = Fraction(prod(size_cm)) * pieces
    elif volume_m3:
        volume_cm3 = Fraction(volume_m3) * CM3_PER_M3
    heavier = max(Fraction(weight_kg), volume_cm3 / Fraction(billing.volume_divisor))
    return _plain(ceil(heavier / Fraction(billing.round_up_to_kg)) * billing.round_up_to_kg)


def _plain(value: Decimal) -> Decimal:
    """Without trailing zeros, and never as 1E+2."""
    whole = value.to_integral_value()
    return whole if value == whole else value.normalize()


def quote(
    rates: Rates,
    billing: Billing,
    origin: Place,
    destination: Place,
    weight_kg: Decimal,
    *,
    carrier: str = "own",
    size_cm: Sequence[Decimal] | None = None,
    pieces: int = 1,
    volume_m3: Decimal | None = None,
    extras: Sequence[tuple[str, Decimal]] = (),
) -> Quote | None:
    """The price of a route with its services and packing (`extras`, name and yuan); None without a rate."""
    rate = rates.find(origin, destination, carrier)
    if rate is None:
        return None
    # The first weight is charged in full, so less than it is charged as it.
    charged = max(chargeable_kg(weight_kg, size_cm, pieces, billing, volume_m3), _plain(rate.first_kg))
    freight = rate.first + (charged - rate.first_kg) * rate.add_per_kg
    total = freight + sum((fee for _, fee in extras), Decimal(0))
    return Quote(
        carrier=carrier,
        freight=to_fen(freight),
        total=to_fen(total),
        chargeable_kg=charged,
        first=rate.first,
        first_kg=rate.first_kg,
        add_per_kg=rate.add_per_kg,
        days=rate.days,
        extras=tuple(extras),
    )


def to_fen(amount: Decimal) -> Decimal:
    """Half up, the only rounding of an amount."""
    return amount.quantize(FEN, ROUND_HALF_UP)

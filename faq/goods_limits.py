"""Quantities that stand beside goods, for limits such as two cartons of cigarettes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0, "俩": 2}
SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10000}
NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,9})?[十百千万]?|[零〇一二两俩三四五六七八九十百千万]{1,9}|半"


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit; `measures` is what it comes to in each measure that the unit may mean."""

    start: int
    end: int
    measures: Mapping[str, Decimal]


class Units:
    """The units of goods_words.yaml, as measure → unit → what one unit is."""

    def __init__(self, units: Mapping[str, Mapping[str, str]]) -> None:
        self._factors: dict[str, dict[str, Decimal]] = {}
        for measure, named in units.items():
            for unit, factor in named.items():
                self._factors.setdefault(unit, {})[measure] = Decimal(factor)
        longest = sorted(self._factors, key=len, reverse=True)
        joined = "|".join(re.escape(unit) + ("(?![a-z])" if unit.isalpha() else "") for unit in longest)
        self._pattern = re.compile(f"({NUMBER})\\s*({joined})")

    def amounts(self, text: str) -> list[Amount]:
        found = []
        for match in self._pattern.finditer(text):
            number = read_number(match[1])
            measures = {name: number * factor for name, factor in self._factors[match[2]].items()}
            found.append(Amount(match.start(), match.end(), measures))
        return found


def read_number(text: str) -> Decimal:
    """12, 2万, 十二, 一百二十, 半."""
    if text == "半":
        return Decimal("0.5")
    if text[0] in "0123456789":
        scale = SCALES.get(text[-1], 1)
        return Decimal(text.rstrip("十百千万")) * scale
    total, digit = 0, 0
    for char in text:
        if char in SCALES:
            total = (total + digit) * SCALES[char] if char == "万" else total + (digit or 1) * SCALES[char]
            digit = 0
        else:
            digit = DIGITS[char]
    return Decimal(total + digit)


def total(amounts: list[Amount], measure: str, cell_volt: Decimal) -> Decimal | None:
    """The sum of a measure. Watt hours also come from mAh × volt ÷ 1000; None where nothing is said."""
    said = [amount.measures[measure] for amount in amounts if measure in amount.measures]
    if not said and measure == "wh":
        charge = total(amounts, "mah", cell_volt)
        volt = total(amounts, "volt", cell_volt)
        return None if charge is None else charge * (volt or cell_volt) / 1000
    return sum(said, Decimal(0)) if said else None

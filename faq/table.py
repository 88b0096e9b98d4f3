"""One row of a CSV file of the courier's while it is checked: values come out, faults are collected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from faq.divisions import divisions
from faq.faults import Fault

DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")


@dataclass(frozen=True)
class TableRow:
    """`line` counts as an editor does: 1 is the header."""

    file: str
    line: int
    cells: Mapping[str, str]
    faults: list[Fault]

    def fault(self, column: str, expected: str) -> None:
        self.faults.append(
            Fault(self.file, f"row {self.line}, column {column}", expected, self.cells.get(column, ""))
        )

    def number(self, column: str, expected: str, above_zero: bool = False) -> Decimal | None:
        """A plain decimal of at least 0; what is none is a fault and comes out as None."""
        text = self.cells[column]
        value = Decimal(text) if DECIMAL.fullmatch(text) else None
        if value is None or (above_zero and value == 0):
            self.fault(column, expected)
            return None
        return value

    def area(self, province_column: str, city_column: str, district_column: str = "") -> bool:
        """Whether the named cells hold official names, each one inside the one before it."""
        table = divisions()
        above = None
        for column, levels in ((province_column, (1,)), (city_column, (2,)), (district_column, (2, 3))):
            name = self.cells[column] if column else ""
            if not name:
                continue
            if above is None and column != province_column:
                self.fault(province_column, f"the province of {name}")
                return False
            units = [
                unit
                for unit in table.names.get(name, ())
                if unit.level in levels and (above is None or table.is_under(unit, above))
            ]
            if not units:
                self.fault(column, "the official name, such as 浙江省, 杭州市, 西湖区")
                return False
            above = units[0]
        return True


def table_rows(
    rows: Iterable[Mapping[str, str]], columns: Iterable[str], faults: list[Fault], file: str
) -> Iterator[TableRow]:
    """The rows with trimmed cells; a missing cell is empty."""
    names = tuple(columns)
    for line, row in enumerate(rows, start=2):
        yield TableRow(file, line, {name: (row.get(name) or "").strip() for name in names}, faults)

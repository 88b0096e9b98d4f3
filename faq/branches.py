"""The courier's branches (网点): which one serves a place, and which stand in an area."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from faq.faults import Fault
from faq.place import Place
from faq.table import TableRow, table_rows

COLUMNS = ("code", "name", "province", "city", "district", "phone", "hours")
HOURS = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-4]):[0-5][0-9]")
PHONE = re.compile(r"[0-9+][0-9 -]{4,19}")


@dataclass(frozen=True, slots=True)
class Branch:
    """`hours` as `08:00-20:00`; phone and hours may be empty."""

    code: str
    name: str
    province: str
    city: str
    district: str
    phone: str
    hours: str


class Branches:
    """All branches, in the order of the file."""

    def __init__(self, branches: Iterable[Branch] = ()) -> None:
        self.all = tuple(branches)

    def in_place(self, place: Place) -> tuple[Branch, ...]:
        """The branches inside the named area; none for a place of which nothing is known."""
        wanted = {"province": place.province, "city": place.city, "district": place.district}
        named = {part: name for part, name in wanted.items() if name}
        if not named:
            return ()
        return tuple(
            branch
            for branch in self.all
            if all(getattr(branch, part) == name for part, name in named.items())
        )

    def serving(self, place: Place) -> Branch | None:
        """The branch of the district, else one of the same city; a whole province has none."""
        in_district = self.in_place(Place(place.province, place.city, place.district))
        if place.district and in_district:
            return in_district[0]
        in_city = self.in_place(Place(place.province, place.city)) if place.city else ()
        whole_city = [branch for branch in in_city if not branch.district]
        return next(iter([*whole_city, *in_city]), None)


def read_branches(
    rows: Iterable[Mapping[str, str]], faults: list[Fault], file: str = "branches.csv"
) -> Branches:
    """Read the rows of branches.csv; what is wrong is added to `faults` and left out."""
    read: dict[str, Branch] = {}
    for row in table_rows(rows, COLUMNS, faults, file):
        code = row.cells["code"]
        if not _is_right(row):
            continue
        if code in read:
            row.fault("code", "each code once")
            continue
        read[code] = Branch(**row.cells)
    return Branches(read.values())


def _is_right(row: TableRow) -> bool:
    right = row.area("province", "city", "district")
    for column in ("code", "name", "province"):
        if not row.cells[column]:
            row.fault(column, "a text")
            right = False
    if row.cells["phone"] and not PHONE.fullmatch(row.cells["phone"]):
        row.fault("phone", "a telephone number, such as 0571-55500001")
        right = False
    if row.cells["hours"] and not HOURS.fullmatch(row.cells["hours"]):
        row.fault("hours", "hours, such as 08:00-20:00")
        right = False
    return right

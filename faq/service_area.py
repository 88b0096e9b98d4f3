"""Whether the courier collects and delivers at a place.

The finest row of areas.csv wins (province, city, district, town); what has no row is not covered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from faq.divisions import Division, Divisions, divisions
from faq.faults import Fault
from faq.place import Place

COLUMNS = ("province", "city", "district", "town", "pickup", "deliver", "ems")
YES_NO = {"yes": True, "no": False}
Key = tuple[str, str, str, str]
"""Official province, city, district, town; an empty part is all of it."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is offered at a place; `named` tells whether any row covers it at all."""

    pickup: bool
    deliver: bool
    ems: bool
    named: bool


NOT_COVERED = Coverage(pickup=False, deliver=False, ems=False, named=False)


class Areas:
    """The courier's area table."""

    def __init__(self, rows: Mapping[Key, Coverage]) -> None:
        self._rows = dict(rows)
        self._with_towns = frozenset(key[:3] for key in rows if key[3])

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def pickup_provinces(self) -> tuple[str, ...]:
        """The provinces in which parcels are collected, in the order of the file."""
        return tuple(key[0] for key, row in self._rows.items() if row.pickup and not any(key[1:]))

    @property
    def uncovered(self) -> tuple[str, ...]:
        """The areas that the table names as not delivered to, as people write them."""
        return tuple("".join(key) for key, row in self._rows.items() if not row.deliver)

    def check(self, place: Place) -> Coverage:
        """The finest row for a place. A partial place counts where all its readings agree.

        A district that the table does not know (a new one, a park) is read as its city.
        """
        table = divisions()
        readings = table.complete(place) or table.complete(replace(place, district=""))
        found = {self._check_full(reading) for reading in readings}
        return found.pop() if len(found) == 1 else NOT_COVERED

    def parts_of(self, place: Place, service: str) -> tuple[str, ...]:
        """The areas with rows of their own inside a place where `pickup` or `deliver` is offered."""
        area = tuple(part for part in (place.province, place.city, place.district) if part)
        inside = (key for key, row in self._rows.items() if getattr(row, service))
        return tuple("".join(dict.fromkeys(key)) for key in inside if area and key[: len(area)] == area)

    def _check_full(self, place: Place) -> Coverage:
        for key in self._keys(place):
            row = self._rows.get(key)
            if row is not None:
                return row
        return NOT_COVERED

    def _keys(self, place: Place) -> Iterator[Key]:
        """From the finest to the coarsest. A former district falls back on the one that took it over."""
        province, city, district = place.province, place.city, place.district
        if (province, city, district) in self._with_towns:
            yield (province, city, district, divisions().town_of(place))
        if district:
            yield (province, city, district, "")
            for later in divisions().successors(place):
                yield (later.province, later.city, later.district, "")
        yield (province, city, "", "")
        yield (province, "", "", "")
        yield ("", "", "", "")


def read_areas(rows: Iterable[Mapping[str, str]], faults: list[Fault], file: str = "areas.csv") -> Areas:
    """Read the rows of areas.csv; what is wrong is added to `faults` and left out."""
    read: dict[Key, Coverage] = {}
    first_line: dict[Key, int] = {}
    for line, row in enumerate(rows, start=2):
        cells = {column: (row.get(column) or "").strip() for column in COLUMNS}
        entry = _Row(file, line, cells, faults)
        key = entry.key()
        pickup, deliver, ems = (entry.flag(column) for column in ("pickup", "deliver", "ems"))
        if key is None or pickup is None or deliver is None or ems is None:
            continue
        if key in read:
            entry.fault("province", f"a place once; row {first_line[key]} names it too", "".join(key))
            continue
        first_line[key] = line
        read[key] = Coverage(pickup, deliver, ems, named=True)
    return Areas(read)


@dataclass(frozen=True)
class _Row:
    """One row while it is checked; line 1 is the header."""

    file: str
    line: int
    cells: Mapping[str, str]
    faults: list[Fault]

    def fault(self, column: str, expected: str, found: str) -> None:
        self.faults.append(Fault(self.file, f"row {self.line}, column {column}", expected, found))

    def flag(self, column: str) -> bool | None:
        value = YES_NO.get(self.cells[column])
        if value is None:
            self.fault(column, "yes or no", self.cells[column])
        return value

    def key(self) -> Key | None:
        """The official names, or None with the fault told."""
        table = divisions()
        unit: Division | None = None
        for column in ("province", "city", "district"):
            name = self.cells[column]
            if not name:
                continue
            if column != "province" and unit is None:
                self.fault("province", f"the province of {name}", "")
                return None
            unit = self._unit(table, column, name, unit)
            if unit is None:
                return None
        town = self.cells["town"]
        if unit is None:
            if town:
                self.fault("province", f"the province of {town}", "")
                return None
            return ("", "", "", "")
        return self._with_town(table, unit, town)

    def _unit(self, table: Divisions, column: str, name: str, above: Division | None) -> Division | None:
        level = {"province": (1,), "city": (2,), "district": (2, 3)}[column]
        found = [
            unit
            for unit in table.names.get(name, ())
            if unit.level in level and (above is None or table.is_under(unit, above))
        ]
        if len(found) != 1:
            where = f" in {above.name}" if above else ""
            known = table.shorts.get(name, ())
            hint = next((unit.name for unit in known if unit.level in level), "")
            such = f", such as {hint}" if hint else ""
            what = "a city named too, for there are several" if found else f"the official name of a {column}"
            self.fault(column, f"{what}{where}{such}", name)
            return None
        return found[0]

    def _with_town(self, table: Divisions, unit: Division, town: str) -> Key | None:
        place = table.place(unit)
        if unit.level == 1 and not self.cells["city"] and not self.cells["district"]:
            place = Place(province=unit.name)
        known = {division.name for division in table.towns_of(unit.code)}
        if town and known and town not in known:
            self.fault("town", f"the official name of a town in {unit.name}", town)
            return None
        if town and not known and unit.level < 3 and unit.kind != "省直辖县级":
            self.fault("district", f"the district of {town}", "")
            return None
        return (place.province, place.city, place.district, town)

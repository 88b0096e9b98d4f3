"""The administrative divisions of China: names, levels, successors; rows and licences in data/SOURCES.md.

Provinces, cities and counties are objects; the 41,000 towns stay one block of text that is cut a county at a
time. In an address (`Place`) a unit directly under a province is a district without a city, Hong Kong and
Macao are a province without a city, and a municipality is both province and city.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from faq.place import Place

DATA = Path(__file__).parent / "data"
OVERSEAS = ("71", "81", "82")
"""Taiwan, Hong Kong, Macao: no official codes below the province, so their units count only where named."""
TOWN_SHORT_KINDS = ("镇", "乡", "民族乡", "苏木", "民族苏木")
STREET_ENDINGS = ("路", "街", "大道", "巷", "东路", "西路", "南路", "北路", "中路", "东街", "西街")


@dataclass(frozen=True, slots=True)
class Division:
    """`level` 1 province, 2 city, 3 county, 4 town; `status` now, zone, former (see `succ`) or check."""

    code: str
    level: int
    name: str
    short: str
    kind: str
    status: str
    parent: str
    succ: str
    pinyin: str
    """Of the short name, without spaces and tones; towns have none."""


@dataclass(frozen=True, slots=True)
class Alias:
    """What people call one or more units: `kind` short, colloquial, former, place, region, abbr-1 …"""

    name: str
    codes: tuple[str, ...]
    kind: str


def _division(line: str) -> Division:
    code, level, parent, name, short, kind, status, succ, pinyin, *_ = line.split(",")
    return Division(code, int(level), name, short, kind, status, parent, succ, pinyin)


class Divisions:
    """The table; `by_code` and `children` hold levels 1 to 3, `towns_of` cuts level 4 when asked."""

    def __init__(self, table: str, aliases: Iterable[Alias] = (), former: Iterable[Alias] = ()) -> None:
        start = table.index("\n") + 1
        towns = table.find(",4,", start)
        end = table.rfind("\n", 0, towns) + 1 if towns > 0 else len(table)
        self.by_code = {unit.code: unit for unit in map(_division, table[start:end].splitlines())}
        self._town_rows = table[end:].encode()
        self._town_spans: dict[str, tuple[int, int]] = {}
        self._town_cache: dict[str, tuple[Division, ...]] = {}
        children: defaultdict[str, list[str]] = defaultdict(list)
        names: defaultdict[str, list[Division]] = defaultdict(list)
        shorts: defaultdict[str, list[Division]] = defaultdict(list)
        for unit in self.by_code.values():
            children[unit.parent].append(unit.code)
            names[unit.name].append(unit)
            if unit.short and unit.short != unit.name:
                shorts[unit.short].append(unit)
        self.children = {parent: tuple(codes) for parent, codes in children.items()}
        self.names = {name: tuple(units) for name, units in names.items()}
        self.shorts = {name: tuple(units) for name, units in shorts.items()}
        self.words = frozenset(name for name in (*names, *shorts) if len(name) > 1)
        """Every official and short name of levels 1 to 3 that is longer than a character."""
        self.aliases = tuple(aliases)
        self.former = tuple(former)

    def path(self, unit: Division) -> Iterator[Division]:
        """The unit and those above it, up to the province."""
        while True:
            yield unit
            if not unit.parent:
                return
            unit = self.by_code[unit.parent]

    def is_under(self, unit: Division, above: Division) -> bool:
        return any(step.code == above.code for step in self.path(unit))

    def place(self, unit: Division, detail: str = "") -> Place:
        """The address of a unit of level 1 to 3, by official names."""
        province = city = district = ""
        for step in self.path(unit):
            if step.level == 1:
                province = step.name
            elif step.level == 3 or step.kind == "省直辖县级":
                district = step.name
            elif step.kind != "特别行政区":
                city = step.name
        if unit.kind == "直辖市":
            city = province
        return Place(province, city, district, detail)

    def successors(self, place: Place) -> tuple[Place, ...]:
        """Where a district that was merged away belongs now; () for one that still exists."""
        return tuple(
            self.place(self.by_code[code], place.detail)
            for unit in self.names.get(place.district, ())
            if unit.status == "former" and self.place(unit, place.detail) == place
            for code in unit.succ.split()
        )

    def towns_of(self, code: str) -> tuple[Division, ...]:
        """The towns and streets straight under a county, or under a city that has no counties."""
        if code not in self._town_cache:
            if not self._town_spans:
                self._index_towns()
            start, end = self._town_spans.get(code, (0, 0))
            rows = self._town_rows[start:end].decode().splitlines()
            self._town_cache[code] = tuple(_division(row) for row in rows)
        return self._town_cache[code]

    def _index_towns(self) -> None:
        """Where each parent's towns stand in the block; rows are sorted by parent."""
        rows, position, parent, start = self._town_rows, 0, "", 0
        while position < len(rows):
            first = rows.index(b",4,", position) + 3
            of_row = rows[first : first + 6].decode()
            if of_row != parent:
                if parent:
                    self._town_spans[parent] = (start, position)
                parent, start = of_row, position
            position = rows.index(b"\n", first) + 1
        if parent:
            self._town_spans[parent] = (start, position)

    def prefer_mainland(self, units: tuple[Division, ...]) -> tuple[Division, ...]:
        """Without Taiwan, Hong Kong and Macao, unless nothing is left."""
        return tuple(unit for unit in units if unit.code[:2] not in OVERSEAS) or units

    def complete(self, place: Place) -> tuple[Place, ...]:
        """All full readings of a partial place: none, one (certain) or many (ask)."""
        if place.city.endswith("特别行政区"):
            place = replace(place, city="")
        name = place.district or place.city or place.province
        level = 3 if place.district else 2 if place.city else 1
        found = []
        for unit in self.names.get(name, ()) or self.shorts.get(name, ()):
            full = self.place(unit, place.detail)
            said = (full.district, full.city, full.province)[3 - level]
            if not said or (level < 3 and full.district) or (level < 2 and full.city not in ("", name)):
                continue
            if place.province in ("", full.province) and place.city in ("", full.city):
                found.append((unit, full))
        if not place.province and not place.city:
            kept = self.prefer_mainland(tuple(unit for unit, _ in found))
            found = [(unit, full) for unit, full in found if unit in kept]
        return tuple(dict.fromkeys(full for _, full in found))

    def unit_of(self, place: Place) -> Division | None:
        """The unit of a place whose area is complete or certain."""
        for full in self.complete(place)[:2]:
            name = full.district or full.city or full.province
            for unit in self.names[name]:
                if self.place(unit, place.detail) == full:
                    return unit
        return None

    def town_of(self, place: Place) -> str:
        """The official name of the town or street that the detail starts with, or ""."""
        if not place.detail:
            return ""
        unit = self.unit_of(place)
        return self.town_at(unit, place.detail) if unit else ""

    def town_at(self, unit: Division, detail: str) -> str:
        """As `town_of`, below a known unit. A short name counts for towns, not for streets' quarters."""
        best = short = ""
        for town in self.towns_of(unit.code):
            name = town.name
            if detail.startswith(name) and len(name) > len(best):
                best = name
            elif (
                len(town.short) >= 2
                and town.kind in TOWN_SHORT_KINDS
                and detail.startswith(town.short)
                and not detail.startswith(STREET_ENDINGS, len(town.short))
                and len(name) > len(short)
            ):
                short = name
        return best or short


def _read_aliases() -> list[Alias]:
    rows = json.loads((DATA / "divisions_aliases.json").read_text("utf-8"))["aliases"]
    return [Alias(row["alias"], tuple(row["codes"]), row["type"]) for row in rows]


def _read_former() -> list[Alias]:
    """Abolished county-level names; a name that several units bore has the successors of all."""
    codes: defaultdict[str, dict[str, None]] = defaultdict(dict)
    with (DATA / "divisions_former.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            codes[row["old_name"]].update(dict.fromkeys(row["succ_codes"].split()))
    return [Alias(name, tuple(found), "former") for name, found in codes.items()]


@lru_cache(maxsize=1)
def divisions() -> Divisions:
    """The shipped table, read once."""
    table = gzip.decompress((DATA / "divisions.csv.gz").read_bytes()).decode("utf-8")
    return Divisions(table, _read_aliases(), _read_former())


def complete(place: Place) -> tuple[Place, ...]:
    """All full readings of a partial place: () unknown, one = certain, many = ask."""
    return divisions().complete(place)


def town_of(place: Place) -> str:
    """The official town or street name that the detail starts with, else ""."""
    return divisions().town_of(place)

"""The two look-ups of every booking: 100,000 names of goods, and every division of the country.

Run as `python -m benchmarks.domain`. Targets: 100 µs a name, 50 µs a place over the whole table, towns
included, with a courier that has a row of its own for each district in ten and each town in fifty.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from statistics import mean, quantiles

from benchmarks import goods
from faq.divisions import divisions
from faq.place import Place
from faq.service_area import Areas, Coverage

OWN_ROW = Coverage(pickup=False, deliver=False, ems=True, named=True)
WHOLE_PROVINCE = Coverage(pickup=True, deliver=True, ems=True, named=True)
DISTRICT_ROW, TOWN_ROW = 10, 50
"""One in so many has a row of its own in the courier's table."""


def every_place() -> Iterator[Place]:
    """Each division as an address by its official names, towns with a street below them."""
    table = divisions()
    for unit in table.by_code.values():
        place = table.place(unit)
        yield place
        for town in table.towns_of(unit.code):
            yield replace(place, detail=f"{town.name}人民路1号")


def areas_of(places: list[Place]) -> Areas:
    """A courier's table over these places, large enough that every level is searched."""
    rows = {(place.province, "", "", ""): WHOLE_PROVINCE for place in places}
    with_town = [place for place in places if place.detail and place.district]
    districts = [place for place in places if place.district and not place.detail]
    rows |= {(p.province, p.city, p.district, ""): OWN_ROW for p in districts[::DISTRICT_ROW]}
    towns = [(p.province, p.city, p.district, p.detail.removesuffix("人民路1号")) for p in with_town]
    rows |= dict.fromkeys(towns[::TOWN_ROW], OWN_ROW)
    return Areas(rows)


def main() -> None:
    goods.main()
    places = list(every_place())
    areas = areas_of(places)
    taken = []
    cpu = time.process_time()
    for place in places:
        begun = time.perf_counter()
        areas.check(place)
        taken.append((time.perf_counter() - begun) * 1e6)
    cpu = (time.process_time() - cpu) / len(places) * 1e6
    print(f"{len(areas)} rows, {len(places)} divisions: mean {mean(taken):.1f} µs", end="")
    print(f", p99 {quantiles(taken, n=100)[98]:.1f} µs; processor time {cpu:.1f} µs a look-up")


if __name__ == "__main__":
    main()

"""Addresses and areas: load time, memory, µs an address parse, µs an area look-up.

Run as `python benchmarks/areas.py`. Targets: load 150 ms, parse 60 µs a message of 20 to 40
characters, look-up 50 µs.
"""

from __future__ import annotations

import itertools
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean

sys.path.insert(0, str(Path(__file__).parents[1]))

MESSAGES = Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines()
ROWS = (
    ("浙江省", "", "", ""),
    ("浙江省", "舟山市", "嵊泗县", "花鸟乡"),
    ("北京市", "", "", ""),
    ("吉林省", "长春市", "", ""),
    ("重庆市", "重庆市", "两江新区", ""),
)


def microseconds(act: Callable[[], object], times: int) -> float:
    """The mean of the best of five rounds."""
    rounds = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(times):
            act()
        rounds.append((time.perf_counter() - start) / times * 1e6)
    return min(rounds)


def main() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    from faq.divisions import divisions
    from faq.place import Place
    from faq.service_area import read_areas

    imported = time.perf_counter()
    divisions()
    loaded = time.perf_counter()
    from intents.slots.address import find_places

    find_places(MESSAGES[1])
    ready = time.perf_counter()
    print(f"divisions: import {(imported - start) * 1e3:.0f} ms, load {(loaded - imported) * 1e3:.0f} ms")
    print(f"address finder ready after another {(ready - loaded) * 1e3:.0f} ms")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"memory: {peak / 1024:.0f} MB at the most, {(peak - before) / 1024:.0f} MB of it for this")

    columns = ("province", "city", "district", "town")
    flags = {"pickup": "yes", "deliver": "yes", "ems": "no"}
    areas = read_areas([dict(zip(columns, row, strict=True)) | flags for row in ROWS], [])
    for place in (
        Place("浙江省", "舟山市", "嵊泗县", "花鸟乡灯塔路1号"),
        Place("浙江省", "杭州市", "西湖区", "文三路90号"),
        Place(district="朝阳区"),
        Place("重庆市", "重庆市", "渝北区"),
    ):
        print(f"look-up {place}: {microseconds(lambda place=place: areas.check(place), 2000):.1f} µs")  # type: ignore[misc]

    length = mean(map(len, MESSAGES))
    texts = itertools.cycle(MESSAGES)
    taken = microseconds(lambda: find_places(next(texts)), 200 * len(MESSAGES))
    print(f"parse: {taken:.1f} µs a message, {len(MESSAGES)} messages of {length:.0f} characters on average")


if __name__ == "__main__":
    main()

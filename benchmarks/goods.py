"""Goods: build time, and µs a check on 100,000 generated names. Target: 100 µs on average.

Run as `python benchmarks/goods.py`. A name is a quantity, a description, goods of the catalogue or of
everyday life, and an ending, put together by chance; one in ten is disguised.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from statistics import mean, quantiles

sys.path.insert(0, str(Path(__file__).parents[1]))

NAMES = 100_000
BEFORE = ("", "", "两箱", "一个", "我想寄", "新", "旧的", "50000毫安", "三条", "空", "玩具", "不带电池的")
AFTER = ("", "", "", "能寄吗", "造型台灯", "收纳盒", "和衣服", "、书", "10个", "给我爸", "配件")
GAPS = (".", " ", "·", "🔥")


def generated(names: list[str], chance: random.Random) -> str:
    name = chance.choice(names)
    if chance.random() < 0.1:
        name = chance.choice(GAPS).join(name)
    return chance.choice(BEFORE) + name + chance.choice(AFTER)


def main() -> None:
    start = time.perf_counter()
    from faq.goods_entries import shipped_entries
    from faq.prohibited_goods import shipped_catalogue

    imported = time.perf_counter()
    catalogue = shipped_catalogue()
    catalogue.check("书")
    built = time.perf_counter()
    print(f"import {(imported - start) * 1e3:.0f} ms, catalogue {(built - imported) * 1e3:.0f} ms")

    known = [name for entry in shipped_entries() for name in entry.names]
    chance = random.Random(20261123)
    unknown = [
        "".join(chance.sample("的一是了我不人在他有这个上们来到时大地为", 4)) for _ in range(len(known) // 4)
    ]
    names = [generated(known + unknown, chance) for _ in range(NAMES)]
    taken = []
    cpu = time.process_time()
    for name in names:
        begun = time.perf_counter()
        catalogue.check(name)
        taken.append((time.perf_counter() - begun) * 1e6)
    cpu = (time.process_time() - cpu) / NAMES * 1e6
    cuts = quantiles(taken, n=100)
    print(f"{len(known)} known names; {NAMES} checks: mean {mean(taken):.1f} µs, p99 {cuts[98]:.1f} µs")
    print(f"processor time {cpu:.1f} µs a check, whatever else the machine does")

    text = "你好，我想寄两箱茶叶和一个火机造型台灯到上海浦东新区，明天下午来取"
    begun = time.perf_counter()
    for _ in range(5000):
        catalogue.find(text)
    print(f"find in {len(text)} characters: {(time.perf_counter() - begun) / 5000 * 1e6:.1f} µs")


if __name__ == "__main__":
    main()

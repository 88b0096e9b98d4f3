"""The shipped FAQ entries: how often a question finds its entry when that wording is taken out, and how fast.

    python -m benchmarks.faq

Each wording in turn is left out of the index and asked. The scores of right and wrong first answers show
where the thresholds of intents/faq/handle.py may lie.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from bot.config import read_settings
from bot.reference import read_knowledge
from faq.answer import Entries, Entry
from intents.faq.handle import POSSIBLE, is_certain

ROOT = Path(__file__).parent.parent


def without(entries: tuple[Entry, ...], question: str) -> Entries:
    kept = (
        Entry(each.id, tuple(one for one in each.questions if one != question), each.topic, each.answer)
        for each in entries
    )
    return Entries([each for each in kept if each.questions])


def main() -> None:
    settings, _ = read_settings(ROOT / "config.yaml")
    assert settings is not None
    knowledge, _ = read_knowledge(settings)
    entries = knowledge.entries.entries
    first, three, seconds = [], [], []
    for entry in entries:
        for question in entry.questions:
            index = without(entries, question)
            began = time.perf_counter()
            found = index.search(question)
            seconds.append(time.perf_counter() - began)
            how = (
                "answered" if is_certain(found) else "offered" if found[0].score >= POSSIBLE else "not found"
            )
            first.append((how, found[0].entry.id == entry.id))
            three.append(any(each.entry.id == entry.id for each in found))
    print(f"{len(entries)} entries, {len(first)} questions, {statistics.mean(seconds) * 1e6:.0f} µs a search")
    right = statistics.mean(good for _, good in first)
    print(f"wording left out: first {right:.0%}, among the first three {statistics.mean(three):.0%}")
    for name in ("answered", "offered", "not found"):
        band = [good for how, good in first if how == name]
        if band:
            print(f"{name}: {len(band)}, of these first and right {statistics.mean(band):.0%}")


if __name__ == "__main__":
    main()

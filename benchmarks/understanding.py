"""Understanding: ready, memory, time a message by length, the parse command, accuracy on held-back messages.

Run as `python -m benchmarks.understanding`; one thread. `--messages FILE` takes other held-back messages.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles

from intents.understand import start, understand

HELD_BACK = Path(__file__).parents[1] / "tests" / "data" / "held_back.jsonl"
ROUNDS = 5
PARSED = 6000
"""Messages that are put through the parse command."""
ORDINARY = range(10, 61)
LENGTHS = (125, 250, 500, 1000, 2000)
REPEATED = Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines()
"""Repeated up to the longest message: what a careless pattern would choke on."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=Path, default=HELD_BACK)
    path = parser.parse_args().messages
    texts = [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()]
    print(ready())
    start()
    print(speed(texts))
    print(lengths(texts))
    print(command(texts))
    print(accuracy(path))


def ready() -> str:
    """Import and load in a fresh process, and its memory."""
    code = (
        "import resource, sys, time; start = time.perf_counter();"
        "from intents.understand import start as begin; begin();"
        "assert 'sklearn' not in sys.modules;"
        "print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    runs = [subprocess.check_output([sys.executable, "-c", code], text=True).split() for _ in range(ROUNDS)]
    seconds, memory = (median(float(run[i]) for run in runs) for i in (0, 1))
    return (
        f"ready after {seconds:.2f} s with {memory:.0f} MB (median of {ROUNDS} starts, aim ≤ 1.0 s, ≤ 150 MB)"
    )


def speed(texts: Sequence[str]) -> str:
    ordinary = [text for text in texts if len(text) in ORDINARY]
    times = [taken for _ in range(ROUNDS) for taken in map(milliseconds, ordinary)]
    p50, p99 = median(times), quantiles(times, n=100)[98]
    return (
        f"a message of {ORDINARY[0]} to {ORDINARY[-1]} characters ({len(ordinary)}, {ROUNDS} times): "
        f"p50 {p50:.3f} ms, p99 {p99:.3f} ms (aim ≤ 0.5, ≤ 2)"
    )


def lengths(texts: Sequence[str]) -> str:
    """The time by length of a run-on of real messages, and of the worst repetition."""
    story = ",".join(texts)
    rows = [
        f"  {length:>5} characters: {min(milliseconds(story[:length]) for _ in range(ROUNDS)):.2f} ms"
        for length in LENGTHS
    ]
    longest = LENGTHS[-1]
    worst = max((milliseconds((part * longest)[:longest]), part) for part in REPEATED)
    return "\n".join(
        ["by length (aim linear, ≤ 30 ms)", *rows, f"  worst repetition: {worst[0]:.2f} ms ({worst[1]})"]
    )


def milliseconds(text: str) -> float:
    now = datetime.fromisoformat("2026-11-23T10:00:00+08:00")
    begun = time.perf_counter()
    understand(text, now)
    return (time.perf_counter() - begun) * 1000


def command(texts: Sequence[str]) -> str:
    """Messages a second through `python -m intents parse`, its start included."""
    lines = [json.dumps({"id": i, "text": texts[i % len(texts)]}) for i in range(PARSED)]
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "intents", "parse"],
        input="\n".join(lines),
        text=True,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return f"parse command: {PARSED / (time.perf_counter() - start):.0f} messages/s (aim ≥ 1,500)"


def accuracy(path: Path) -> str:
    said = subprocess.check_output([sys.executable, "-m", "intents", "evaluate", "--test", path], text=True)
    return f"held-back messages ({path.name}):\n{said}"


if __name__ == "__main__":
    main()

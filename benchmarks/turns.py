"""Customer turns over HTTP against one desk on this machine, the load generator beside it.

    python -m benchmarks.turns [--seconds 20] [--customers 16] [--database URL]

Prints the time to be ready, memory, the latency of one customer, the rate with many at once, and whether
the thousandth message of a conversation costs what the tenth did. Every answer is checked: a wrong one ends
the run.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
import yaml

ROOT = Path(__file__).parent.parent
PORT = 18080
BOOKING = [
    ("我要寄快递", "寄什么"),
    ("两箱茶叶，10公斤", "寄到"),
    ("从杭州西湖区文三路90号寄到北京", "联系人"),
    ("白酒能寄吗", "白酒"),
    ("王强13800138000", "上门"),
    ("明天上午", "请核对"),
    ("不对，是15公斤", "15公斤"),
    ("算了，不寄了", "没有生成订单"),
    ("查下300100000026", "北京"),
    ("你们几点下班", ""),
]
"""What each simulated customer says over and over, and what must stand in the answer."""


class Desk:
    """A desk of its own process and database."""

    def __init__(self, folder: Path, database: str) -> None:
        settings = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
        settings["database"]["url"] = database or f"sqlite:///{folder}/desk.db"
        settings["http"]["port"] = PORT
        settings["data"] = str(ROOT / "data")
        self.config = folder / "config.yaml"
        self.config.write_text(yaml.safe_dump(settings, allow_unicode=True), "utf-8")

    def start(self) -> float:
        """Start and return the seconds until it is ready."""
        began = time.perf_counter()
        command = [sys.executable, "-m", "bot", "serve", "--config", str(self.config)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        asyncio.run(self._ready())
        return time.perf_counter() - began

    async def _ready(self) -> None:
        async with aiohttp.ClientSession() as session:
            for _ in range(600):
                try:
                    async with session.get(f"http://127.0.0.1:{PORT}/readyz") as response:
                        if response.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.05)
        raise SystemExit("the desk did not become ready in 30 s")

    def memory(self) -> float:
        """Resident memory in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


async def say(session: aiohttp.ClientSession, name: str, text: str, expected: str) -> float:
    """One turn; returns its milliseconds."""
    body = {"session": name, "id": secrets.token_hex(8), "text": text}
    began = time.perf_counter()
    async with session.post(f"http://127.0.0.1:{PORT}/chat/messages", json=body) as response:
        answer = await response.json()
    took = (time.perf_counter() - began) * 1000
    told = "".join(reply["text"] for reply in answer["replies"])
    if expected not in told:
        raise SystemExit(f"wrong answer to {text!r}: {told!r}")
    return took


async def customer(session: aiohttp.ClientSession, until: float) -> list[float]:
    """A customer who talks until the time is up, in conversations of 50 messages."""
    times: list[float] = []
    while time.perf_counter() < until:
        name = secrets.token_urlsafe(16)
        for text, expected in BOOKING * 5:
            times.append(await say(session, name, text, expected))
            if time.perf_counter() >= until:
                break
    return times


async def crowd(count: int, seconds: float) -> tuple[list[float], float]:
    """Many customers at once: all times, and turns a second."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=count)) as session:
        until = time.perf_counter() + seconds
        began = time.perf_counter()
        runs = await asyncio.gather(*(customer(session, until) for _ in range(count)))
        took = time.perf_counter() - began
    times = [each for run in runs for each in run]
    return times, len(times) / took


async def long_conversation() -> tuple[float, float]:
    """Median milliseconds around the 10th and around the 1,000th message of one conversation."""
    times = []
    async with aiohttp.ClientSession() as session:
        name = secrets.token_urlsafe(16)
        for number in range(1010):
            text, expected = BOOKING[number % len(BOOKING)]
            times.append(await say(session, name, text, expected))
    return statistics.median(times[10:110]), statistics.median(times[910:1010])


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--customers", type=int, default=16)
    parser.add_argument("--database", default="")
    arguments = parser.parse_args()
    print(f"machine: {os.cpu_count()} cores, Python {platform.python_version()}, {platform.platform()}")
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder), arguments.database)
        print(f"ready after {desk.start():.2f} s, {desk.memory():.0f} MB")
        try:
            asyncio.run(crowd(1, 2))
            times, _ = asyncio.run(crowd(1, arguments.seconds))
            print(f"one customer: p50 {percentile(times, 0.5):.2f} ms, p99 {percentile(times, 0.99):.2f} ms")
            times, rate = asyncio.run(crowd(arguments.customers, arguments.seconds))
            print(
                f"{arguments.customers} customers: {rate:.0f} turns/s, "
                f"p50 {percentile(times, 0.5):.1f} ms, p99 {percentile(times, 0.99):.1f} ms"
            )
            early, late = asyncio.run(long_conversation())
            change = f"{late / early - 1:+.0%}"
            print(f"one conversation: 10th message {early:.2f} ms, 1,000th {late:.2f} ms ({change})")
            print(f"memory at the end: {desk.memory():.0f} MB")
        finally:
            desk.stop()


if __name__ == "__main__":
    main()

"""Channels against one desk on this machine; the server that acts as Telegram runs beside it.

    python -m benchmarks.channels [--seconds 20] [--rate 200] [--backlog 10000] [--database URL]

Prints how soon a webhook is acknowledged while updates arrive at a steady rate, and how fast a backlog is
worked off. Every update must be answered, each chat's in order, or the run ends.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.turns import BOOKING, PORT, ROOT, Desk, percentile
from tests.fake_telegram import TOKEN, FakeTelegram

DESK = f"http://127.0.0.1:{PORT}"
CHATS = 500
WARM_UP = 2.0
"""Seconds of updates before those that are measured, as long as a desk reads its words for the first time."""
COUNTED = re.compile(r'^yida_turns_total\{channel="telegram".*\} (\S+)$', re.MULTILINE)


def settings(telegram: FakeTelegram, mode: str) -> None:
    """Point the desk of the next start at the server that acts as Telegram."""
    told = {"TOKEN": TOKEN, "BASE_URL": telegram.url, "MODE": mode}
    os.environ.update({f"YIDA_CHANNELS__TELEGRAM__{key}": value for key, value in told.items()})
    os.environ["YIDA_HTTP__PUBLIC_URL"] = DESK


def fill(telegram: FakeTelegram, count: int) -> None:
    """Queue what `CHATS` customers say in turn, each the messages of a booking over and over."""
    for number in range(count):
        chat, step = number % CHATS, number // CHATS
        who = {"id": 1000 + chat, "is_bot": False, "first_name": "客"}
        text = f"{BOOKING[step % len(BOOKING)][0]} "
        telegram.say(text, **{"from": who, "chat": {"id": who["id"], "type": "private"}})


async def turns(session: aiohttp.ClientSession) -> int:
    """Updates answered by the desk so far."""
    async with session.get(f"{DESK}/metrics") as response:
        return int(sum(float(each) for each in COUNTED.findall(await response.text())))


async def answered(session: aiohttp.ClientSession, count: int) -> float:
    """Seconds until so many updates are answered."""
    began = time.perf_counter()
    while await turns(session) < count:
        if time.perf_counter() - began > 300:
            raise SystemExit(f"only {await turns(session)} of {count} updates were answered in 300 s")
        await asyncio.sleep(0.05)
    return time.perf_counter() - began


async def acknowledge(
    session: aiohttp.ClientSession, telegram: FakeTelegram, update: Mapping[str, Any], times: list[float]
) -> None:
    headers = {"X-Telegram-Bot-Api-Secret-Token": telegram.secret}
    began = time.perf_counter()
    async with session.post(telegram.hook, data=json.dumps(update), headers=headers) as response:
        if response.status != 200:
            raise SystemExit(f"the webhook answered {response.status}")
    times.append((time.perf_counter() - began) * 1000)


async def webhook(telegram: FakeTelegram, rate: int, seconds: float) -> None:
    """Updates at a steady rate, whether or not the earlier ones are acknowledged."""
    count, times = int(rate * (WARM_UP + seconds)), list[float]()
    fill(telegram, count)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100)) as session:
        await telegram.hooked.wait()
        began = time.perf_counter()
        tasks = []
        for number, update in enumerate(telegram.updates):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(acknowledge(session, telegram, update, times)))
        await asyncio.gather(*tasks)
        times = times[int(rate * WARM_UP) :]
        late = await answered(session, count)
    print(
        f"webhook at {rate}/s for {seconds:.0f} s: acknowledged in p50 {percentile(times, 0.5):.1f} ms, "
        f"p99 {percentile(times, 0.99):.1f} ms, most {max(times):.1f} ms; "
        f"all {count} answered {late:.1f} s after the last"
    )


async def backlog(telegram: FakeTelegram, count: int, desk: Desk) -> None:
    """Everything is queued before the desk starts; the time counts from its first answer on."""
    fill(telegram, count)
    said = [update["message"]["text"].strip() for update in telegram.updates]
    await asyncio.to_thread(start, desk)
    async with aiohttp.ClientSession() as session:
        await answered(session, 1)
        took = await answered(session, count)
        await check_order(session, desk, said)
    print(f"backlog of {count} updates in {CHATS} chats: {count / took:.0f}/s, each chat in order")


async def check_order(session: aiohttp.ClientSession, desk: Desk, said: list[str]) -> None:
    token = await asyncio.to_thread(new_token, desk)
    for chat in range(min(CHATS, len(said))):
        url = f"{DESK}/api/conversations/telegram:{1000 + chat}"
        async with session.get(url, headers={"Authorization": f"Bearer {token}"}) as response:
            words = (await response.json())["messages"]
        found = [each["text"] for each in words if each["from"] == "customer"]
        if found != said[chat::CHATS]:
            raise SystemExit(f"chat {chat} was answered out of order: {found}")


def new_token(desk: Desk) -> str:
    command = [sys.executable, "-m", "bot", "token", "add", "bench", "--config", str(desk.config)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def start(desk: Desk) -> None:
    desk.start()


async def run(arguments: argparse.Namespace, mode: str) -> None:
    telegram = FakeTelegram()
    await telegram.start()
    settings(telegram, mode)
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder), arguments.database)
        try:
            if mode == "webhook":
                await asyncio.to_thread(start, desk)
                await webhook(telegram, arguments.rate, arguments.seconds)
            else:
                await backlog(telegram, arguments.backlog, desk)
        finally:
            await asyncio.to_thread(desk.stop)
            await telegram.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--backlog", type=int, default=10_000)
    parser.add_argument("--database", default="")
    arguments = parser.parse_args()
    print(f"machine: {os.cpu_count()} cores, Python {platform.python_version()}, {platform.platform()}")
    for mode in ("webhook", "polling"):
        asyncio.run(run(arguments, mode))


if __name__ == "__main__":
    main()

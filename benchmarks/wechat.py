"""WeChat and WeCom against one desk on this machine; the servers that act as the platforms run beside it.

    python -m benchmarks.wechat [--seconds 20] [--passive 100] [--bells 200] [--database URL]

Prints how soon an Official Account's message gets its passive reply, and how soon a WeCom callback is
acknowledged and its message answered, while both arrive at a steady rate. Every answer is checked: a wrong
or missing one ends the run.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from benchmarks.turns import BOOKING, PORT, Desk, percentile
from tests import fake_wechat, fake_wecom
from tests.fake_wechat import FakeWechat
from tests.fake_wecom import FakeWecom

DESK = f"http://127.0.0.1:{PORT}"
CUSTOMERS = 500
WARM_UP = 2.0
"""Seconds before those that are measured, in which a desk reads its words for the first time."""
PATIENCE = 120.0


def settings(wechat: FakeWechat, wecom: FakeWecom) -> None:
    """Point the desk of the next start at the servers that act as the platforms."""
    channels = {
        "WECHAT": {
            "APP_ID": fake_wechat.APP_ID,
            "APP_SECRET": fake_wechat.APP_SECRET,
            "TOKEN": fake_wechat.TOKEN,
            "AES_KEY": fake_wechat.AES_KEY,
            "BASE_URL": wechat.url,
        },
        "WECOM": {
            "CORP_ID": fake_wecom.CORP_ID,
            "KF_SECRET": fake_wecom.SECRET,
            "TOKEN": fake_wecom.TOKEN,
            "AES_KEY": fake_wecom.AES_KEY,
            "BASE_URL": wecom.url,
        },
    }
    for channel, keys in channels.items():
        os.environ.update({f"YIDA_CHANNELS__{channel}__{key}": value for key, value in keys.items()})


async def steadily(rate: int, count: int, act: Callable[[int], Awaitable[None]]) -> None:
    """Act at a steady rate, whether or not the earlier ones are through."""
    began, tasks = time.perf_counter(), []
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        tasks.append(asyncio.ensure_future(act(number)))
    await asyncio.gather(*tasks)


def said(number: int) -> tuple[str, str]:
    """What a customer says next, and what must stand in the answer."""
    return BOOKING[number // CUSTOMERS % len(BOOKING)]


async def passive(session: aiohttp.ClientSession, wechat: FakeWechat, rate: int, seconds: float) -> None:
    """Sealed messages of an Official Account, each answered in the answer to its call."""
    times: list[float] = []

    async def say(number: int) -> None:
        text, expected = said(number)
        customer = f"oBench_{number % CUSTOMERS}"
        body, query = wechat.packed(wechat.message("text", Content=text, FromUserName=customer))
        began = time.perf_counter()
        async with session.post(f"{DESK}/webhooks/wechat", params=query, data=body) as response:
            answer = await response.text()
        times.append((time.perf_counter() - began) * 1000)
        if expected not in wechat.opened(answer):
            raise SystemExit(f"{text} was answered {response.status} {answer[:200]}")

    await steadily(rate, int(rate * (WARM_UP + seconds)), say)
    report(f"passive reply at {rate}/s for {seconds:.0f} s: in", times[int(rate * WARM_UP) :])


async def bells(session: aiohttp.ClientSession, wecom: FakeWecom, rate: int, seconds: float) -> None:
    """Callbacks of WeCom, each for one message of another customer than the last."""
    times: list[float] = []
    count = int(rate * (WARM_UP + seconds))

    async def ring(number: int) -> None:
        wecom.write("text", {"content": said(number)[0]}, f"wmBench_{number % CUSTOMERS}")
        query, body = wecom.bell()
        began = time.perf_counter()
        async with session.post(f"{DESK}/webhooks/wecom", params=query, data=body) as response:
            if await response.text() != "success":
                raise SystemExit(f"the callback was answered {response.status}")
        times.append((time.perf_counter() - began) * 1000)

    await steadily(rate, count, ring)
    late = time.perf_counter()
    await wecom.read(count, PATIENCE)
    report(f"WeCom callback at {rate}/s for {seconds:.0f} s: acknowledged in", times[int(rate * WARM_UP) :])
    print(f"  all {count} messages answered {time.perf_counter() - late:.1f} s after the last")


def report(of: str, times: list[float]) -> None:
    print(
        f"{of} p50 {percentile(times, 0.5):.1f} ms, p99 {percentile(times, 0.99):.1f} ms, "
        f"most {max(times):.1f} ms"
    )


async def run(arguments: argparse.Namespace) -> None:
    wechat, wecom = FakeWechat(lambda: datetime.now(UTC), "aes"), FakeWecom(lambda: datetime.now(UTC))
    await wechat.start()
    await wecom.start()
    settings(wechat, wecom)
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder), arguments.database)
        try:
            await asyncio.to_thread(desk.start)
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200)) as session:
                await passive(session, wechat, arguments.passive, arguments.seconds)
                await bells(session, wecom, arguments.bells, arguments.seconds)
        finally:
            await asyncio.to_thread(desk.stop)
            await wechat.stop()
            await wecom.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--passive", type=int, default=100)
    parser.add_argument("--bells", type=int, default=200)
    parser.add_argument("--database", default="")
    arguments = parser.parse_args()
    print(f"machine: {os.cpu_count()} cores, Python {platform.python_version()}, {platform.platform()}")
    asyncio.run(run(arguments))


if __name__ == "__main__":
    main()

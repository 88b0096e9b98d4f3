"""The mirror: events sent to an endpoint of another process, and what a dead endpoint costs customers.

    python -m benchmarks.mirror [--events 20000] [--waiting 100000] [--rounds 8]

Prints events a second to one local endpoint, memory on the way, and the turn time of customers with and
without a dead endpoint for which events wait; the two are measured in turns, so that other load on the
machine meets both. Every event is counted at the other end: one that is missing or doubled ends the run.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import secrets
import statistics
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import structlog
from aiohttp import web
from sqlalchemy import Connection

from bot.app import App, running
from bot.config import Settings, read_settings
from bot.desk import Inbound
from bot.mirror_settings import Endpoint, Mirror
from bot.mirroring import Mirroring, webhook
from bot.store import Store
from handoff.mirror import lanes, overview
from handoff.mirror.sender import Sender
from handoff.mirror.webhook import open_session
from handoff.tables import event_counters, events

ROOT = Path(__file__).parent.parent
SECRET = "whsec_" + "QUFB" * 8
WORD = {"from": "customer", "name": "", "text": "我的快递到哪里了，怎么还没有到", "attachments": []}
BATCH = 10_000
TURNS = 100
"""Turns of customers between a change from one state to the other."""


def serve_peer(pipe: Pipe) -> None:
    """Another process that takes events and tells how many came, each counted once."""

    async def main() -> None:
        seen: set[str] = set()
        calls = 0

        async def receive(request: web.Request) -> web.Response:
            nonlocal calls
            await request.read()
            calls += 1
            seen.add(request.headers["webhook-id"])
            return web.Response()

        async def count(_: web.Request) -> web.Response:
            return web.json_response([calls, len(seen)])

        site = web.Application()
        site.router.add_post("/", receive)
        site.router.add_get("/", count)
        runner = web.AppRunner(site, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        pipe.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(main())


def memory() -> float:
    """Resident memory of this process in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def _insert(connection: Connection, rows: list[dict[str, object]]) -> None:
    connection.execute(events.insert(), rows)


async def fill(store: Store, count: int, conversations: int) -> None:
    """`count` events, those of a conversation spread among the others."""
    now, run = datetime.now(UTC), secrets.token_hex(3)
    for start in range(0, count, BATCH):
        rows = [
            {
                "conversation": f"web:{run}-{n % conversations}",
                "seq": n // conversations + 1,
                "type": "message.created",
                "data": WORD,
                "at": now,
            }
            for n in range(start, min(start + BATCH, count))
        ]
        await store.write(partial(_insert, rows=rows))
    last = [
        {"conversation": f"web:{run}-{n}", "seq": -(-(count - n) // conversations)}
        for n in range(conversations)
    ]
    await store.write(lambda connection: connection.execute(event_counters.insert(), last).rowcount)


async def delivery(app: App, settings: Settings, port: int, count: int) -> None:
    """Events a second, from the first to the last acknowledged, and memory on the way."""
    endpoint = Endpoint(name="bench", url=f"http://127.0.0.1:{port}/", secret=SECRET)
    async with open_session(settings.mirror.allow_networks) as session:
        sender = Sender(app.store, webhook(endpoint, session), app.desk.now)
        await sender.register()
        await fill(app.store, count, 500)
        used, began, cpu = [memory()], time.perf_counter(), time.process_time()
        task = asyncio.create_task(sender.run())
        for part in (0.25, 0.5, 0.75, 1.0):
            await _level(app.store, count * (1 - part))
            used.append(memory())
        took, spent = time.perf_counter() - began, time.process_time() - cpu
        sender.stop()
        await task
        async with session.get(endpoint.url + "/") as response:
            calls, different = await response.json()
    if (calls, different) != (count, count):
        raise SystemExit(f"expected {count} events once, the peer counted {calls} calls of {different}")
    each = spent / count * 1000
    print(f"delivered         {count / took:,.0f} events/s ({each:.2f} ms of processor time each)")
    print("memory            " + " → ".join(f"{each:.0f}" for each in used) + " MB at each quarter")


async def _level(store: Store, left: float) -> None:
    while True:
        found = await store.read(overview.overview)
        if next(each.waiting for each in found if each.name == "bench") <= left:
            return
        await asyncio.sleep(0.2)


async def dead(app: App, settings: Settings, waiting: int, rounds: int) -> None:
    """A customer's turn with and without a dead endpoint, by turns."""
    endpoint = Endpoint(name="dead", url="http://127.0.0.1:9/", secret=SECRET)
    broken = settings.model_copy(
        update={"mirror": Mirror(endpoints=(endpoint,), allow_networks=settings.mirror.allow_networks)}
    )
    await app.store.write(lambda connection: lanes.register(connection, "dead"))
    await fill(app.store, waiting, 1000)
    await turns(app)
    times: dict[bool, list[float]] = {False: [], True: []}
    busy: dict[bool, list[float]] = {False: [], True: []}
    for number in range(rounds * 2):
        on = number % 2 == 1
        mirroring = Mirroring(app.desk, broken if on else settings)
        await mirroring.start()
        cpu = time.process_time()
        times[on] += await turns(app)
        busy[on].append((time.process_time() - cpu) / TURNS)
        await mirroring.stop()
    left = await app.store.read(_count)
    for name, found in (("p50", times), ("processor", busy)):
        without, with_it = statistics.median(found[False]) * 1000, statistics.median(found[True]) * 1000
        change = (with_it / without - 1) * 100
        print(f"turn, {name:<11} {without:.2f} ms, beside a dead endpoint {with_it:.2f} ms ({change:+.1f} %)")
    print(f"waiting           {left:,} events for the dead endpoint")


def _count(connection: Connection) -> int:
    return next(each.waiting for each in overview.overview(connection) if each.name == "dead")


async def turns(app: App) -> list[float]:
    """The times of turns of one customer."""
    name, found = f"web:w-{secrets.token_hex(6)}", []
    for number in range(TURNS):
        began = time.perf_counter()
        await app.desk.answer(Inbound(name, f"m{number}", ("你们几点下班", "白酒能寄吗")[number % 2]))
        found.append(time.perf_counter() - began)
    return found


async def measure(folder: Path, port: int, arguments: argparse.Namespace) -> None:
    read, faults = read_settings(ROOT / "config.yaml")
    if read is None:
        raise SystemExit("\n".join(map(str, faults)))
    mirror = Mirror.model_validate({"allow_networks": ["127.0.0.0/8"]})
    settings = read.model_copy(update={"root": folder, "data": str(ROOT / "data"), "mirror": mirror})
    async with running(settings) as app:
        await delivery(app, settings, port, arguments.events)
        await dead(app, settings, arguments.waiting, arguments.rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--waiting", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=8)
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    ours, theirs = multiprocessing.Pipe()
    peer = multiprocessing.get_context("spawn").Process(target=serve_peer, args=(theirs,), daemon=True)
    peer.start()
    with tempfile.TemporaryDirectory(prefix="yida-bench-") as folder:
        asyncio.run(measure(Path(folder), ours.recv(), arguments))
    peer.terminate()


if __name__ == "__main__":
    main()

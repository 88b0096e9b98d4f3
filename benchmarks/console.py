"""The agents' console under load: one desk on this machine, the load generator beside it.

    python -m benchmarks.console [--agents 200] [--open 2000] [--resolved 0] [--answers 200] [--browser]

With the agents' pages connected and the handoffs open it prints the time of the list page, the time from an
agent's answer to the customer's page (its stream; with --browser also until Chromium shows it), and memory.
Every page is checked: a wrong one ends the run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import async_playwright
from sqlalchemy import Connection, Table

from benchmarks.turns import PORT, Desk, percentile
from bot.store import tables
from bot.store.opening import opened
from handoff import agents, sign_in
from handoff.tables import handoffs

URL = f"http://127.0.0.1:{PORT}"
MESSAGES = 12
"""Words of each conversation."""
BATCH = 10_000


async def fill(folder: Path, staff: int, waiting: int, resolved: int) -> list[str]:
    """Agents with a session each, the open handoffs and the resolved ones; returns the sessions' tokens."""
    now = datetime.now().astimezone()
    async with opened(f"sqlite:///{folder}/desk.db", folder) as store:
        tokens = await store.write(lambda connection: _agents(connection, now, staff))
        for table, rows in _handoffs(now, waiting, resolved):
            await store.write(partial(_insert, table=table, rows=rows))
    return tokens


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    connection.execute(table.insert(), rows)


def _agents(connection: Connection, now: datetime, count: int) -> list[str]:
    hashed, tokens = sign_in.hash_password("benchmark password"), []
    for number in range(count):
        agent = agents.add(connection, now, f"agent{number}", f"客服{number}", "agent", hashed)
        agents.set_password(connection, agent.id, hashed)
        tokens.append(sign_in.open_session(connection, now, agent.id))
    return tokens


def _handoffs(now: datetime, waiting: int, resolved: int) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    open_ones = [_handoff(now, number, "waiting") for number in range(waiting)]
    yield tables.conversations, [_conversation(now, each) for each in open_ones]
    for number in range(MESSAGES):
        sender = ("customer", "bot")[number % 2]
        yield tables.messages, [_word(now, each["conversation"], sender, number) for each in open_ones]
    yield handoffs, open_ones
    for begin in range(0, resolved, BATCH):
        numbers = range(waiting + begin, waiting + min(begin + BATCH, resolved))
        yield handoffs, [_handoff(now, number, "resolved") for number in numbers]


def _handoff(now: datetime, number: int, status: str) -> dict[str, Any]:
    closed = status == "resolved"
    since = now - timedelta(seconds=number)
    return {
        "id": f"HO{since:%Y%m%d}-{number:07}",
        "conversation": f"web:benchmark-{number % 200_000 if closed else number}",
        "reason": "requested",
        "priority": "normal",
        "rank": 5,
        "status": status,
        "waiting_since": since,
        "assigned_at": since if closed else None,
        "closed_at": since if closed else None,
        "agent_id": f"AG{number % 200 + 1:03}" if closed else "",
        "summary": "转人工；运单 300100000026\n客户说：到哪里了 / 转人工",
        "cases": [],
    }


def _conversation(now: datetime, handoff: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": handoff["conversation"],
        "handled_by": "queue",
        "handoff": handoff["id"],
        "forms": [],
        "memory": {},
        "customer_name": f"客户{handoff['id'][-5:]}",
        "created_at": now,
        "updated_at": now,
    }


def _word(now: datetime, conversation: str, sender: str, number: int) -> dict[str, Any]:
    return {
        "conversation": conversation,
        "sender": sender,
        "text": f"第{number}句，我的快件300100000026到哪里了？",
        "choices": [],
        "attachments": [],
        "at": now,
    }


class Agent:
    """An agent's browser: its stream stays open, and what it is told is read and thrown away."""

    def __init__(self, token: str) -> None:
        self.session = aiohttp.ClientSession(URL, headers={"Cookie": f"yida_console={token}"})
        self.told = 0

    async def connect(self) -> asyncio.Task[None]:
        response = await self.session.get("/console/stream", timeout=aiohttp.ClientTimeout(None))
        assert response.status == 200, response.status

        async def read() -> None:
            with suppress(aiohttp.ClientError, asyncio.CancelledError):
                async for line in response.content:
                    self.told += line.startswith(b"event: change")

        return asyncio.create_task(read())

    async def page(self, path: str) -> tuple[str, float]:
        began = time.perf_counter()
        async with self.session.get(path) as response:
            text = await response.text()
            assert response.status == 200, (path, response.status)
        return text, (time.perf_counter() - began) * 1000

    async def first_waiting(self) -> tuple[str, str, str]:
        """The handoff, its customer's session, and the secret that a change must carry."""
        page, _ = await self.page("/console?filter=waiting")
        found = re.search(r'data-id="(HO\S+)" data-conversation="web:(\S+?)"', page)
        secret = re.search(r'name="csrf" content="(\w+)"', page)
        assert found is not None
        assert secret is not None
        return found[1], found[2], secret[1]

    async def post(self, path: str, values: dict[str, str], csrf: str) -> dict[str, Any]:
        headers = {"X-CSRF": csrf, "X-Part": "1"}
        async with self.session.post(path, data=values, headers=headers) as response:
            told: dict[str, Any] = await response.json()
            assert response.status == 200, told
        return told


async def list_pages(agent: Agent, rounds: int = 100) -> list[float]:
    times = []
    for _ in range(rounds):
        text, took = await agent.page("/console?filter=all")
        assert text.count('class="row"') == 100, "the list page does not show its hundred rows"
        times.append(took)
    return times


async def answers(agent: Agent, count: int) -> list[float]:
    """Milliseconds from sending an answer to its arrival on the customer's stream."""
    chat, session, secret = await agent.first_waiting()
    times = []
    async with (
        aiohttp.ClientSession(URL, timeout=aiohttp.ClientTimeout(None)) as customer,
        customer.get("/chat/stream", params={"session": session}) as stream,
    ):
        for number in range(count):
            text = f"第{number}次答复，请稍等。"
            began = time.perf_counter()
            said = asyncio.create_task(agent.post(f"/console/c/{chat}/say", {"text": text}, secret))
            await _until(stream, text)
            times.append((time.perf_counter() - began) * 1000)
            await said
    return times


async def _until(stream: aiohttp.ClientResponse, text: str) -> None:
    async for line in stream.content:
        if line.startswith(b"data: ") and json.loads(line[6:]).get("text") == text:
            return


SEEN = """(text) => new Promise((done) => {
  const look = () => {
    const said = [...document.querySelectorAll('.agent .bubble')].some((each) => each.textContent === text);
    if (said) requestAnimationFrame(() => done(Date.now()));
    return said;
  };
  if (!look()) new MutationObserver((_, each) => look() && each.disconnect())
    .observe(document.body, { childList: true, subtree: true });
})"""


async def answers_in_a_browser(agent: Agent, count: int = 40) -> list[float]:
    """Milliseconds from sending an answer until Chromium draws it on the customer's page."""
    chat, session, secret = await agent.first_waiting()
    times = []
    async with async_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = await playwright.chromium.launch(executable_path=path, args=["--headless", "--no-sandbox"])
        customer = await browser.new_page()
        await customer.add_init_script(f"localStorage.setItem('yida.session', '\"{session}\"')")
        await customer.goto(f"{URL}/")
        await asyncio.sleep(1)
        for number in range(count):
            text = f"浏览器里的第{number}次答复。"
            seen = asyncio.create_task(customer.evaluate(SEEN, text))
            await asyncio.sleep(0.05)
            began = time.time() * 1000
            await agent.post(f"/console/c/{chat}/say", {"text": text}, secret)
            times.append(await seen - began)
        await browser.close()
    return times


def told(what: str, times: list[float]) -> None:
    print(f"{what}: median {statistics.median(times):.1f} ms, p95 {percentile(times, 0.95):.1f} ms")


async def measure(desk: Desk, tokens: list[str], arguments: argparse.Namespace) -> None:
    async with AsyncExitStack() as stack:
        staff = [Agent(token) for token in tokens]
        for each in staff:
            await stack.enter_async_context(each.session)
        streams = [await each.connect() for each in staff]
        print(f"{len(staff)} agents connected, {arguments.open:,} handoffs open: {desk.memory():.0f} MB")
        await list_pages(staff[0], 20)
        told("list page", await list_pages(staff[0]))
        told("answer to the customer's stream", await answers(staff[0], arguments.answers))
        if arguments.browser:
            told("answer drawn in Chromium", await answers_in_a_browser(staff[1]))
        pages = await asyncio.gather(*(each.page("/console?filter=all") for each in staff))
        told(f"list page, {len(staff)} asked for at once", [took for _, took in pages])
        print(f"changes told to each page: {staff[-1].told}; memory at the end {desk.memory():.0f} MB")
        for stream in streams:
            stream.cancel()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--open", type=int, default=2000)
    parser.add_argument("--resolved", type=int, default=0)
    parser.add_argument("--answers", type=int, default=200)
    parser.add_argument("--browser", action="store_true")
    arguments = parser.parse_args()
    print(f"machine: {os.cpu_count()} cores, Python {platform.python_version()}, {platform.platform()}")
    with tempfile.TemporaryDirectory() as folder:
        tokens = asyncio.run(fill(Path(folder), arguments.agents, arguments.open, arguments.resolved))
        desk = Desk(Path(folder), "")
        desk.start()
        try:
            asyncio.run(measure(desk, tokens, arguments))
        finally:
            desk.stop()


if __name__ == "__main__":
    main()

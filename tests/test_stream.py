"""The page's stream: nothing lost on either database, whoever writes, and a second tab sees what the first said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import Connection

from bot import messages
from bot.app import App, running, web_app
from bot.cases import open_case
from bot.ledger import lock_conversation
from bot.store.postgres import PostgresStore
from bot.tokens import add_token
from intents.meaning import OpenCase
from tests.conftest import Clock, settings_with

SESSION = "w-stream-0001"
WEB = f"web:{SESSION}"


@pytest.fixture
async def http(either_app: App) -> AsyncIterator[aiohttp.ClientSession]:
    async for session in served(either_app):
        yield session


@pytest.fixture
async def postgres_app(postgres_url: str, tmp_path: Any, clock: Clock) -> AsyncIterator[App]:
    async with running(settings_with(postgres_url, tmp_path), clock) as each:
        yield each


async def served(app: App) -> AsyncIterator[aiohttp.ClientSession]:
    token = await app.store.write(lambda connection: add_token(connection, "t", app.desk.now()))
    runner = web.AppRunner(web_app(app), access_log=None, shutdown_timeout=2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(f"http://{host}:{port}", headers=headers) as session:
        yield session
    await runner.cleanup()


async def post(http: aiohttp.ClientSession, id: str, text: str) -> dict[str, Any]:
    async with http.post("/chat/messages", json={"session": SESSION, "id": id, "text": text}) as response:
        assert response.status == 200
        return dict(await response.json())


async def read(stream: aiohttp.ClientResponse, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        async for line in stream.content:
            if line.startswith(b"data: "):
                found.append(json.loads(line[6:]))
                if len(found) == count:
                    return found
    raise AssertionError(f"the stream ended after {len(found)}")


async def test_another_tab_is_told_the_customers_words_with_the_id_they_were_sent_as(
    http: aiohttp.ClientSession,
) -> None:
    params = {"session": SESSION, "with": "customer", "after": "0"}
    async with http.get("/chat/stream", params=params) as stream:
        await post(http, "tab-1-a", "你好")
        customer, bot = await read(stream, 2)
    assert (customer["from"], customer["text"], customer["sent_as"]) == ("customer", "你好", "tab-1-a")
    assert (bot["from"], bot["sent_as"]) == ("bot", None)
    async with http.get("/chat/history", params={"session": SESSION}) as response:
        assert [each["id"] for each in await response.json()] == [customer["id"], bot["id"]]


async def test_who_does_not_ask_for_it_is_told_only_the_desks_words(http: aiohttp.ClientSession) -> None:
    async with http.get("/chat/stream", params={"session": SESSION, "after": "0"}) as stream:
        await post(http, "m1", "你好")
        await post(http, "m2", "谢谢")
        assert [each["from"] for each in await read(stream, 2)] == ["bot", "bot"]


async def test_every_word_comes_once_and_in_order_while_many_write(http: aiohttp.ClientSession) -> None:
    params = {"session": SESSION, "with": "customer", "after": "0"}
    seen: list[int] = []
    async with http.get("/chat/stream", params=params) as stream:
        posting = asyncio.gather(*(post(http, f"m{n}", f"你好{n}") for n in range(12)))
        seen += [each["id"] for each in await read(stream, 7)]
    headers = {"Last-Event-ID": str(seen[-1])}
    async with http.get("/chat/stream", params=params, headers=headers) as stream:
        seen += [each["id"] for each in await read(stream, 24 - 7)]
    await posting
    async with http.get("/chat/history", params={"session": SESSION}) as response:
        assert seen == [each["id"] for each in await response.json()]


async def test_a_step_of_staff_waits_for_a_turn_that_has_not_committed(postgres_app: App) -> None:
    """Otherwise its word would get the later id, be read first, and the turn's be passed over."""
    app = postgres_app
    assert isinstance(app.store, PostgresStore)
    now = app.desk.now()

    def open_claim(connection: Connection) -> str:
        lock_conversation(connection, now, WEB)
        return open_case(connection, now, WEB, OpenCase("claim", "submitted", {}))

    number = await app.store.write(open_claim)
    async for http in served(app):
        async with http.get("/chat/stream", params={"session": SESSION, "after": "0"}) as stream:
            async with app.store.engine.begin() as slow:
                await slow.run_sync(lambda connection: lock_conversation(connection, now, WEB))
                await slow.run_sync(lambda connection: messages.add_outbound(connection, now, WEB, "慢"))
                step = asyncio.create_task(http.post(f"/api/cases/{number}/answer", json={"by": "A01"}))
                await asyncio.sleep(0.5)
                assert not step.done()
            assert (await step).status == 200
            first, second = await read(stream, 2)
    assert (first["text"], second["from"]) == ("慢", "system")

"""A customer's app on one end, the desk on the other, real HTTP between them and the platform's local stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import func, select

from bot import messages
from bot.app import App, web_app
from bot.channels import Channel
from bot.deliver import Delivery
from bot.store import tables
from bot.tokens import add_token
from tests.conftest import Clock


@dataclass
class Line:
    """One conversation over a channel."""

    app: App
    clock: Clock
    name: str
    """The conversation's."""
    uploads: Path
    desk_url: str = ""

    async def conversation(self) -> dict[str, Any]:
        """As the company's systems and its agents read it."""
        token = await self.app.store.write(lambda c: add_token(c, token_hex(4), self.clock()))
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            aiohttp.ClientSession(self.desk_url, headers=headers) as api,
            api.get(f"/api/conversations/{self.name}") as response,
        ):
            return dict(await response.json())

    async def left(self) -> int:
        return int((await self.conversation())["quota"]["left"])

    async def tell(self, *texts: str, sender: str = "bot") -> None:
        """Words of ours that answer nothing: notices, or an agent's."""
        write = partial(messages.add_outbound, now=self.clock(), conversation=self.name, sender=sender)
        await self.app.store.write(lambda c: [write(c, text=text) for text in texts])
        self.app.desk.told(self.name)

    async def request_person(self) -> str:
        """The number of the open handoff."""
        query = select(tables.conversations.c.handoff).where(tables.conversations.c.name == self.name)
        return str(await self.app.store.read(lambda c: c.execute(query).scalar_one()))

    async def delivered(self, status: str, count: int) -> None:
        """Wait until so many words have this state."""
        table = tables.deliveries
        query = select(func.count()).select_from(table).where(table.c.status == status)
        async with asyncio.timeout(10):
            while await self.app.store.read(lambda c: c.execute(query).scalar_one()) != count:
                await asyncio.sleep(0.02)

    async def worked_off(self) -> None:
        """Wait until nothing that came in waits."""
        query = select(func.count()).select_from(tables.inbox).where(tables.inbox.c.status == "waiting")
        async with asyncio.timeout(10):
            while await self.app.store.read(lambda c: c.execute(query).scalar_one()):
                self.app.live.wake(f"inbox:{self.name.partition(':')[0]}")
                await asyncio.sleep(0.02)


@asynccontextmanager
async def connected(line: Line, channel: Channel) -> AsyncIterator[None]:
    """Serve a channel and deliver to it; `desk_url` is then where the platform calls."""
    app = line.app
    app.channels[channel.name] = channel
    runner = web.AppRunner(web_app(app), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    line.desk_url = "http://{}:{}".format(*runner.addresses[0][:2])
    delivery = asyncio.create_task(Delivery(app.store, app.live, app.channels, app.desk.now).run())
    await channel.start()
    try:
        yield
    finally:
        await runner.cleanup()
        app.live.close()
        await delivery
        await channel.stop()

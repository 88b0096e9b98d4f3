"""The mirror as it runs here: one sender an endpoint, woken after each commit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from aiohttp import ClientSession

from bot.api import repeats
from bot.config import Settings
from bot.desk import DELIVERY, Desk
from bot.mirror_settings import Endpoint
from handoff.mirror import inbound
from handoff.mirror.events import Target
from handoff.mirror.sender import Sender
from handoff.mirror.webhook import Webhook, open_session

FORGET_EVERY = 3600.0
"""Seconds between the removals of old webhook ids and idempotency keys."""


class Mirroring:
    """`start` before the first message, `stop` at the end."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        self.desk, self.settings = desk, settings
        self._open = AsyncExitStack()
        self._senders: list[Sender] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Know every endpoint, then send to each beside the turns."""
        for target in await targets(self.settings, self._open):
            sender = Sender(self.desk.store, target, self.desk.now)
            await sender.register()
            self._senders.append(sender)
        self._tasks = [asyncio.create_task(sender.run()) for sender in self._senders]
        self._tasks.append(asyncio.create_task(self._pass_on_news()))

    async def stop(self) -> None:
        for sender in self._senders:
            sender.stop()
        await asyncio.gather(*self._tasks)
        await self._open.aclose()

    async def _pass_on_news(self) -> None:
        """Wake the senders after a commit, and drop old ids now and then."""
        clock = asyncio.get_running_loop().time
        due = clock()
        with self.desk.live.watch(DELIVERY) as watch:
            while not self.desk.live.closed:
                if clock() >= due:
                    due = clock() + FORGET_EVERY
                    await self.desk.store.write(lambda c: inbound.forget(c, self.desk.now()))
                    await self.desk.store.write(lambda c: repeats.forget(c, self.desk.now()))
                await watch.wait(FORGET_EVERY)
                for sender in self._senders:
                    sender.wake()


async def targets(settings: Settings, opened: AsyncExitStack) -> Sequence[Target]:
    """Where events go by the settings; what is opened for it is closed with `opened`."""
    if not settings.mirror.endpoints:
        return []
    session = await opened.enter_async_context(open_session(settings.mirror.allow_networks))
    return [webhook(each, session) for each in settings.mirror.endpoints]


def webhook(endpoint: Endpoint, session: ClientSession) -> Webhook:
    return Webhook(endpoint.title, endpoint.url, endpoint.secrets, endpoint.events, session)

"""The mirror as it runs here: one sender an endpoint, woken after each commit."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from aiohttp import ClientSession
from sqlalchemy import Connection

from bot import messages, mirror_settings
from bot.api import repeats
from bot.config import Settings
from bot.desk import DELIVERY, Desk
from bot.mirror_settings import Endpoint
from bot.store import Store
from handoff.mirror import inbound, overview
from handoff.mirror.chatwoot import Chatwoot
from handoff.mirror.chatwoot_api import ChatwootApi
from handoff.mirror.sender import Sender
from handoff.mirror.verify import Comparable
from handoff.mirror.webhook import Webhook, open_session

log = structlog.get_logger()

TIDY_EVERY = 3600.0
"""Seconds between the removals of old ids, and the sweeps of what was never acknowledged."""


class Mirroring:
    """`start` before the first message, `stop` at the end."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        self.desk, self.settings = desk, settings
        self._open, self._stopping = AsyncExitStack(), False
        self._senders: list[Sender] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Know every endpoint, then send to each beside the turns."""
        for target in await targets(self.settings, self.desk.store, self._open):
            sender = Sender(self.desk.store, target, self.desk.now)
            await sender.register()
            self._senders.append(sender)
        self._tasks = [asyncio.create_task(sender.run()) for sender in self._senders]
        self._tasks.append(asyncio.create_task(self._pass_on_news()))

    async def stop(self) -> None:
        self._stopping = True
        self.desk.live.wake(DELIVERY)
        for sender in self._senders:
            sender.stop()
        await asyncio.gather(*self._tasks)
        await self._open.aclose()

    async def _pass_on_news(self) -> None:
        """Wake the senders after a commit, and tidy now and then."""
        clock = asyncio.get_running_loop().time
        due = clock()
        with self.desk.live.watch(DELIVERY) as watch:
            while not self._stopping:
                if clock() >= due:
                    due = clock() + TIDY_EVERY
                    await self._tidy()
                await watch.wait(TIDY_EVERY)
                for sender in self._senders:
                    sender.wake()

    async def _tidy(self) -> None:
        """Drop old webhook ids and idempotency keys, and resend what was never acknowledged."""
        now, store = self.desk.now(), self.desk.store
        try:
            await store.write(lambda connection: inbound.forget(connection, now))
            await store.write(lambda connection: repeats.forget(connection, now))
            for sender in self._senders:
                await store.write(partial(overview.sweep, now=now, name=sender.target.name))
        except Exception:
            log.exception("mirror is not tidied")


async def targets(settings: Settings, store: Store, opened: AsyncExitStack) -> list[Comparable]:
    """Where events go by the settings; what is opened for it is closed with `opened`."""
    endpoints, chatwoot = settings.mirror.endpoints, settings.chatwoot
    if not endpoints and not chatwoot.base_url:
        return []
    session = await opened.enter_async_context(open_session(settings.mirror.allow_networks))
    found: list[Comparable] = [webhook(each, session) for each in endpoints]
    if chatwoot.base_url:
        found.append(Chatwoot(chatwoot_api(chatwoot, session), store, transcript))
    return found


def webhook(endpoint: Endpoint, session: ClientSession) -> Webhook:
    return Webhook(
        endpoint.title,
        endpoint.url,
        endpoint.secrets,
        endpoint.events,
        session,
        verify_url=endpoint.verify_url,
    )


def chatwoot_api(given: mirror_settings.Chatwoot, session: ClientSession) -> ChatwootApi:
    return ChatwootApi(
        given.base_url, given.account_id, given.inbox_id, given.api_token, given.bot_token, session
    )


def transcript(connection: Connection, conversation: str, until: datetime) -> Sequence[Mapping[str, Any]]:
    """What was said last in a conversation before a moment."""
    return [dict(each) for each in messages.read_latest(connection, conversation) if each["at"] < until]

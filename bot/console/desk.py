"""The running service as the console sees it: store, clock, wake-up, typing signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from bot.desk import DELIVERY, Desk
from bot.live import Watch
from bot.signs import Signs
from bot.uploads import UnknownType, Uploads
from handoff.console.needs import StepRefused

T = TypeVar("T")


class ConsoleDesk:
    """Implements handoff.console.needs.Desk."""

    def __init__(self, desk: Desk, signs: Signs, uploads: Uploads) -> None:
        self.desk = desk
        self.signs = signs
        self.uploads = uploads
        self.company = desk.knowledge.company

    def now(self) -> datetime:
        return self.desk.now()

    async def read(self, fn: Callable[[Connection], T]) -> T:
        return await self.desk.store.read(fn)

    async def write(self, fn: Callable[[Connection], T]) -> T:
        return await self.desk.store.write(fn)

    def told(self, conversation: str) -> None:
        self.signs.agent_stops(conversation)
        self.desk.told(conversation)

    def watch(self) -> AbstractContextManager[Watch]:
        # Whatever is said or done to a customer wakes the delivery.
        return self.desk.live.watch(DELIVERY)

    async def keep(self, content: bytes, name: str) -> Mapping[str, str]:
        try:
            upload = await self.uploads.save(content, self.desk.now())
        except UnknownType:
            raise StepRefused("file") from None
        return {"name": name, "url": f"/chat/uploads/{upload.id}"}

    def typing(self, conversation: str, name: str) -> None:
        self.signs.agent_types(conversation, name)

    def seen(self, conversation: str, last: int) -> None:
        self.signs.agent_read(conversation, last)

    @property
    def closed(self) -> bool:
        return self.desk.live.closed

    @property
    def poll_seconds(self) -> float:
        return self.desk.store.poll_seconds

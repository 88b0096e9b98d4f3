"""Files that customers send on Telegram, fetched while the link is good and kept as uploads."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.channels.telegram_reading import Source
from bot.desk import Desk
from bot.uploads import MAX_UPLOAD, MEDIA, UnknownType, Uploads
from bot.wording import say

log = structlog.get_logger()

TRIES = 3


class Media:
    def __init__(self, bot: ExtBot[int], uploads: Uploads, desk: Desk) -> None:
        self.bot, self.uploads, self.desk = bot, uploads, desk

    async def fetch(self, sources: Sequence[Source]) -> tuple[tuple[dict[str, str], ...], list[str]]:
        """The files as attachments, and a word to the customer about each that could not be taken."""
        attachments, faults = [], []
        for source in sources:
            if source.size > MAX_UPLOAD:
                faults.append(say("file_large", name=source.name, limit=MAX_UPLOAD // 2**20))
                continue
            try:
                content = await self._download(source.file_id)
                upload = await self.uploads.save(content, self.desk.now(), MEDIA)
            except TelegramError:
                faults.append(say("file_lost", name=source.name))
            except UnknownType:
                faults.append(say("file_type", name=source.name))
            else:
                attachments.append({"name": source.name, "url": f"/chat/uploads/{upload.id}"})
        return tuple(attachments), faults

    async def _download(self, file_id: str) -> bytes:
        for left in range(TRIES - 1, -1, -1):
            try:
                file = await self.bot.get_file(file_id)
                return bytes(await file.download_as_bytearray())
            except TelegramError as error:
                log.warning("telegram file failed", error=type(error).__name__, tries_left=left)
                if not left:
                    raise
        raise AssertionError

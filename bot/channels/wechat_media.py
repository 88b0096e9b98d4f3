"""What customers of WeChat and WeCom say without words: files, fetched at once, and places on the map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import aiohttp
import structlog

from bot.channels.wechat_api import PlatformApi, Refused, TooLarge
from bot.desk import Inbound
from bot.uploads import MAX_UPLOAD, MEDIA, UnknownType, Uploads
from bot.wording import say
from faq.nearby import nearby

log = structlog.get_logger()

FILES = ("image", "video", "file")
"""Kinds of messages whose file is looked at by people, and taken as such by the bot."""
VOICE = "voice"


@dataclass(frozen=True)
class Said:
    """What one message of a customer says; `at` is a latitude and a longitude."""

    text: str = ""
    kind: str = ""
    media_id: str = ""
    at: tuple[float, float] | None = None


class Media:
    """Makes messages for the desk; the platforms forget a file after three days."""

    def __init__(self, api: PlatformApi, uploads: Uploads, now: Callable[[], datetime]) -> None:
        self.api, self.uploads, self.now = api, uploads, now

    async def inbound(self, conversation: str, id: str, said: Said) -> Inbound:
        """The message as the desk reads it, with a word of what we could not take."""
        if said.text:
            return Inbound(conversation, id, said.text)
        if said.at is not None:
            return _place(conversation, id, *said.at)
        if said.kind not in (*FILES, VOICE) or not said.media_id:
            return _unread(conversation, id, say("not_text"))
        attachments, fault = await self._fetch(said.media_id)
        if fault:
            return _unread(conversation, id, say("not_text") if said.kind == VOICE else fault)
        if said.kind == VOICE:
            return Inbound(conversation, id, "", attachments, note=say("voice"), unread=True)
        return Inbound(conversation, id, "", attachments)

    async def _fetch(self, media_id: str) -> tuple[tuple[dict[str, str], ...], str]:
        """The file as an attachment, or a word to the customer about why we do not have it."""
        try:
            content = await self.api.media(media_id, MAX_UPLOAD)
            upload = await self.uploads.save(content, self.now(), MEDIA)
        except TooLarge:
            return (), say("file_large", name="", limit=MAX_UPLOAD // 2**20)
        except UnknownType:
            return (), say("file_type", name="")
        except (Refused, aiohttp.ClientError, TimeoutError) as error:
            log.warning("media not kept", account=self.api.account.name, error=type(error).__name__)
            return (), say("file_lost", name="")
        return ({"name": "", "url": f"/chat/uploads/{upload.id}"},), ""


def _place(conversation: str, id: str, latitude: float, longitude: float) -> Inbound:
    """The nearest county that we know, which the customer is told."""
    places = nearby(latitude, longitude)
    if not places:
        return Inbound(conversation, id, say("location_unknown"), note=say("located_nowhere"), unread=True)
    note = say("located", place=places[0], others=[place.area for place in places[1:]])
    return Inbound(conversation, id, str(places[0]), note=note)


def _unread(conversation: str, id: str, note: str) -> Inbound:
    return Inbound(conversation, id, say("unshown"), note=note, unread=True)

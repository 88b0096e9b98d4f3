"""WeChat Official Account: the reply goes in the answer to the platform's call, or by message if late."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import aiohttp
import structlog
from aiohttp import web
from sqlalchemy import Connection, delete, select

from bot import quota
from bot.api.problems import Problem
from bot.channels import Outbound, RetryLater, Undeliverable, passive, rationed
from bot.channels.rationed import Message, QuotaSpent
from bot.channels.wechat_api import BUSY, STALE, Account, PlatformApi, Refused, TooLarge
from bot.channels.wechat_callback import check_signature, read_callback
from bot.channels.wechat_crypto import Envelope, Unreadable, to_xml
from bot.channels.wechat_heard import Heard, heard
from bot.config import Wechat
from bot.desk import Desk, Inbound
from bot.store import tables
from bot.store.upsert import insert
from bot.uploads import MAX_UPLOAD, UnknownType, Uploads
from bot.wording import say

log = structlog.get_logger()

BASE_URL = "https://api.weixin.qq.com"
NOTE_SECONDS = 0.3
"""How long the note of a late message may take, so that the platform still hears of it in time."""
SUCCESS = "success"
QUOTA_CODES = {45015: "outside the platform's window", 45047: "more than the platform allows"}
NO_RIGHT = 48001
"""The account may not send messages; it can only answer."""
WAIT_CODES = {BUSY: 2.0, 45009: 3600.0, 45011: 60.0, 40164: 300.0, 40013: 300.0, 40125: 300.0, 50007: 3600.0}
"""Codes that pass: seconds to the next try."""


@dataclass
class Turn:
    """A message in hand; `late`: the platform was told not to wait for the answer."""

    chat: str
    task: asyncio.Task[str]
    late: bool = False


class WechatChannel:
    """A conversation is `wechat:<open id>`."""

    name = "wechat"

    def __init__(self, desk: Desk, uploads: Uploads, settings: Wechat) -> None:
        self.desk, self.uploads, self.settings = desk, uploads, settings
        self.envelope = Envelope(settings.token, settings.aes_key, settings.app_id)
        self.api = PlatformApi(account(settings), desk.store, desk.now)
        self._turns: dict[tuple[str, str], Turn] = {}

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/webhooks/wechat", self.verify), web.post("/webhooks/wechat", self.receive)]

    async def start(self) -> None:
        """Take up what was late when the service ended."""
        for message in await self.desk.store.read(_late_messages):
            self._begin(Heard(**message), late=True)

    async def stop(self) -> None:
        await asyncio.gather(*(turn.task for turn in [*self._turns.values()]), return_exceptions=True)
        await self.api.close()

    async def send(self, chat: str, word: Outbound) -> None:
        conversation = f"{self.name}:{chat}"
        await rationed.send(
            self.desk.store, self.desk.now, conversation, word, partial(self._post, chat=chat)
        )

    async def _post(self, message: Message, chat: str) -> None:
        body = {"touser": chat, "msgtype": "text", "text": {"content": message.text}}
        try:
            await self.api.post("/cgi-bin/message/custom/send", body)
        except Refused as error:
            raise _verdict(error) from None

    async def verify(self, request: web.Request) -> web.Response:
        """The platform asks whether this address is ours."""
        check_signature(request, self.envelope, self.desk.now())
        return web.Response(text=request.query.get("echostr", ""))

    async def receive(self, request: web.Request) -> web.Response:
        fields, sealed = await read_callback(
            request, self.envelope, self.desk.now(), plain=not self.settings.require_aes
        )
        try:
            message = heard(fields)
        except Unreadable as error:
            raise Problem(400, "Bad Request", str(error)) from None
        text = await self._answer(message)
        if not text:
            return web.Response(text=SUCCESS)
        reply = to_xml(
            {
                "ToUserName": message.chat,
                "FromUserName": message.account,
                "CreateTime": str(int(self.desk.now().timestamp())),
                "MsgType": "text",
                "Content": text,
            }
        )
        if sealed:
            timestamp, nonce = str(int(self.desk.now().timestamp())), request.query.get("nonce", "")
            reply = self.envelope.sealed_reply(reply, timestamp, nonce)
        return web.Response(text=reply, content_type="application/xml")

    async def _answer(self, message: Heard) -> str:
        """The passive answer where it is ready in time; empty where it will come by message.

        The platform calls again where it hears nothing for five seconds; all its calls wait for one turn.
        """
        turn = self._turns.get((message.chat, message.id)) or self._begin(message)
        await asyncio.wait({turn.task}, timeout=self.settings.answer_seconds)
        if not turn.task.done() and await self._noted(message):
            if turn.task.done():
                await self.desk.store.write(partial(_forget, message=message))
            else:
                turn.late = True
                return ""
        return await asyncio.shield(turn.task)

    def _begin(self, message: Heard, late: bool = False) -> Turn:
        key = (message.chat, message.id)
        earlier = [turn.task for turn in self._turns.values() if turn.chat == message.chat]
        turn = Turn(message.chat, asyncio.create_task(self._run(message, earlier)), late)
        self._turns[key] = turn
        turn.task.add_done_callback(lambda task: self._ended(key, task))
        return turn

    def _ended(self, key: tuple[str, str], task: asyncio.Task[str]) -> None:
        self._turns.pop(key, None)
        if not task.cancelled() and (error := task.exception()):
            log.error("message not answered", channel=self.name, error=type(error).__name__)

    async def _run(self, message: Heard, earlier: Sequence[asyncio.Task[str]]) -> str:
        """A turn after those before it: a text does not overtake the picture that is still fetched."""
        if earlier:
            await asyncio.wait(earlier)
        text = await self._take(message)
        if self._turns[message.chat, message.id].late:
            await self.desk.store.write(partial(_late_done, now=self.desk.now(), message=message))
            self.desk.told(f"{self.name}:{message.chat}")
        return text

    async def _noted(self, message: Heard) -> bool:
        """Whether a late message is on disk, so that it may be acknowledged before its turn is."""
        note = self.desk.store.write(partial(_note, now=self.desk.now(), message=message))
        try:
            await asyncio.wait_for(note, NOTE_SECONDS)
        except TimeoutError:
            return False
        return True

    async def _take(self, message: Heard) -> str:
        """Answer a message once; what is said of the channel itself is in no ledger."""
        conversation = f"{self.name}:{message.chat}"
        if message.left:
            await self.desk.store.write(partial(quota.exhaust, conversation=conversation))
            return ""
        attachments: tuple[dict[str, str], ...] = ()
        text, trouble = message.text, ""
        if message.media == "image":
            attachments, trouble = await self._media(message)
        elif message.unheard and await self._with_agent(conversation):
            text = say("unheard")
        elif message.unheard:
            trouble = say("not_text")
        if trouble or not (text or attachments):
            await self.desk.store.write(partial(self._grant, conversation=conversation, message=message))
            return trouble
        answer = ""

        def take(connection: Connection) -> None:
            nonlocal answer
            self._grant(connection, conversation, message)
            answer = passive.take(connection, self.desk.now(), conversation, message.id)

        await self.desk.answer(Inbound(conversation, message.id, text, attachments), take)
        return answer

    def _grant(self, connection: Connection, conversation: str, message: Heard) -> None:
        now, rules = self.desk.now(), self.settings.quota
        if message.grants == "message":
            new = quota.Grant(rules.message, now + timedelta(hours=rules.message_hours))
        elif message.grants == "event":
            new = quota.Grant(rules.event, now + timedelta(seconds=rules.event_seconds))
        else:
            return
        rationed.back(connection, now, conversation, new, message.id)

    async def _with_agent(self, conversation: str) -> bool:
        """Only a person is told of what we cannot hear."""
        table = tables.conversations
        query = select(table.c.handled_by).where(table.c.name == conversation)
        owner = await self.desk.store.read(lambda connection: connection.execute(query).scalar())
        return owner == "agent"

    async def _media(self, message: Heard) -> tuple[tuple[dict[str, str], ...], str]:
        """The file, fetched now because the platform forgets it; or what to say where it cannot be had."""
        try:
            content = await self.api.media(message.media_id, MAX_UPLOAD)
            upload = await self.uploads.save(content, self.desk.now())
        except (Refused, TooLarge, aiohttp.ClientError, TimeoutError, UnknownType) as error:
            log.warning("media not kept", channel=self.name, error=type(error).__name__)
            return (), say("media_failed")
        return ({"name": "", "url": f"/chat/uploads/{upload.id}"},), ""


def account(settings: Wechat) -> Account:
    """Whose access token it is, and how it is had."""
    query = {"grant_type": "client_credential", "appid": settings.app_id, "secret": settings.app_secret}
    base_url = settings.base_url.rstrip("/") or BASE_URL
    return Account(f"wechat:{settings.app_id}", base_url, "/cgi-bin/token", query)


def _verdict(error: Refused) -> Exception:
    """What an error code means for a word."""
    if error.code in QUOTA_CODES:
        return QuotaSpent(QUOTA_CODES[error.code])
    if error.code == NO_RIGHT:
        return QuotaSpent("the account may only answer")
    if error.code in WAIT_CODES or error.code in STALE:
        return RetryLater(WAIT_CODES.get(error.code, 10.0), str(error))
    return Undeliverable(str(error))


def _note(connection: Connection, now: Any, message: Heard) -> None:
    values = {
        "conversation": f"wechat:{message.chat}",
        "id": message.id,
        "message": vars(message),
        "at": now,
    }
    connection.execute(insert(connection, tables.wechat_late).values(**values).on_conflict_do_nothing())


def _forget(connection: Connection, message: Heard) -> None:
    table = tables.wechat_late
    connection.execute(
        delete(table).where(table.c.conversation == f"wechat:{message.chat}", table.c.id == message.id)
    )


def _late_done(connection: Connection, now: Any, message: Heard) -> None:
    """Nobody waits any more: the reply goes by message, and the note has served."""
    passive.give_back(connection, now, f"wechat:{message.chat}", message.id)
    _forget(connection, message)


def _late_messages(connection: Connection) -> list[dict[str, Any]]:
    table = tables.wechat_late
    return list(connection.execute(select(table.c.message).order_by(table.c.at)).scalars())

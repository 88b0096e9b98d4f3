"""WeChat Official Account: the reply goes in the answer to the platform's call, or by message if late."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

import structlog
from aiohttp import web
from sqlalchemy import Connection

from bot import quota
from bot.api.problems import Problem
from bot.channel_settings import Wechat
from bot.channels import Keep, Outbound, RetryLater, Undeliverable, passive, rationed
from bot.channels.rationed import Message, QuotaSpent
from bot.channels.wechat_api import BUSY, STALE, Account, PlatformApi, Refused
from bot.channels.wechat_callback import check_signature, read_callback
from bot.channels.wechat_crypto import Envelope, Unreadable, to_xml
from bot.channels.wechat_heard import Heard, heard
from bot.channels.wechat_media import Media
from bot.desk import Desk
from bot.inbox import Arrival, Inbox
from bot.uploads import Uploads

log = structlog.get_logger()

BASE_URL = "https://api.weixin.qq.com"
KEEP_SECONDS = 0.3
"""How long the keeping of a late message may take, so that the platform still hears of it in time."""
SUCCESS = "success"
QUOTA_CODES = {45015: "outside the platform's window", 45047: "more than the platform allows"}
NO_RIGHT = 48001
"""The account may not send messages; it can only answer."""
WAIT_CODES = {BUSY: 2.0, 45009: 3600.0, 45011: 60.0, 40164: 300.0, 40013: 300.0, 40125: 300.0, 50007: 3600.0}
"""Codes that pass: seconds to the next try."""


class WechatChannel:
    """A conversation is `wechat:<open id>`."""

    name = "wechat"
    per_second = 100.0
    """Far below what the platform takes."""

    def __init__(self, desk: Desk, uploads: Uploads, settings: Wechat) -> None:
        self.desk, self.settings = desk, settings
        self.envelope = Envelope(settings.token, settings.aes_key, settings.app_id)
        self.api = PlatformApi(account(settings), desk.store, desk.now)
        self.media = Media(self.api, uploads, desk.now)
        self.inbox = Inbox(desk, self.name, self.handle)
        self._turns: dict[tuple[str, str], asyncio.Task[str]] = {}

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/webhooks/wechat", self.verify), web.post("/webhooks/wechat", self.receive)]

    async def start(self) -> None:
        """Take up what was late when the service ended."""
        self._working = asyncio.create_task(self.inbox.run())

    async def stop(self) -> None:
        self.inbox.stop()
        await asyncio.gather(self._working, *self._turns.values(), return_exceptions=True)
        await self.api.close()

    async def send(self, chat: str, word: Outbound) -> None:
        if not self.settings.app_secret:
            raise Keep("kept: without app_secret we can only answer")
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
        text = await self._answer(fields, message)
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

    async def _answer(self, fields: Mapping[str, str], message: Heard) -> str:
        """The passive answer where it is ready in time; empty where it will come by message.

        The platform calls again where it hears nothing for five seconds; all its calls wait for one turn.
        """
        turn = self._turns.get((message.chat, message.id)) or self._begin(message)
        await asyncio.wait({turn}, timeout=self.settings.answer_seconds)
        if not turn.done() and await self._kept(fields, message):
            return ""
        return await asyncio.shield(turn)

    def _begin(self, message: Heard) -> asyncio.Task[str]:
        """A turn after those before it: a text does not overtake the picture that is still fetched."""
        key = (message.chat, message.id)
        earlier = [turn for (chat, _), turn in self._turns.items() if chat == message.chat]
        turn = self._turns[key] = asyncio.create_task(self._run(message, earlier))
        turn.add_done_callback(lambda task: self._ended(key, task))
        return turn

    def _ended(self, key: tuple[str, str], task: asyncio.Task[str]) -> None:
        del self._turns[key]
        if not task.cancelled() and (error := task.exception()):
            log.error("message not answered", channel=self.name, error=type(error).__name__)

    async def _run(self, message: Heard, earlier: Sequence[asyncio.Task[str]]) -> str:
        if earlier:
            await asyncio.wait(earlier)
        return await self._take(message)

    async def _kept(self, fields: Mapping[str, str], message: Heard) -> bool:
        """Whether a late message is on disk, so that it may be acknowledged before its turn is through."""
        id = hashlib.sha256(f"{message.chat}:{message.id}".encode()).hexdigest()
        arrival = Arrival(id, f"{self.name}:{message.chat}", fields)
        try:
            await asyncio.wait_for(self.inbox.take([arrival]), KEEP_SECONDS)
        except TimeoutError:
            return False
        return True

    async def handle(self, arrivals: Sequence[Arrival]) -> None:
        """What was late: nobody waits for its answer any more, so it goes by message."""
        for arrival in arrivals:
            message = heard({key: str(value) for key, value in arrival.body.items()})
            await asyncio.shield(self._turns.get((message.chat, message.id)) or self._begin(message))
            give_back = partial(
                passive.give_back,
                now=self.desk.now(),
                conversation=arrival.conversation,
                external_id=message.id,
            )
            await self.desk.store.write(give_back)
            self.desk.told(arrival.conversation)

    async def _take(self, message: Heard) -> str:
        """Answer a message once; returns what goes in the answer to the platform's call."""
        conversation, answer, more = f"{self.name}:{message.chat}", "", True

        def take(connection: Connection) -> None:
            nonlocal answer, more
            self._grant(connection, conversation, message)
            answer, more = passive.take(connection, self.desk.now(), conversation, message.id)

        if message.left:
            await self.desk.store.write(partial(quota.exhaust, conversation=conversation))
        elif message.said is None:
            await self.desk.store.write(partial(self._grant, conversation=conversation, message=message))
        else:
            await self.desk.answer(await self.media.inbound(conversation, message.id, message.said), take)
        if more:
            self.desk.told(conversation)
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

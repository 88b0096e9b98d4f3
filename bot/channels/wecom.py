"""WeCom customer service: a callback rings, messages are fetched by cursor, words go by `send_msg`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import aiohttp
import structlog
from aiohttp import web
from sqlalchemy import Connection, func, select

from bot import quota
from bot.api.problems import Problem
from bot.channel_settings import Wecom
from bot.channels import Keep, Outbound, RetryLater, Undeliverable, rationed
from bot.channels import wecom_session as session
from bot.channels.rationed import Arrived, Message, QuotaSpent
from bot.channels.wechat_api import BUSY, STALE, Account, PlatformApi, Refused
from bot.channels.wechat_callback import check_signature, open_sealed, read_callback
from bot.channels.wechat_crypto import Envelope, Unreadable
from bot.channels.wechat_media import Media
from bot.channels.wecom_events import Events
from bot.channels.wecom_heard import CUSTOMER, ID, SERVICER, Heard, heard
from bot.channels.wecom_sync import Sync
from bot.channels.wecom_text import content
from bot.desk import Desk
from bot.inbox import Arrival, Inbox
from bot.store import tables
from bot.uploads import Uploads
from bot.wording import say

log = structlog.get_logger()

BASE_URL = "https://qyapi.weixin.qq.com"
WRONG_STATE = 95018
TOO_MANY = 95001
"""Said where five words were sent, or 48 hours have passed."""
WAIT_CODES = {BUSY: 2.0, 45033: 1.0, 45009: 60.0, 45011: 60.0, 60020: 300.0, 40013: 300.0}
"""Codes that pass: seconds to the next try."""
WITH_PERSON = "a person has the session in the WeCom client"


class WecomChannel:
    """A conversation is `wecom:<open_kfid>:<external_userid>`."""

    name = "wecom"
    per_second = 100.0
    """The platform takes 10,000 calls a minute of a company."""

    def __init__(self, desk: Desk, uploads: Uploads, settings: Wecom) -> None:
        self.desk, self.settings = desk, settings
        self.envelope = Envelope(settings.token, settings.aes_key, settings.corp_id)
        query = {"corpid": settings.corp_id, "corpsecret": settings.kf_secret}
        base_url = settings.base_url.rstrip("/") or BASE_URL
        account = Account(f"wecom:{settings.corp_id}", base_url, "/cgi-bin/gettoken", query)
        self.api = PlatformApi(account, desk.store, desk.now)
        self.sessions = session.Sessions(self.api, desk)
        self.media = Media(self.api, uploads, desk.now)
        self.inbox = Inbox(desk, self.name, self.handle)
        self.sync = Sync(self.api, desk.store, desk.now, self.inbox)
        self.events = Events(self.api, desk)

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/webhooks/wecom", self.verify), web.post("/webhooks/wecom", self.ring)]

    async def start(self) -> None:
        self._working = asyncio.create_task(self.inbox.run())
        await self.sync.start()

    async def stop(self) -> None:
        await self.sync.stop()
        self.inbox.stop()
        await self._working
        await self.api.close()

    async def verify(self, request: web.Request) -> web.Response:
        """The platform asks whether this address is ours and reads its cipher."""
        echo = request.query.get("echostr", "")
        check_signature(request, self.envelope, self.desk.now(), echo)
        try:
            return web.Response(text=open_sealed(self.envelope, echo))
        except Unreadable as error:
            raise Problem(400, "Bad Request", str(error)) from None

    async def ring(self, request: web.Request) -> web.Response:
        """There is news: acknowledged as soon as that is on disk."""
        fields, _ = await read_callback(request, self.envelope, self.desk.now(), plain=False)
        open_kfid = fields.get("OpenKfId", "")
        if fields.get("Event") == "kf_msg_or_event" and ID.fullmatch(open_kfid):
            await self.sync.ring(open_kfid, fields.get("Token", ""))
        return web.Response(text="success")

    async def send(self, chat: str, word: Outbound) -> None:
        try:
            state = await self.sessions.state(chat)
        except Refused as error:
            raise await self._verdict(error, chat, word.sender) from None
        if state == session.ENDED:
            raise Keep(rationed.NOTHING_LEFT)
        if state in (session.POOL, session.PERSON):
            raise self._silent(word.sender)
        post = partial(self._post, chat=chat)
        await rationed.send(self.desk.store, self.desk.now, f"{self.name}:{chat}", word, post)
        if self.settings.people == "wecom":
            await self._hand_over(chat, word.id)

    async def _post(self, message: Message, chat: str) -> None:
        open_kfid, _, customer = chat.partition(":")
        body = {"touser": customer, "open_kfid": open_kfid, "msgid": message.id, **content(message)}
        try:
            await self.api.post("/cgi-bin/kf/send_msg", body)
        except Refused as error:
            if "msgid" in str(error):
                raise Arrived from None
            raise await self._verdict(error, chat, message.word.sender) from None

    async def _verdict(self, error: Refused, chat: str, sender: str) -> Exception:
        """What an error code means for a word; a state that we did not know of is asked for."""
        if error.code == TOO_MANY:
            return QuotaSpent("five words were sent, or 48 hours have passed")
        if error.code == WRONG_STATE:
            state = await self.sessions.ask(chat)
            if state == session.ENDED:
                return QuotaSpent("the session has ended")
            return (
                self._silent(sender) if state in (session.POOL, session.PERSON) else RetryLater(1, str(error))
            )
        if error.code in WAIT_CODES or error.code in STALE:
            return RetryLater(WAIT_CODES.get(error.code, 10.0), str(error))
        return Undeliverable(str(error))

    @staticmethod
    def _silent(sender: str) -> Exception:
        """A person speaks in the WeCom client: the bot's words wait, others are of no use any more."""
        return Keep(f"kept: {WITH_PERSON}") if sender == "bot" else Undeliverable(WITH_PERSON)

    async def _hand_over(self, chat: str, word: int) -> None:
        """When the last word is said and the customer waits for a person, the session joins WeCom's pool."""
        if await self.desk.store.read(partial(_wants_person, chat=chat, word=word)):
            try:
                await self.sessions.move(chat, session.POOL)
            except (Refused, aiohttp.ClientError, TimeoutError) as error:
                log.warning("session not handed over", channel=self.name, error=type(error).__name__)

    async def handle(self, arrivals: Sequence[Arrival]) -> None:
        for arrival in arrivals:
            await self._take(heard(arrival.body))

    async def _take(self, told: Heard) -> None:
        """Answer one entry of the list, once however often it is taken up."""
        if told.event:
            await self.events.take(told)
        elif told.origin == SERVICER:
            write = partial(
                session.said_by,
                now=self.desk.now(),
                chat=told.chat,
                id=told.id,
                text=told.said.text or say("unheard"),
                servicer=told.servicer,
            )
            await self.desk.store.write(write)
        elif told.origin == CUSTOMER:
            inbound = await self.media.inbound(f"{self.name}:{told.chat}", told.id, told.said)
            await self.inbox.answer(inbound, partial(self._back, told=told))

    def _back(self, connection: Connection, told: Heard) -> None:
        """The customer has written: we may speak, as long as the platform counts from then."""
        rules, now, conversation = self.settings.quota, self.desk.now(), f"{self.name}:{told.chat}"
        until = told.at + timedelta(hours=rules.message_hours)
        rationed.back(connection, now, conversation, quota.Grant(rules.message, until), told.id)
        session.heard_from(connection, now, told.chat)


def _wants_person(connection: Connection, chat: str, word: int) -> bool:
    conversation, delivery = f"wecom:{chat}", tables.deliveries
    table = tables.conversations
    owner = connection.execute(select(table.c.handled_by).where(table.c.name == conversation)).scalar()
    behind = select(func.count()).where(
        delivery.c.conversation == conversation,
        tables.UNSENT,
        delivery.c.status == "waiting",
        delivery.c.message > word,
    )
    return owner == "queue" and not connection.execute(behind).scalar_one()

"""Telegram by polling or webhook: an update is stored before it is acknowledged, and answered after."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import structlog
from aiohttp import web
from telegram import CallbackQuery, Message, Update, User
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.api.problems import Problem
from bot.channels import Outbound, telegram_moves, telegram_reading
from bot.channels.telegram_media import Media
from bot.channels.telegram_reading import Content
from bot.channels.telegram_sending import Sender, make_bot, seconds
from bot.config import Settings
from bot.desk import Desk, Inbound
from bot.inbox import Arrival, Inbox
from bot.uploads import Uploads
from bot.wording import say
from intents.identity import verify_choice

log = structlog.get_logger()

# The library's next version gives times as timedelta; until then it asks for a sign that we know.
os.environ.setdefault("PTB_TIMEDELTA", "true")

PATH = "/webhooks/telegram"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
POLL_SECONDS = 25
PAUSE = 1.0
MAX_PAUSE = 60.0
ALBUM_SECONDS = 1.0
"""The pictures of an album come one by one; so long after the last it is whole."""
MAX_UPDATE = 2**20
"""Bytes of one update; Telegram's are some kilobytes."""
UPDATES = ["message", "edited_message", "callback_query"]


class TelegramChannel:
    """A conversation is `telegram:<chat>`, in a group `telegram:<chat>.<member>`."""

    name = "telegram"
    per_second = 30.0

    def __init__(self, desk: Desk, uploads: Uploads, settings: Settings) -> None:
        self.desk = desk
        self.settings = settings.channels.telegram
        self.hook = settings.http.public_url.rstrip("/") + PATH
        self.bot = make_bot(self.settings)
        self.media = Media(self.bot, uploads, desk)
        self.sender = Sender(self.bot, uploads, desk.store)
        self.inbox = Inbox(desk, self.name, self.handle)
        self._me: User | None = None
        self._connected = asyncio.Event()
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self.receive)] if self.settings.mode == "webhook" else []

    async def start(self) -> None:
        """Connect in the background; a Telegram that does not answer at the start stops nothing."""
        self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._work_off())]

    async def stop(self) -> None:
        self._stopping.set()
        self.inbox.stop()
        self._connected.set()
        await asyncio.gather(*self._tasks)
        await self.bot.shutdown()

    async def send(self, chat: str, word: Outbound) -> None:
        await self.sender.send(chat, word)

    async def receive(self, request: web.Request) -> web.Response:
        """The webhook: told from a stranger by the secret, stored, and acknowledged at once."""
        told = request.headers.get(HEADER, "").encode()
        if not hmac.compare_digest(told, self._secret().encode()):
            raise Problem(401, "Unauthorized", f"{HEADER} is not ours")
        if (request.content_length or 0) > MAX_UPDATE:
            raise Problem(413, "Content Too Large", "expected one update")
        if self._me is None:
            raise Problem(503, "Service Unavailable", "not connected to Telegram yet")
        try:
            update = Update.de_json(json.loads(await request.read()), self.bot)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise Problem(400, "Bad Request", "expected an update of the Bot API") from None
        await self._take([update])
        return web.Response()

    async def handle(self, arrivals: Sequence[Arrival]) -> None:
        """One update, or the updates of one album."""
        updates = [Update.de_json(dict(each.body), self.bot) for each in arrivals]
        conversation, first = arrivals[0].conversation, updates[0]
        if first.callback_query is not None:
            await self._button(conversation, first, first.callback_query)
            return
        messages = [each.effective_message for each in updates if each.effective_message is not None]
        await self._message(conversation, first, messages)

    async def _run(self) -> None:
        """Connect, then poll, or let Telegram call."""
        pause = PAUSE
        while not self._stopping.is_set():
            try:
                await self._connect()
                if self.settings.mode == "webhook":
                    return
                await self._poll()
            except InvalidToken:
                log.error("channel off", channel="telegram", reason="Telegram refuses the token")
                return
            except Exception as error:
                log.warning("telegram poll failed", error=type(error).__name__, retry_in=pause)
                await self._rest(seconds(error) if isinstance(error, RetryAfter) else pause)
                pause = min(pause * 2, MAX_PAUSE)

    async def _work_off(self) -> None:
        """What was taken before a crash waits until files can be fetched and buttons answered."""
        await self._connected.wait()
        await self.inbox.run()

    async def _connect(self) -> None:
        await self.bot.initialize()
        self._me = self.bot.bot
        self._connected.set()
        await self.bot.set_my_commands([(each, say(f"menu_{each}")) for each in telegram_reading.COMMANDS])
        if self.settings.mode == "webhook":
            await self.bot.set_webhook(self.hook, secret_token=self._secret(), allowed_updates=UPDATES)
        else:
            await self.bot.delete_webhook()

    async def _poll(self) -> None:
        """What was fetched is stored before the next call confirms it."""
        offset = 0
        while not self._stopping.is_set():
            updates = await self._next(offset)
            await self._take(updates)
            offset = updates[-1].update_id + 1 if updates else offset
        if offset:
            await self._quietly(self.bot.get_updates(offset=offset, timeout=0, limit=1))

    async def _next(self, offset: int) -> tuple[Update, ...]:
        """The next updates, or none as soon as the service stops."""
        poll = asyncio.create_task(
            self.bot.get_updates(offset=offset, timeout=POLL_SECONDS, allowed_updates=UPDATES)
        )
        stop = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({poll, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if poll.done():
            return poll.result()
        poll.cancel()
        return ()

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    def _secret(self) -> str:
        """The same in every process without a setting; only who has the token can work it out."""
        return hmac.new(self.settings.token.encode(), PATH.encode(), hashlib.sha256).hexdigest()

    async def _take(self, updates: Sequence[Update]) -> None:
        arrivals = []
        for update in updates:
            body = update.to_dict()
            moved = telegram_reading.moved_to(body)
            if moved:
                await telegram_moves.move(self.desk.store, *moved)
            elif self._me is not None and telegram_reading.is_for_us(update, self._me):
                arrivals.append(await self._arrival(update, body))
        await self.inbox.take(arrivals)

    async def _arrival(self, update: Update, body: dict[str, Any]) -> Arrival:
        chat, message = update.effective_chat, update.message
        home = await telegram_moves.home(self.desk.store, chat.id) if chat and chat.id < 0 else None
        album = message.media_group_id if message is not None else None
        return Arrival(
            str(update.update_id),
            f"{self.name}:{telegram_reading.chat_name(update, home)}",
            body,
            batch=album or "",
            wait=ALBUM_SECONDS if album else 0.0,
        )

    async def _message(self, conversation: str, update: Update, messages: Sequence[Message]) -> None:
        message, me, chat = messages[0], self._me or self.bot.bot, messages[0].chat_id
        if message.contact is not None:
            await self._contact(conversation, update, message)
            return
        if telegram_reading.asks_to_verify(message):
            await self._quietly(self.sender.ask_phone(chat))
            return
        said = max((telegram_reading.content(each, me) for each in messages), key=lambda each: len(each.text))
        attachments, faults = await self.media.fetch(telegram_reading.sources(messages))
        if faults and not attachments and not said.text:
            said = Content(say("unshown"), unread=True)
        said = replace(said, note="\n".join(filter(None, (said.note, *faults))))
        edited = update.edited_message is not None
        await self._answer(
            conversation,
            update,
            id=f"e{update.update_id}" if edited else f"m{message.message_id}",
            edits=f"m{message.message_id}" if edited else "",
            text=said.text,
            note=said.note,
            unread=said.unread,
            attachments=attachments,
        )

    async def _contact(self, conversation: str, update: Update, message: Message) -> None:
        """A contact proves a phone only where it is the sender's own, and never in a group."""
        phone = telegram_reading.own_phone(message.contact, message.from_user) if message.contact else ""
        if telegram_reading.is_group(str(message.chat_id)):
            await self._tell(message.chat_id, say("phone_in_group"))
        elif not phone:
            await self._tell(message.chat_id, say("phone_not_own"))
        else:
            id = f"m{message.message_id}"
            await self._answer(conversation, update, id=id, text="", verified_phone=phone)

    async def _button(self, conversation: str, update: Update, query: CallbackQuery) -> None:
        """A tapped choice is the text of its button; one of an older message is told to be so."""
        choice = await self.sender.choice(conversation, query.data or "")
        await self._quietly(query.answer(None if choice else say("stale_button")))
        if choice == verify_choice() and query.from_user.id == update.effective_chat.id:  # type: ignore[union-attr]
            await self._quietly(self.sender.ask_phone(query.from_user.id))
        elif choice:
            await self._quietly(query.edit_message_reply_markup(None))
            await self._answer(conversation, update, id=f"q{query.id}", text=choice)

    async def _answer(self, conversation: str, update: Update, *, id: str, text: str, **more: Any) -> None:
        user = update.effective_user
        name = user.full_name if user else ""
        await self.inbox.answer(Inbound(conversation, id, text, customer_name=name, **more))

    async def _tell(self, chat: int, text: str) -> None:
        """A word about the channel itself, not about the conversation; it may be lost."""
        await self._quietly(self.bot.send_message(chat, text))

    @staticmethod
    async def _quietly(call: Any) -> None:
        try:
            await call
        except TelegramError as error:
            log.warning("telegram call failed", error=type(error).__name__)

"""Telegram by long polling: updates are confirmed to Telegram only after their turn is durable."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from typing import Any

import structlog
from sqlalchemy import select
from telegram import (
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
    Update,
)
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.ext import AIORateLimiter, ExtBot

from bot.channels import Outbound, RetryLater, Undeliverable
from bot.config import Telegram
from bot.desk import Desk, Inbound
from bot.store import tables
from bot.uploads import MAX_UPLOAD, UnknownType, Uploads
from bot.wording import say
from intents.identity import verify_choice

log = structlog.get_logger()

# The library's next version gives times as timedelta; until then it asks for a sign that we know.
os.environ.setdefault("PTB_TIMEDELTA", "true")

POLL_SECONDS = 25
MAX_LENGTH = 4096
"""Characters of one Telegram message."""
PAUSE = 1.0
MAX_PAUSE = 60.0
UPDATES = ["message", "edited_message", "callback_query"]
COMMANDS = ("start", "help", "human", "cancel")


class TelegramChannel:
    """Private chats; a conversation is `telegram:<chat id>`."""

    name = "telegram"

    def __init__(self, desk: Desk, uploads: Uploads, settings: Telegram) -> None:
        self.desk = desk
        self.uploads = uploads
        self.bot = _bot(settings)
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Poll in the background; a Telegram that does not answer at the start stops nothing."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        self._stopping.set()
        if self._task:
            await self._task
        await self.bot.shutdown()

    async def send(self, chat: str, word: Outbound) -> None:
        try:
            parts = split(word.text)
            for part in parts[:-1]:
                await self.bot.send_message(int(chat), part)
            await self.bot.send_message(int(chat), parts[-1], reply_markup=_markup(word))
        except RetryAfter as error:
            raise RetryLater(_seconds(error), "flood limit") from None
        except Forbidden as error:
            raise Undeliverable(error.message) from None
        except BadRequest as error:
            raise Undeliverable(error.message) from None

    async def _run(self) -> None:
        offset, pause = 0, PAUSE
        ready = False
        while not self._stopping.is_set():
            try:
                if not ready:
                    await self.bot.initialize()
                    ready = True
                updates = await self._next(offset)
                await self._take(updates)
                offset = updates[-1].update_id + 1 if updates else offset
                pause = PAUSE
            except InvalidToken:
                log.error("channel off", channel="telegram", reason="Telegram refuses the token")
                return
            except Exception as error:
                log.warning("telegram poll failed", error=type(error).__name__, retry_in=pause)
                await self._rest(_seconds(error) if isinstance(error, RetryAfter) else pause)
                pause = min(pause * 2, MAX_PAUSE)
        if offset:
            await self._confirm(offset)

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

    async def _confirm(self, offset: int) -> None:
        """Tell Telegram what was done with, so that a restart is not sent it again."""
        try:
            await self.bot.get_updates(offset=offset, timeout=0, limit=1)
        except TelegramError as error:
            log.warning("telegram confirm failed", error=type(error).__name__)

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    async def _take(self, updates: tuple[Update, ...]) -> None:
        """Chats side by side, each in order."""
        chats: defaultdict[int, list[Update]] = defaultdict(list)
        for update in updates:
            if update.effective_chat is not None and update.effective_chat.type == "private":
                chats[update.effective_chat.id].append(update)
        await asyncio.gather(*(self._take_chat(each) for each in chats.values()))

    async def _take_chat(self, updates: list[Update]) -> None:
        for update in updates:
            if update.callback_query is not None:
                await self._button(update, update.callback_query)
            elif update.effective_message is not None:
                await self._message(update, update.effective_message)

    async def _message(self, update: Update, message: Message) -> None:
        if message.contact is not None:
            await self._contact(update, message)
            return
        attachments = await self._attachments(message)
        text = _words(message.text or message.caption or "")
        if not text and not attachments:
            await self._tell(message.chat_id, say("not_text"))
            return
        await self.desk.answer(self._inbound(update, text, attachments=attachments))

    async def _contact(self, update: Update, message: Message) -> None:
        """A contact proves a phone only where it is the sender's own."""
        contact, sender = message.contact, message.from_user
        if contact is None or sender is None or contact.user_id != sender.id:
            await self._tell(message.chat_id, say("phone_not_own"))
            return
        phone = contact.phone_number.lstrip("+")
        phone = phone[2:] if phone.startswith("86") and len(phone) == 13 else phone
        await self.desk.answer(self._inbound(update, "", verified_phone=phone))

    async def _button(self, update: Update, query: CallbackQuery) -> None:
        """A tapped choice is the text of its button; one of an older message is told to be so."""
        choice = await self._choice(update, query.data or "")
        await self._quietly(query.answer(None if choice else say("stale_button")))
        if choice:
            await self._quietly(query.edit_message_reply_markup(None))
            await self.desk.answer(self._inbound(update, choice))

    async def _choice(self, update: Update, data: str) -> str:
        number, _, index = data.partition(":")
        if update.effective_chat is None or not (number.isdecimal() and index.isdecimal()):
            return ""
        conversation, table = f"telegram:{update.effective_chat.id}", tables.messages
        query = (
            select(table.c.id, table.c.choices)
            .where(table.c.conversation == conversation, table.c.sender != "customer")
            .order_by(table.c.id.desc())
            .limit(1)
        )
        row = await self.desk.store.read(lambda connection: connection.execute(query).one_or_none())
        if row is None or row[0] != int(number) or int(index) >= len(row[1]):
            return ""
        return str(row[1][int(index)])

    async def _attachments(self, message: Message) -> tuple[dict[str, str], ...]:
        source = message.photo[-1] if message.photo else message.document
        if source is None or (source.file_size or 0) > MAX_UPLOAD:
            return ()
        file = await source.get_file()
        content = bytes(await file.download_as_bytearray())
        try:
            upload = await self.uploads.save(content, self.desk.now())
        except UnknownType:
            return ()
        name = message.document.file_name or "" if message.document else ""
        return ({"name": name[:200], "url": f"/chat/uploads/{upload.id}"},)

    @staticmethod
    def _inbound(update: Update, text: str, **more: Any) -> Inbound:
        assert update.effective_chat is not None
        user = update.effective_user
        return Inbound(
            conversation=f"telegram:{update.effective_chat.id}",
            id=str(update.update_id),
            text=text,
            customer_name=user.full_name if user else "",
            **more,
        )

    async def _tell(self, chat: int, text: str) -> None:
        """A word about the channel itself, not about the conversation; it may be lost."""
        await self._quietly(self.bot.send_message(chat, text))

    @staticmethod
    async def _quietly(call: Any) -> None:
        try:
            await call
        except TelegramError as error:
            log.warning("telegram call failed", error=type(error).__name__)


def _bot(settings: Telegram) -> ExtBot[int]:
    root = settings.base_url.rstrip("/").removesuffix("/bot") or "https://api.telegram.org"
    return ExtBot(
        settings.token,
        base_url=f"{root}/bot",
        base_file_url=f"{root}/file/bot",
        rate_limiter=AIORateLimiter(),
    )


def _seconds(error: RetryAfter) -> float:
    after = error.retry_after
    return float(after if isinstance(after, int | float) else after.total_seconds())


def _words(text: str) -> str:
    """A command is what it stands for; everything else is what was typed."""
    command = text[1:].partition("@")[0].partition(" ")[0] if text.startswith("/") else ""
    return say(f"command_{command}") if command in COMMANDS else text.strip()


def _markup(word: Outbound) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | None:
    """Choices as inline buttons; where a phone is to be proved, Telegram's own contact button."""
    if verify_choice() in word.choices:
        button = KeyboardButton(verify_choice(), request_contact=True)
        return ReplyKeyboardMarkup([[button]], resize_keyboard=True, one_time_keyboard=True)
    if not word.choices:
        return None
    rows = [
        [InlineKeyboardButton(choice, callback_data=f"{word.id}:{index}")]
        for index, choice in enumerate(word.choices)
    ]
    return InlineKeyboardMarkup(rows)


def split(text: str, limit: int = MAX_LENGTH) -> list[str]:
    """A long text in parts of at most `limit` characters, cut at ends of lines or sentences."""
    parts = []
    while len(text) > limit:
        cut = max(text.rfind(mark, limit // 2, limit) for mark in "\n。！？；")
        cut = cut + 1 if cut > 0 else limit
        parts.append(text[:cut].rstrip("\n"))
        text = text[cut:].lstrip("\n")
    return [*parts, text]

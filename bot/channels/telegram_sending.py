"""Words to Telegram: split, with buttons, at the pace that Telegram allows; never with markup."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from aiolimiter import AsyncLimiter
from sqlalchemy import select
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    ReplyParameters,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter
from telegram.ext import AIORateLimiter, ExtBot

from bot.channel_settings import Telegram
from bot.channels import Outbound, RetryLater, Undeliverable, telegram_moves
from bot.channels.telegram_reading import VERIFY, chat_id, is_group
from bot.store import Store, tables
from bot.uploads import Uploads
from bot.wording import say
from intents.identity import verify_choice

MAX_LENGTH = 4096
"""Characters of one Telegram message, counted as in UTF-16."""
BURST = 3
"""A chat takes one word a second over any length of time, and this many at once."""
MANY = 1024
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup
Call = Callable[..., Coroutine[Any, Any, Any]]


class ChatPace(AIORateLimiter):
    """The library's limits (30 a second over all, 20 a minute a group) and 1 a second a private chat."""

    def __init__(self) -> None:
        super().__init__()
        self._chats: dict[int, AsyncLimiter] = {}

    async def process_request(
        self,
        callback: Call,
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:
        chat = data.get("chat_id")
        if endpoint.startswith("send") and isinstance(chat, int) and chat > 0:
            await self._limiter(chat).acquire()
        return await super().process_request(callback, args, kwargs, endpoint, data, rate_limit_args)

    def _limiter(self, chat: int) -> AsyncLimiter:
        if len(self._chats) > MANY:
            self._chats = {key: each for key, each in self._chats.items() if not each.has_capacity(BURST)}
        return self._chats.setdefault(chat, AsyncLimiter(BURST, BURST))


class Sender:
    def __init__(self, bot: ExtBot[int], uploads: Uploads, store: Store) -> None:
        self.bot, self.uploads, self.store = bot, uploads, store
        self._begun: dict[int, int] = {}
        """Word → how many of its parts were sent, where a later part failed."""

    async def send(self, chat: str, word: Outbound) -> None:
        """Send a word to a conversation's chat, wherever it is now; raises as a channel's `send` does."""
        to = chat_id(chat)
        to = await telegram_moves.now_at(self.store, to) if is_group(chat) else to
        try:
            await self._follow(chat, to, word)
        except RetryAfter as error:
            raise RetryLater(seconds(error), "flood limit") from None
        except Forbidden:
            self._begun.pop(word.id, None)
            raise Undeliverable(say("blocked")) from None
        except BadRequest as error:
            self._begun.pop(word.id, None)
            raise Undeliverable(error.message) from None

    async def _follow(self, chat: str, to: int, word: Outbound) -> None:
        """Send, also where the group has moved meanwhile."""
        try:
            await self._send(chat, to, word)
        except ChatMigrated as moved:
            await telegram_moves.move(self.store, to, moved.new_chat_id)
            await self._send(chat, moved.new_chat_id, word)

    async def _send(self, chat: str, to: int, word: Outbound) -> None:
        parts: list[str | Mapping[str, str]] = [*word.attachments, *split(word.text)]
        for number, part in enumerate(parts):
            if number < self._begun.get(word.id, 0):
                continue
            last = number == len(parts) - 1
            if isinstance(part, str):
                await self.bot.send_message(
                    to,
                    part,
                    reply_markup=self._markup(chat, word) if last else None,
                    reply_parameters=_answered(chat, word) if number == 0 else None,
                    link_preview_options=NO_PREVIEW,
                )
            else:
                await self._send_file(to, part["url"], part["name"])
            self._begun[word.id] = number + 1
        self._begun.pop(word.id, None)

    async def _send_file(self, to: int, url: str, name: str) -> None:
        upload = await self.uploads.find(url.rpartition("/")[2])
        if upload is None:
            return
        content = self.uploads.path(upload).read_bytes()
        if upload.type in ("image/jpeg", "image/png", "image/webp"):
            await self.bot.send_photo(to, content)
        else:
            await self.bot.send_document(to, content, filename=name or None)

    async def ask_phone(self, chat: int) -> None:
        """Show Telegram's own contact button; only a private chat may have one."""
        await self.bot.send_message(
            chat, say("verify_here", choice=verify_choice()), reply_markup=_contact_keyboard(())
        )

    async def choice(self, conversation: str, data: str) -> str:
        """The words of a button; "" where a newer word has come after its own."""
        number, _, index = data.partition(":")
        if not (number.isdecimal() and index.isdecimal()):
            return ""
        table = tables.messages
        query = (
            select(table.c.id, table.c.choices)
            .where(table.c.conversation == conversation, table.c.sender != "customer")
            .order_by(table.c.id.desc())
            .limit(1)
        )
        row = await self.store.read(lambda connection: connection.execute(query).one_or_none())
        if row is None or row[0] != int(number) or int(index) >= len(row[1]):
            return ""
        return str(row[1][int(index)])

    def _markup(self, chat: str, word: Outbound) -> Markup | None:
        """Choices as buttons under the word; where a phone is to be proved, Telegram's own contact button."""
        if verify_choice() in word.choices and not is_group(chat):
            return _contact_keyboard(tuple(each for each in word.choices if each != verify_choice()))
        rows = [
            [self._verify_link() if choice == verify_choice() else _button(word, index, choice)]
            for index, choice in enumerate(word.choices)
        ]
        return InlineKeyboardMarkup(rows) if rows else None

    def _verify_link(self) -> InlineKeyboardButton:
        url = f"https://t.me/{self.bot.username}?start={VERIFY}"
        return InlineKeyboardButton(verify_choice(), url=url)


def make_bot(settings: Telegram) -> ExtBot[int]:
    root = settings.base_url.rstrip("/").removesuffix("/bot") or "https://api.telegram.org"
    return ExtBot(
        settings.token,
        base_url=f"{root}/bot",
        base_file_url=f"{root}/file/bot",
        rate_limiter=ChatPace(),
    )


def seconds(error: RetryAfter) -> float:
    after = error.retry_after
    return float(after if isinstance(after, int | float) else after.total_seconds())


def _button(word: Outbound, index: int, choice: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(choice, callback_data=f"{word.id}:{index}")


def _contact_keyboard(others: tuple[str, ...]) -> ReplyKeyboardMarkup:
    rows = [
        [KeyboardButton(verify_choice(), request_contact=True)],
        *([KeyboardButton(each)] for each in others),
    ]
    return ReplyKeyboardMarkup(rows, resize_keyboard=True, one_time_keyboard=True)


def _answered(chat: str, word: Outbound) -> ReplyParameters | None:
    """In a group the word stands under the message that it answers."""
    if not is_group(chat) or not word.answers.startswith("m"):
        return None
    return ReplyParameters(int(word.answers[1:]), allow_sending_without_reply=True)


def split(text: str, limit: int = MAX_LENGTH) -> list[str]:
    """A long text in parts of at most `limit` UTF-16 units, cut at ends of lines or sentences."""
    parts = []
    while _length(text) > limit:
        most = limit - sum(character > "\uffff" for character in text[:limit])
        cut = max(text.rfind(mark, most // 2, most) for mark in "\n。！？；")
        cut = cut + 1 if cut > 0 else most
        parts.append(text[:cut].rstrip("\n"))
        text = text[cut:].lstrip("\n")
    return [*parts, text]


def _length(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)

"""What a Telegram update says, to whom, and in which conversation; nothing is sent or stored here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from telegram import Contact, Location, Message, Update, User

from bot.wording import say
from faq.nearby import nearby
from faq.place import Place

COMMANDS = ("book", "track", "cases", "human", "cancel", "help")
"""The menu; what each stands for and how it is called are in the wording."""
START = ("book", "track", "cases", "human")
"""Deep links `/start book` that stand for a command."""
VERIFY = "verify"
"""The deep link by which a member of a group comes to prove a phone, which Telegram takes in private only."""
WAYBILL = re.compile(r"waybill_([A-Za-z0-9-]{8,20})")
HEARD = ("voice", "audio", "video_note")
"""What nobody reads: without words beside it the desk asks for them."""
FILES = (*HEARD, "document", "video")


@dataclass(frozen=True)
class Source:
    """A file of a message on Telegram's servers, under the name that the customer's device gave it."""

    file_id: str
    size: int
    name: str


@dataclass(frozen=True)
class Content:
    """What a message says; `note` and `unread` as in bot.desk.Inbound."""

    text: str = ""
    note: str = ""
    unread: bool = False


def chat_name(update: Update, chat: int | str | None = None) -> str:
    """The conversation's name after the colon: a private chat, or one member of a group.

    Members of a group have a form each, and none is led on by another's answer. `chat` is the group's first
    id where Telegram has given it another.
    """
    effective, user = update.effective_chat, update.effective_user
    assert effective is not None
    if effective.type == "private" or user is None:
        return str(effective.id)
    return f"{chat or effective.id}.{user.id}"


def chat_id(name: str) -> int:
    """The chat of a conversation's name."""
    return int(name.partition(".")[0])


def is_group(name: str) -> bool:
    return name.startswith("-")


def is_for_us(update: Update, me: User) -> bool:
    """Whether a customer speaks to us: in a group only by a command, a mention or a reply to our words."""
    chat, user, message = update.effective_chat, update.effective_user, update.effective_message
    if chat is None or chat.type == "channel" or user is None or user.is_bot:
        return False
    if update.callback_query is not None:
        return True
    if message is None or not (message.text or message.caption or message.effective_attachment):
        return False
    if update.edited_message is not None and not (message.text or message.caption):
        return False  # A live location that moves on.
    if chat.type == "private":
        return True
    if message.reply_to_message is not None and message.reply_to_message.from_user == me:
        return True
    return _names_us(message, me)


def _names_us(message: Message, me: User) -> bool:
    text = message.text or message.caption or ""
    command, at, named = text.partition(" ")[0].partition("@")
    if command.startswith("/") and command[1:] in ("start", *COMMANDS):
        return not at or named.lower() == str(me.username).lower()
    mentions = {**message.parse_entities(["mention"]), **message.parse_caption_entities(["mention"])}
    return any(each.lower() == f"@{me.username}".lower() for each in mentions.values())


def content(message: Message, me: User) -> Content:
    """What a message says in words; files are fetched elsewhere."""
    if message.venue is not None or message.location is not None:
        return _place(message)
    text = words(message.text or message.caption or "", me)
    if text:
        return Content(text)
    if message.sticker is not None:
        return Content(say("sticker", emoji=message.sticker.emoji or ""), say("not_text"), unread=True)
    if any(getattr(message, kind) for kind in HEARD):
        return Content("", say("voice"), unread=True)
    if message.photo or message.document or message.video:
        return Content()
    return Content(say("unshown"), say("not_text"), unread=True)


def words(text: str, me: User) -> str:
    """A command is what it stands for, and our own name is left out; everything else is what was typed."""
    if not text.startswith("/"):
        return re.sub(rf"@{me.username}\b", "", text, flags=re.IGNORECASE).strip()
    command, _, payload = text[1:].partition(" ")
    command = command.partition("@")[0]
    if command == "start":
        return _start(payload.strip())
    if command not in COMMANDS:
        return text.strip()
    return f"{say(f'command_{command}')} {payload}".strip()


def _start(payload: str) -> str:
    """The words of a deep link; an unknown one is a plain start."""
    waybill = WAYBILL.fullmatch(payload)
    if waybill:
        return say("start_waybill", waybill=waybill[1])
    return say(f"command_{payload}" if payload in START else "command_start")


def asks_to_verify(message: Message) -> bool:
    return (message.text or "") == f"/start {VERIFY}"


def own_phone(contact: Contact, sender: User | None) -> str:
    """The phone that a contact proves: its sender's own; "" where it is another's."""
    if sender is None or contact.user_id != sender.id:
        return ""
    phone = re.sub(r"\D", "", contact.phone_number)
    return phone[2:] if phone.startswith("86") and len(phone) == 13 else phone


def _place(message: Message) -> Content:
    """The nearest county that we know, which the customer is told, and the street where a venue names one."""
    venue = message.venue
    location: Location | None = venue.location if venue else message.location
    assert location is not None
    places = nearby(location.latitude, location.longitude)
    if not places:
        return Content(say("location_unknown"), say("located_nowhere"), unread=True)
    detail = _street(venue.address + venue.title, places[0]) if venue else ""
    found = str(Place(places[0].province, places[0].city, places[0].district, detail))
    return Content(found, say("located", place=places[0], others=[place.area for place in places[1:]]))


def _street(address: str, place: Place) -> str:
    for part in (place.province, place.city, place.district):
        address = address.removeprefix(part)
    return address


def sources(messages: Sequence[Message]) -> list[Source]:
    """The files of a message or of an album, the largest of each picture's sizes."""
    found = []
    for message in messages:
        if message.photo:
            best = message.photo[-1]
            found.append(Source(best.file_id, best.file_size or 0, ""))
        for kind in FILES:
            file = getattr(message, kind)
            if file is not None:
                name = getattr(file, "file_name", None) or ""
                found.append(Source(file.file_id, file.file_size or 0, name[:200]))
    return found


def moved_to(body: Mapping[str, object]) -> tuple[int, int] | None:
    """The old and the new id of a group that Telegram has moved, where an update tells it."""
    message = body.get("message")
    if not isinstance(message, dict) or not isinstance(message.get("chat"), dict):
        return None
    chat, to = message["chat"].get("id"), message.get("migrate_to_chat_id")
    return (chat, to) if isinstance(chat, int) and isinstance(to, int) else None

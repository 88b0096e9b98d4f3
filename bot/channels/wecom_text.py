"""Words as WeCom customer service shows them: choices are a menu whose tapped line comes back as a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.channels.rationed import Message

MAX_HEAD, MAX_CHOICE, MAX_LINES = 1024, 128, 10
"""UTF-8 bytes of a menu's text and of each of its lines, and how many lines it may have."""


def content(message: Message) -> dict[str, Any]:
    """What goes to the platform: a menu where the word has choices and fits, else a text."""
    word = message.word
    if message.whole and word.choices and word.last and (menu := menu_of(word.text, word.choices)):
        return menu
    return {"msgtype": "text", "text": {"content": message.text}}


def menu_of(text: str, choices: Sequence[str]) -> dict[str, Any] | None:
    """A menu message; None where the platform would cut it."""
    too_long = len(text.encode()) > MAX_HEAD or any(len(each.encode()) > MAX_CHOICE for each in choices)
    if too_long or len(choices) > MAX_LINES:
        return None
    lines = [
        {"type": "click", "click": {"id": str(number), "content": choice}}
        for number, choice in enumerate(choices, 1)
    ]
    return {"msgtype": "msgmenu", "msgmenu": {"head_content": text, "list": lines}}

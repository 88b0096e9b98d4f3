"""The passive answer: words go back in the answer to the platform's own call, where they cost nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, case, select, update

from bot.channels import rationed
from bot.channels.rationed import Waiting, as_many_as_fit, mark, merged
from bot.channels.wechat_text import split
from bot.store import tables

# Statements of every turn are made once: making one costs as much as running it.
MESSAGE = tables.messages
ASKED = select(MESSAGE.c.id).where(
    MESSAGE.c.conversation == bindparam("of"), MESSAGE.c.external_id == bindparam("as")
)
GIVEN = rationed.WORDS.where(tables.deliveries.c.answer_to == bindparam("asked"))


def take(connection: Connection, now: datetime, conversation: str, external_id: str) -> tuple[str, bool]:
    """The answer to a message, and whether there is more, to be sent by itself at once.

    The answer is the same at every call with the message's id, empty where there is none.
    """
    asked = _asked(connection, conversation, external_id)
    if asked is None:
        return "", False
    if given := rationed.read(connection, GIVEN, now, asked=asked):
        first = given[0]
        return (split(merged([first]))[first.parts - 1] if first.parts else merged(given)), False
    return _first_time(connection, now, conversation, asked)


def give_back(connection: Connection, now: datetime, conversation: str, external_id: str) -> None:
    """Nobody waits for the answer any more: its words are to be sent by themselves, the rest too."""
    table, asked = tables.deliveries, _asked(connection, conversation, external_id)
    if asked is not None:
        connection.execute(
            update(table)
            .where(table.c.answer_to == asked)
            .values(
                status="waiting",
                answer_to=None,
                next_at=now,
                parts=case((table.c.parts > 0, table.c.parts - 1), else_=0),
            )
        )


def _asked(connection: Connection, conversation: str, external_id: str) -> int | None:
    number = connection.execute(ASKED, {"of": conversation, "as": external_id}).scalar_one_or_none()
    return None if number is None else int(number)


def _first_time(connection: Connection, now: datetime, conversation: str, asked: int) -> tuple[str, bool]:
    waiting = rationed.waiting(connection, now, conversation)
    taken: list[Waiting] = []
    text = ""
    # A word that is being sent at this moment must arrive before those behind it.
    if waiting and not waiting[0].leased:
        taken = as_many_as_fit(waiting)
        text = merged(taken) if taken else _first_part(connection, waiting[0], asked)
        mark(connection, [each.delivery for each in taken], status="sent", answer_to=asked)
    rest = [each.delivery for each in waiting[len(taken) :] if not each.leased]
    mark(connection, rest, next_at=now)
    return text, bool(rest)


def _first_part(connection: Connection, word: Waiting, asked: int) -> str:
    """The next part of a word that is too long for one message; the rest stays waiting."""
    parts = split(merged([word]))
    last = word.parts + 1 == len(parts)
    values = {"answer_to": asked, "parts": word.parts + 1, "status": "sent" if last else "waiting"}
    mark(connection, [word.delivery], **values)
    return parts[word.parts]

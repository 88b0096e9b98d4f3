"""The words of a conversation: stored once, read by streams, history, console and delivery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, RowMapping, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.store import tables

PULLED = frozenset({"web", "terminal"})
"""Channels whose page reads the conversation itself; to the others each word is sent."""


ANSWERED = {"wechat": timedelta(seconds=6)}
"""Channels that answer a message with its reply: only what is left after so long is sent by itself."""


def add_inbound(
    connection: Connection,
    now: datetime,
    conversation: str,
    external_id: str,
    text: str,
    attachments: Sequence[Mapping[str, str]],
    edit_of: int | None = None,
) -> int | None:
    """Store a customer's message; None where this id was stored before.

    `edit_of`: the message of which this is a later version; each version is kept.
    """
    values = {
        "conversation": conversation,
        "sender": "customer",
        "text": text,
        "choices": [],
        "attachments": [dict(item) for item in attachments],
        "at": now,
        "external_id": external_id,
        "edit_of": edit_of,
    }
    return connection.execute(_insert_once(connection.dialect.name), values).scalar_one_or_none()


@cache
def _insert_once(dialect: str) -> Insert:
    """Made once a dialect: making a statement costs as much as running it."""
    build = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = build(tables.messages).on_conflict_do_nothing(index_elements=["conversation", "external_id"])
    return statement.returning(tables.messages.c.id)


NONE = timedelta()
INSERT = tables.messages.insert().returning(tables.messages.c.id)
DELIVERY = tables.deliveries.insert()


def add_outbound(
    connection: Connection,
    now: datetime,
    conversation: str,
    text: str,
    *,
    sender: str = "bot",
    name: str = "",
    handled_by: str = "",
    choices: Sequence[str] = (),
    attachments: Sequence[Mapping[str, str]] = (),
    reply_to: int | None = None,
) -> int:
    """Store a word to the customer and, where the channel does not fetch it itself, its delivery.

    `handled_by` with a word of the system: who has the conversation from now on.
    """
    values = {
        "conversation": conversation,
        "sender": sender,
        "name": name,
        "handled_by": handled_by,
        "text": text,
        "choices": list(choices),
        "attachments": [dict(item) for item in attachments],
        "at": now,
        "reply_to": reply_to,
    }
    message = int(connection.execute(INSERT, values).scalar_one())
    channel = conversation.partition(":")[0]
    if channel not in PULLED:
        wait = ANSWERED.get(channel, NONE) if reply_to else NONE
        waits = {"channel": channel, "conversation": conversation, "message": message, "next_at": now + wait}
        connection.execute(DELIVERY, waits)
    return message


def earlier_replies(connection: Connection, conversation: str, external_id: str) -> list[RowMapping]:
    """What was answered to a message that is delivered again."""
    table = tables.messages
    asked = select(table.c.id).where(table.c.conversation == conversation, table.c.external_id == external_id)
    query = select(table).where(table.c.reply_to == asked.scalar_subquery()).order_by(table.c.id)
    return list(connection.execute(query).mappings())


@dataclass(frozen=True)
class Version:
    """A message that was edited: the id of its first version, the text of its last."""

    id: int
    text: str


def latest_version(connection: Connection, conversation: str, external_id: str) -> Version | None:
    """The message that a channel's id names, as it stands now; None where there is none."""
    if not external_id:
        return None
    table = tables.messages
    first = select(table.c.id).where(table.c.conversation == conversation, table.c.external_id == external_id)
    number = connection.execute(first).scalar_one_or_none()
    if number is None:
        return None
    versions = select(table.c.text).where(or_(table.c.id == number, table.c.edit_of == number))
    text = connection.execute(versions.order_by(table.c.id.desc()).limit(1)).scalar_one()
    return Version(int(number), str(text))


WITH_DELIVERY = select(
    tables.messages,
    tables.deliveries.c.status.label("delivery"),
    tables.deliveries.c.error.label("delivery_error"),
).outerjoin(tables.deliveries, tables.deliveries.c.message == tables.messages.c.id)


def read_after(connection: Connection, conversation: str, after: int, limit: int = 200) -> list[RowMapping]:
    """The messages of a conversation after an id, oldest first, each with how far its delivery is."""
    table = tables.messages
    query = (
        WITH_DELIVERY.where(table.c.conversation == conversation, table.c.id > after)
        .order_by(table.c.id)
        .limit(limit)
    )
    return list(connection.execute(query).mappings())


def read_latest(
    connection: Connection, conversation: str, limit: int = 200, before: int | None = None
) -> list[RowMapping]:
    """The last messages of a conversation, or before an id, oldest first, with how far delivery is."""
    table = tables.messages
    query = WITH_DELIVERY.where(table.c.conversation == conversation).order_by(table.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(table.c.id < before)
    return list(connection.execute(query).mappings())[::-1]


def message_json(row: RowMapping, zone: tzinfo | None) -> dict[str, Any]:
    """A message as the stream and the history show it.

    `sent_as` is the sender's own id of a customer's, `edit_of` the message of which it is a later version,
    `undeliverable` why the channel did not take a word of ours, `delivery` whether one that is sent to a
    channel is waiting, sent, kept or failed, and why.
    """
    reason = row["delivery_error"] if row["delivery"] in ("kept", "failed") else ""
    delivery = {"status": row["delivery"], "reason": reason} if row["delivery"] else None
    return {
        "id": row["id"],
        "sent_as": row["external_id"],
        "from": row["sender"],
        "name": row["name"],
        "text": row["text"],
        "choices": row["choices"],
        "attachments": row["attachments"],
        "handled_by": row["handled_by"],
        "edit_of": row["edit_of"],
        "undeliverable": row["undeliverable"],
        "delivery": delivery,
        "at": row["at"].astimezone(zone).isoformat(),
    }

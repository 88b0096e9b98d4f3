"""Messages that were not understood, or that staff took otherwise: what the next sentences come from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, select

from bot.store import tables
from bot.store.upsert import insert
from handoff.summary import masked
from intents.meaning import Meaning
from intents.understand import understand


class NoCustomerMessage(Exception):
    """There is no message of a customer with this id."""


def note(connection: Connection, now: datetime, message: int, meaning: Meaning) -> None:
    """Keep how a message was understood that the desk could do nothing with."""
    values = {"message": message, "intent": meaning.intent, "confidence": meaning.confidence, "at": now}
    connection.execute(tables.doubts.insert().values(**values))


def correct(connection: Connection, now: datetime, message: int, meant: str) -> None:
    """Keep the intent that a message had by the word of staff; raises NoCustomerMessage."""
    table = tables.messages
    query = select(table.c.text, table.c.at).where(table.c.id == message, table.c.sender == "customer")
    found = connection.execute(query).one_or_none()
    if found is None:
        raise NoCustomerMessage(message)
    meaning = understand(found.text, found.at.astimezone(now.tzinfo))
    statement = insert(connection, tables.doubts).values(
        message=message, intent=meaning.intent, confidence=meaning.confidence, meant=meant, at=now
    )
    connection.execute(
        statement.on_conflict_do_update(index_elements=["message"], set_={"meant": meant, "at": now})
    )


def read(connection: Connection, since: datetime, zone: tzinfo) -> Iterator[dict[str, Any]]:
    """`{text, intent, confidence, meant, at}` in order of time, telephone numbers masked."""
    table = tables.doubts
    query = (
        select(table, tables.messages.c.text)
        .join(tables.messages, tables.messages.c.id == table.c.message)
        .where(table.c.at >= since)
        .order_by(table.c.at, table.c.message)
    )
    for row in connection.execute(query).mappings():
        yield {
            "text": masked(row["text"]),
            "intent": row["intent"],
            "confidence": round(row["confidence"], 3),
            "meant": row["meant"],
            "at": row["at"].astimezone(zone).isoformat(timespec="seconds"),
        }

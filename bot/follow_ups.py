"""The follow-up (回访): a day after staff closed a case the customer is asked whether it is really solved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from bot import quota
from bot.store import tables
from bot.store.upsert import insert
from bot.wording import say
from faq.service_promise import follow_up_due
from handoff.queue import Queue
from handoff.tables import follow_ups

REOPENED = {"complaint": "open", "claim": "disputed", "inquiry": "open", "delivery_change": "open"}
"""The status in which a case is worked on again, by its kind; of other kinds nobody is asked."""
LATER = timedelta(hours=1)
"""Who is busy with something else is asked then."""
BATCH = 200
MAX_WORD = 500
TABLE = follow_ups


@dataclass(frozen=True)
class Due:
    number: str
    conversation: str


def schedule(connection: Connection, now: datetime, number: str, kind: str, conversation: str) -> None:
    """Note that the customer is asked a day from now; a case that is closed once more is asked about anew."""
    if kind not in REOPENED or not conversation:
        return
    due = follow_up_due(now)
    anew = {"status": "waiting", "due": due, "sent_at": None, "answered_at": None, "word": ""}
    statement = insert(connection, TABLE).values(number=number, kind=kind, conversation=conversation, due=due)
    connection.execute(statement.on_conflict_do_update(index_elements=["number"], set_=anew))


def cancel(connection: Connection, number: str) -> None:
    """The case is open again before anybody was asked."""
    connection.execute(delete(TABLE).where(TABLE.c.number == number, TABLE.c.status == "waiting"))


def list_due(connection: Connection, now: datetime) -> list[Due]:
    """Whom to ask now, the longest due first."""
    query = select(TABLE.c.number, TABLE.c.conversation).where(
        TABLE.c.status == "waiting", TABLE.c.due <= now
    )
    return [Due(*row) for row in connection.execute(query.order_by(TABLE.c.due).limit(BATCH))]


def ask(connection: Connection, now: datetime, queue: Queue, due: Due) -> bool:
    """Ask the customer through his channel; False where that is for later or the channel's window is over."""
    talks = tables.conversations
    lock = select(talks.c.handled_by, talks.c.forms).where(talks.c.name == due.conversation).with_for_update()
    talk = connection.execute(lock).one_or_none()
    waits = (TABLE.c.number == due.number, TABLE.c.status == "waiting", TABLE.c.due <= now)
    kind = connection.execute(select(TABLE.c.kind).where(*waits)).scalar_one_or_none()
    if kind is None:
        return False
    if talk is None or not _in_window(connection, now, due.conversation):
        connection.execute(update(TABLE).where(*waits).values(status="missed"))
        return False
    if talk.handled_by != "bot" or talk.forms:
        connection.execute(update(TABLE).where(*waits).values(due=now + LATER))
        return False
    connection.execute(update(TABLE).where(*waits).values(status="sent", sent_at=now))
    choices = [say("solved"), say("unsolved")]
    words = say("follow_up", kind=kind, number=due.number)
    queue.customers.say(connection, due.conversation, words, "system", "", now, choices)
    asked = {"follow_up": due.number, "choices": choices, "rating": None, "rated": None}
    queue.customers.remember(connection, due.conversation, asked)
    return True


def _in_window(connection: Connection, now: datetime, conversation: str) -> bool:
    if conversation.partition(":")[0] not in quota.RATIONED:
        return True
    return quota.left(connection, now, conversation) is not None


def answer(connection: Connection, now: datetime, number: str, status: str, word: str) -> bool:
    """Keep the customer's answer; False where it was answered before, or the case is asked about anew."""
    answered = connection.execute(
        update(TABLE)
        .where(TABLE.c.number == number, TABLE.c.status == "sent")
        .values(status=status, word=word[:MAX_WORD], answered_at=now)
    )
    return answered.rowcount > 0

"""The periodic sweep: messages left overnight join the queue, absent agents' chats and missed deadlines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection, select, update

from bot.desk import Desk
from bot.store import tables
from handoff import outbox, places, presence
from handoff.transfer import put_back

log = structlog.get_logger()

EVERY = 30.0
"""Seconds between sweeps."""
BATCH = 200


async def sweep_until_closed(desk: Desk) -> None:
    """Sweep until the service stops; an error is logged and the next sweep tries again."""
    with desk.live.watch("deadlines") as watch:
        while not desk.live.closed:
            try:
                await sweep(desk)
            except Exception:
                log.exception("sweep failed")
            await watch.wait(EVERY)


async def sweep(desk: Desk) -> None:
    """One sweep. Each conversation is a transaction of its own, so that none waits for another."""
    opened = await desk.store.write(lambda connection: desk.queue.open_scheduled(connection, desk.now()))
    for handoff in opened:
        desk.told(handoff.conversation)
    for conversation in await desk.store.write(lambda connection: _absent(connection, desk)):
        desk.told(conversation)
    for missed in await desk.store.read(lambda connection: _missed(connection, desk.now())):
        await desk.store.write(partial(_breach, now=desk.now(), missed=missed))


def _absent(connection: Connection, desk: Desk) -> set[str]:
    """Who is not heard of is offline; chats of those who are away for long go back. Whose chats moved."""
    now, queue = desk.now(), desk.queue
    moved = [
        each
        for agent in presence.gone(connection, now, queue.rules)
        for each in presence.set_status(queue, connection, now, agent, "offline")
    ]
    back = [put_back(queue, connection, now, each) for each in presence.overdue(connection, now, queue.rules)]
    told = places.tell_moved(queue.moves, connection, now)
    return {each.conversation for each in (*moved, *back, *told) if each is not None}


@dataclass(frozen=True)
class Missed:
    """A deadline that has passed and was not met."""

    number: str
    name: str
    due: datetime
    conversation: str


def _missed(connection: Connection, now: datetime) -> list[Missed]:
    due, case = tables.deadlines, tables.cases
    query = (
        select(due.c.number, due.c.name, due.c.due, case.c.conversation)
        .join(case, case.c.number == due.c.number)
        .where(due.c.due < now, due.c.met_at.is_(None), due.c.breached.is_(False))
        .limit(BATCH)
    )
    return [Missed(*row) for row in connection.execute(query)]


def _breach(connection: Connection, now: datetime, missed: Missed) -> None:
    """Mark and tell it once, however many replicas sweep; locked in the order of a turn."""
    conversation, due = tables.conversations, tables.deadlines
    lock = select(conversation.c.name).where(conversation.c.name == missed.conversation).with_for_update()
    connection.execute(lock)
    marked = connection.execute(
        update(due)
        .where(
            due.c.number == missed.number,
            due.c.name == missed.name,
            due.c.met_at.is_(None),
            due.c.breached.is_(False),
        )
        .values(breached=True)
    )
    if marked.rowcount:
        data = {"case": missed.number, "deadline": missed.name, "due": missed.due.isoformat()}
        outbox.add(connection, now, missed.conversation, "deadline.breached", data)

"""The sweep: messages left overnight join the queue, absent agents give back chats, deadlines are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from bot import follow_ups
from bot.cases import update_case
from bot.desk import Desk
from bot.store import tables
from faq.case_deadlines import near_before
from handoff import outbox, places, presence
from handoff.transfer import put_back
from intents.meaning import UpdateCase

log = structlog.get_logger()

EVERY = 30.0
"""Most seconds between sweeps; a deadline that passes sooner is not waited for longer."""
SOONEST = 0.2
BATCH = 200
RAISED = {"normal": "high", "high": "urgent", "urgent": "urgent"}
"""A missed deadline goes one level up."""


async def sweep_until_closed(desk: Desk) -> None:
    """Sweep until the service stops; an error is logged and the next sweep tries again."""
    with desk.live.watch("deadlines") as watch:
        while not desk.live.closed:
            seconds = EVERY
            try:
                seconds = await sweep(desk)
            except Exception:
                log.exception("sweep failed")
            await watch.wait(seconds)


async def sweep(desk: Desk) -> float:
    """One sweep; returns in how many seconds the next is due.

    Each conversation is a transaction of its own, so that none waits for another.
    """
    now = desk.now()
    opened = await desk.store.write(lambda connection: desk.queue.open_scheduled(connection, now))
    for handoff in opened:
        desk.told(handoff.conversation)
    for conversation in await desk.store.write(lambda connection: _absent(connection, desk)):
        desk.told(conversation)
    await _follow_up(desk, now)
    for due in await desk.store.read(lambda connection: _passed(connection, now)):
        await desk.store.write(partial(_breach, now=now, due=due))
    for due in await desk.store.read(lambda connection: _nearing(connection, now)):
        await desk.store.write(partial(_remind, now=now, due=due))
    return await desk.store.read(lambda connection: _seconds_to_next(connection, desk.now()))


async def _follow_up(desk: Desk, now: datetime) -> None:
    """Ask about closed cases while people are there to hear the answer."""
    if not desk.queue.is_open(now):
        return
    for due in await desk.store.read(lambda connection: follow_ups.list_due(connection, now)):
        if await desk.store.write(partial(follow_ups.ask, now=now, queue=desk.queue, due=due)):
            desk.told(due.conversation)


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
class Due:
    """A deadline that is not met."""

    number: str
    name: str
    due: datetime
    conversation: str
    priority: str


TABLE, CASE = tables.deadlines, tables.cases
OPEN = and_(TABLE.c.met_at.is_(None), TABLE.c.breached.is_(False))


def _passed(connection: Connection, now: datetime) -> list[Due]:
    return _found(connection, TABLE.c.due < now)


def _nearing(connection: Connection, now: datetime) -> list[Due]:
    """Those of which the reminder is due; each kind of deadline has its own time."""
    near = [
        and_(CASE.c.kind == kind, TABLE.c.name == name, TABLE.c.due <= now + before)
        for kind, name, before, _ in _unreminded(connection, now)
    ]
    return _found(connection, and_(TABLE.c.near.is_(False), TABLE.c.due >= now, or_(*near))) if near else []


def _found(connection: Connection, which: ColumnElement[bool]) -> list[Due]:
    query = (
        select(TABLE.c.number, TABLE.c.name, TABLE.c.due, CASE.c.conversation, CASE.c.priority)
        .join(CASE, CASE.c.number == TABLE.c.number)
        .where(OPEN, which)
        .order_by(TABLE.c.due)
        .limit(BATCH)
    )
    return [Due(*row) for row in connection.execute(query)]


def _unreminded(connection: Connection, now: datetime) -> list[tuple[str, str, timedelta, datetime]]:
    """Kind and name of what is not reminded of yet, how long before it that is done, and the earliest."""
    first = func.min(TABLE.c.due, type_=TABLE.c.due.type)
    query = (
        select(CASE.c.kind, TABLE.c.name, first)
        .join(CASE, CASE.c.number == TABLE.c.number)
        .where(OPEN, TABLE.c.near.is_(False), TABLE.c.due >= now)
        .group_by(CASE.c.kind, TABLE.c.name)
    )
    day = now.date()
    return [(kind, name, near_before(name, kind, day), due) for kind, name, due in connection.execute(query)]


def _seconds_to_next(connection: Connection, now: datetime) -> float:
    first = func.min(TABLE.c.due, type_=TABLE.c.due.type)
    instants = [due - before for _, _, before, due in _unreminded(connection, now)]
    passes = connection.execute(select(first).where(OPEN)).scalar_one()
    wait = min(((at - now).total_seconds() for at in (*instants, passes) if at), default=EVERY)
    return min(max(wait, SOONEST), EVERY)


def _remind(connection: Connection, now: datetime, due: Due) -> None:
    if _marked(connection, due, {"near": True}):
        outbox.add(connection, now, due.conversation, "deadline.near", _data(due))


def _breach(connection: Connection, now: datetime, due: Due) -> None:
    """Mark it, tell it, and raise the case by one level."""
    if _marked(connection, due, {"breached": True}):
        outbox.add(connection, now, due.conversation, "deadline.breached", _data(due))
        raised = UpdateCase(
            due.number, f"deadline.breached {due.name}", priority=RAISED.get(due.priority, "high")
        )
        update_case(connection, now, raised, by="system")


def _marked(connection: Connection, due: Due, mark: Mapping[str, bool]) -> bool:
    """Whether it was we who marked it: once, however many replicas sweep; locked in the order of a turn."""
    conversation = tables.conversations
    lock = select(conversation.c.name).where(conversation.c.name == due.conversation).with_for_update()
    connection.execute(lock)
    unmarked = [TABLE.c[name].is_(False) for name in mark]
    this = and_(TABLE.c.number == due.number, TABLE.c.name == due.name, OPEN, *unmarked)
    return bool(connection.execute(update(TABLE).where(this).values(**mark)).rowcount)


def _data(due: Due) -> dict[str, str]:
    return {"case": due.number, "deadline": due.name, "due": due.due.isoformat()}

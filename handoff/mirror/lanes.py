"""How far each endpoint is, kept in the database: what is due is claimed, what became of it is written.

A cursor runs over all events; a conversation with events that wait has a *lane*, in which one after the
other is sent. So an endpoint costs one row, and one more for each conversation that is not level.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, and_, bindparam, delete, func, or_, select, update

from handoff import outbox
from handoff.mirror.events import Event, Failure, event_of
from handoff.mirror.schedule import GIVEN_UP, LONGEST, probe_in, retry_in
from handoff.mirror.tables import dead_letters, endpoints, lanes
from handoff.tables import events
from handoff.upsert import insert

LEASE = timedelta(seconds=60)
"""How long one sender keeps a lane; after a crash another takes it up."""
IN_A_ROW = 20
"""Events of one conversation that are sent before others have their turn."""
INTAKE = 500
"""Events that the cursor passes at a time."""
DOWN = 10
"""An endpoint that fails for as many conversations and takes nothing between is down as a whole."""


@dataclass(frozen=True)
class Lane:
    """Events of one conversation to be sent one after the other."""

    conversation: str
    after: int
    tries: int
    events: Sequence[Event]


@dataclass(frozen=True)
class Sent:
    """What became of a lane: events up to `after` were taken, then `failure`."""

    conversation: str
    after: int
    tries: int
    taken: int
    failure: Failure | None = None


@dataclass(frozen=True)
class Told:
    """A change of an endpoint's state that its operator must know."""

    what: str
    error: str


@dataclass(frozen=True)
class Step:
    """What is to be sent now, what the operator is told, and whether more is due than was claimed."""

    lanes: Sequence[Lane] = ()
    told: Sequence[Told] = ()
    more: bool = False


def register(connection: Connection, name: str) -> bool:
    """Know an endpoint; a new one gets what happens from now on. True where events go out to it."""
    row = connection.execute(select(endpoints).where(endpoints.c.name == name)).mappings().one_or_none()
    if row is not None:
        return row["status"] == "active" and not is_down(row)
    outbox.wait_for_writers(connection, events)
    newest = connection.execute(select(func.coalesce(func.max(events.c.id), 0))).scalar_one()
    new = insert(connection, endpoints).values(name=name, cursor=newest)
    connection.execute(new.on_conflict_do_nothing())
    return True


def step(
    connection: Connection,
    now: datetime,
    name: str,
    wants: Callable[[str], bool],
    sent: Sequence[Sent],
    free: int,
    busy: Collection[str] = (),
) -> Step:
    """Write what was sent, take in new events, and claim at most `free` lanes; one transaction.

    `busy` are the conversations that the caller is still sending.
    """
    lock = select(endpoints).where(endpoints.c.name == name).with_for_update()
    row = connection.execute(lock).mappings().one()
    told = settle(connection, now, row, sent)
    row = connection.execute(select(endpoints).where(endpoints.c.name == name)).mappings().one()
    if row["status"] != "active":
        return Step((), told)
    if row["next_at"] is not None and row["next_at"] > now:
        return Step((), told)
    if is_down(row):
        free = max(0, 1 - len(busy))
    if not free:
        return Step((), told)
    full = take_in(connection, now, name, row["cursor"], wants)
    claimed = claim(connection, now, name, free, busy)
    return Step(claimed, told, full or len(claimed) == free)


def is_down(row: RowMapping) -> bool:
    """True where the endpoint takes nothing, from whatever conversation."""
    return bool(row["failing"] >= DOWN)


def take_in(
    connection: Connection, now: datetime, name: str, cursor: int, wants: Callable[[str], bool]
) -> bool:
    """Move the cursor over new events, each conversation of which gets its lane; True where more wait."""
    rows = _after(connection, cursor)
    if not rows:
        return False
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for row in rows:
        if wants(row.type):
            first.setdefault(row.conversation, row.seq)
            last[row.conversation] = row.seq
    if first:
        statement = insert(connection, lanes)
        # An earlier lane keeps its own beginning and its own time.
        statement = statement.on_conflict_do_update(
            index_elements=["endpoint", "conversation"], set_={"last": statement.excluded.last}
        )
        new = [
            {"endpoint": name, "conversation": each, "after": seq - 1, "last": last[each], "next_at": now}
            for each, seq in first.items()
        ]
        connection.execute(statement, new)
    connection.execute(update(endpoints).where(endpoints.c.name == name).values(cursor=rows[-1].id))
    return len(rows) == INTAKE


def _after(connection: Connection, cursor: int) -> Sequence[Row[int, str, int, str]]:
    """The next events over all; where an id is missing, whoever may still hold it is waited for."""
    query = (
        select(events.c.id, events.c.conversation, events.c.seq, events.c.type)
        .where(events.c.id > cursor)
        .order_by(events.c.id)
        .limit(INTAKE)
    )
    rows = connection.execute(query).all()
    if rows and rows[-1].id != cursor + len(rows) and connection.dialect.name == "postgresql":
        outbox.wait_for_writers(connection, events)
        rows = connection.execute(query).all()
    return rows


def claim(
    connection: Connection, now: datetime, name: str, most: int, busy: Collection[str] = ()
) -> list[Lane]:
    """Lease the lanes that are due, the longest waiting first, with their next events."""
    if not most:
        return []
    ready = (
        select(lanes)
        .where(
            lanes.c.endpoint == name,
            lanes.c.next_at <= now,
            or_(lanes.c.lease_until.is_(None), lanes.c.lease_until < now),
            lanes.c.conversation.not_in(busy),
        )
        .order_by(lanes.c.next_at)
        .limit(most)
    )
    rows = connection.execute(ready).mappings().all()
    if not rows:
        return []
    names = [row["conversation"] for row in rows]
    mine = and_(lanes.c.endpoint == name, lanes.c.conversation.in_(names))
    connection.execute(update(lanes).where(mine).values(lease_until=now + LEASE))
    query = (
        select(events)
        .join(lanes, lanes.c.conversation == events.c.conversation)
        .where(
            mine,
            events.c.seq > lanes.c.after,
            events.c.seq <= lanes.c.last,
            events.c.seq <= lanes.c.after + IN_A_ROW,
        )
        .order_by(events.c.conversation, events.c.seq)
    )
    waiting: dict[str, list[Event]] = {each: [] for each in names}
    for found in connection.execute(query).mappings():
        waiting[found["conversation"]].append(event_of(found))
    return [_lane(row, waiting[row["conversation"]]) for row in rows]


def _lane(row: RowMapping, waiting: Sequence[Event]) -> Lane:
    """A lane as it is sent; one goes on behind events that were deleted by policy while they waited."""
    after = row["after"] if waiting else min(row["after"] + IN_A_ROW, row["last"])
    return Lane(row["conversation"], after, row["tries"], waiting)


def settle(connection: Connection, now: datetime, row: RowMapping, sent: Sequence[Sent]) -> list[Told]:
    """Write what became of the lanes, and how the endpoint as a whole does."""
    if not sent:
        return []
    name, failed = row["name"], [each for each in sent if each.failure]
    _move(connection, now, name, sent)
    told: list[Told] = []
    alive = any(each.taken for each in sent)
    if alive:
        told += _up(connection, now, row)
        row = connection.execute(select(endpoints).where(endpoints.c.name == name)).mappings().one()
    if failed:
        told += _failed(connection, now, row, failed, alive)
    drained = and_(lanes.c.endpoint == name, lanes.c.after >= lanes.c.last)
    touched = lanes.c.conversation.in_([each.conversation for each in sent])
    connection.execute(delete(lanes).where(drained, touched))
    return told


def _move(connection: Connection, now: datetime, name: str, sent: Iterable[Sent]) -> None:
    """The lanes go on behind what was taken; a try that succeeded ends the tries before it."""
    statement = (
        update(lanes)
        .where(
            lanes.c.endpoint == name,
            lanes.c.conversation == bindparam("lane"),
            lanes.c.lease_until.is_not(None),  # A replay took the lease away: it begins anew.
        )
        .values(after=bindparam("taken_to"), tries=bindparam("tried"), next_at=now, lease_until=None)
    )
    values = [
        {"lane": each.conversation, "taken_to": each.after, "tried": 0 if each.taken else each.tries}
        for each in sent
    ]
    connection.execute(statement, values)


def _up(connection: Connection, now: datetime, row: RowMapping) -> list[Told]:
    """An event was taken: an endpoint that was down is brought level at once."""
    if row["failing_since"] is None:
        return []
    name = row["name"]
    _write(connection, name, failing=0, failing_since=None, next_at=None, tries=0, error="")
    if not is_down(row):
        return []
    waiting = and_(lanes.c.endpoint == name, lanes.c.lease_until.is_(None))
    connection.execute(update(lanes).where(waiting).values(next_at=now, tries=0))
    return [Told("up", "")]


def _failed(
    connection: Connection, now: datetime, row: RowMapping, failed: Sequence[Sent], alive: bool
) -> list[Told]:
    """Retry what failed; where nothing was taken beside it (`alive`), the endpoint itself is doubted."""
    failures = [each.failure for each in failed if each.failure]
    name, error = row["name"], failures[-1].error
    gone = next((each for each in failures if each.gone), None)
    if gone is not None:
        _write(connection, name, status="gone", error=gone.error)
        return [Told("gone", gone.error)]
    asked = max((each.retry_after or 0.0 for each in failures), default=0.0)
    if is_down(row):
        return _still_down(connection, now, row, error, asked)
    told = [letter for each in failed if (letter := _retry(connection, now, name, each))]
    values: dict[str, Any] = {"error": error}
    failing, since = 0, now
    if not alive:
        failing, since = (
            row["failing"] + sum(1 for each in failed if not each.tries),
            row["failing_since"] or now,
        )
        values |= {"failing": failing, "failing_since": since}
    if failing >= DOWN:
        values["next_at"] = now + probe_in(0, asked)
        told.append(Told("down", error))
    elif asked:
        values["next_at"] = now + timedelta(seconds=min(asked, LONGEST))
    if told and now - since >= GIVEN_UP:
        values["status"] = "paused"
        told.append(Told("paused", error))
    _write(connection, name, **values)
    return told


def _still_down(
    connection: Connection, now: datetime, row: RowMapping, error: str, asked: float
) -> list[Told]:
    """Wait for the next probe; a lane is not blamed for what is wrong with the whole endpoint."""
    name = row["name"]
    if now - row["failing_since"] >= GIVEN_UP:
        _write(connection, name, status="paused", error=error)
        return [Told("paused", error)]
    if row["next_at"] <= now:  # Those that were under way when it went down say nothing new.
        tries = row["tries"] + 1
        _write(connection, name, tries=tries, next_at=now + probe_in(tries, asked), error=error)
    return []


def _retry(connection: Connection, now: datetime, name: str, sent: Sent) -> Told | None:
    """The lane's next try, or, after the last, a dead letter and the event behind it."""
    assert sent.failure
    tries = 1 if sent.taken else sent.tries + 1
    wait = retry_in(tries, sent.failure.retry_after)
    mine = and_(lanes.c.endpoint == name, lanes.c.conversation == sent.conversation)
    if wait is not None:
        values = {"tries": tries, "next_at": now + wait, "error": sent.failure.error}
        connection.execute(update(lanes).where(mine).values(**values))
        return None
    seq = sent.after + 1
    connection.execute(
        insert(connection, dead_letters)
        .values(endpoint=name, conversation=sent.conversation, seq=seq, error=sent.failure.error, at=now)
        .on_conflict_do_nothing()
    )
    behind = update(lanes).where(mine, lanes.c.after == sent.after)
    connection.execute(behind.values(after=seq, tries=0, next_at=now))
    return Told("dead letter", f"{sent.conversation} {seq}: {sent.failure.error}")


def _write(connection: Connection, name: str, **values: Any) -> None:
    connection.execute(update(endpoints).where(endpoints.c.name == name).values(**values))

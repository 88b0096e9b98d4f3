"""The rows of the ledger (台帐): cases with their history and deadlines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, or_, select, update

from bot import follow_ups
from bot.store import tables
from bot.store.upsert import insert
from faq.case_deadlines import due_in, met_in
from handoff import outbox
from handoff.counting import count_up
from intents.meaning import Notice, OpenCase, UpdateCase

PREFIXES = {"pickup": "PU", "inquiry": "IQ", "complaint": "CP", "claim": "CL", "delivery_change": "DC"}
BOT = "bot"
RECENT = 10
CLOSED = frozenset({"closed", "cancelled", "paid", "rejected", "done", "collected"})

# Statements of most turns are made once: making one costs as much as running it.
OF_FORM = select(tables.cases.c.number).where(tables.cases.c.form_id == bindparam("form"))
INSERT = tables.cases.insert()
NOTE = tables.case_history.insert()


class NoSuchCase(LookupError):
    """No case has this number."""


def next_number(connection: Connection, kind: str, now: datetime) -> str:
    """CL20261123-00001: counted by kind and day of the courier's time zone."""
    name = f"{PREFIXES[kind]}{now:%Y%m%d}"
    return f"{name}-{count_up(connection, tables.counters, name):05}"


def open_case(
    connection: Connection,
    now: datetime,
    conversation: str,
    order: OpenCase,
    by: str = BOT,
    owner: str = "",
    external_id: str | None = None,
) -> str:
    """Enter a case and return its number; the form that already made one gets that one's.

    `by` is responsible to the customer (首问责任) where no `owner` is named, until an agent takes over.
    """
    if order.form_id:
        earlier = connection.execute(OF_FORM, {"form": order.form_id}).scalar_one_or_none()
        if earlier is not None:
            return str(earlier)
    number = next_number(connection, order.kind, now)
    values = {
        "number": number,
        "kind": order.kind,
        "status": order.status,
        "conversation": conversation,
        "customer": dict(order.customer),
        "phone": order.customer.get("phone") or "",
        "waybill": order.waybill,
        "priority": order.priority,
        "form": dict(order.form),
        "outcome": dict(order.outcome),
        "owner": owner or by,
        "contacts": 1,
        "form_id": order.form_id or None,
        "external_id": external_id,
        "opened_at": now,
        "updated_at": now,
    }
    connection.execute(INSERT, values)
    _note(connection, number, now, by, order.status)
    _set_deadlines(connection, number, order.deadlines)
    if order.notice:
        _notify(connection, now, order.notice, number, order.waybill)
    _tell(connection, now, conversation, "case.opened", number, order.kind, order.status)
    return number


def keep_past(
    connection: Connection,
    number: str,
    opened: datetime,
    contacts: int,
    history: Sequence[Mapping[str, Any]],
) -> None:
    """What a case made elsewhere has been through; its own history takes the place of our entry."""
    table, past = tables.cases, tables.case_history
    values = {"opened_at": opened, "contacts": contacts}
    connection.execute(update(table).where(table.c.number == number).values(**values))
    if history:
        connection.execute(past.delete().where(past.c.number == number))
        connection.execute(past.insert(), [{"number": number, **entry} for entry in history])


def update_case(connection: Connection, now: datetime, order: UpdateCase, by: str = BOT) -> None:
    """Change a case as told; raises NoSuchCase."""
    table = tables.cases
    row = (
        connection.execute(select(table).where(table.c.number == order.number).with_for_update())
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NoSuchCase(order.number)
    status = order.status or row["status"]
    moved = status != row["status"]
    connection.execute(
        update(table)
        .where(table.c.number == order.number)
        .values(
            status=status,
            priority=order.priority or row["priority"],
            form={**row["form"], **order.form},
            outcome={**row["outcome"], **order.outcome},
            contacts=row["contacts"] + (1 if order.contact else 0),
            updated_at=now,
        )
    )
    _note(connection, order.number, now, by, order.what)
    product = row["outcome"].get("product") or "domestic"
    starts = due_in(row["kind"], status, now, product) if moved else {}
    _set_deadlines(connection, order.number, {**starts, **order.deadlines})
    _meet(connection, order.number, now, (*order.met, *met_in(row["kind"], status)))
    if order.notice:
        _notify(connection, now, order.notice, order.number, row["waybill"])
    closed = status in CLOSED and moved
    if closed and by != BOT:
        follow_ups.schedule(connection, now, order.number, row["kind"], row["conversation"])
    elif moved and status not in CLOSED:
        follow_ups.cancel(connection, order.number)
    event = "case.closed" if closed else "case.updated"
    _tell(connection, now, row["conversation"], event, order.number, row["kind"], status)


def open_cases(connection: Connection, conversation: str) -> list[str]:
    """The numbers of a conversation's open matters, newest first."""
    table = tables.cases
    query = select(table.c.number).where(
        table.c.conversation == conversation, tables.MATTER, table.c.status.not_in(CLOSED)
    )
    return list(connection.execute(query.order_by(table.c.opened_at.desc()).limit(RECENT)).scalars())


def closed_among(connection: Connection, numbers: Sequence[str]) -> dict[str, str]:
    """Those of the cases that are closed, with their kinds."""
    table = tables.cases
    query = select(table.c.number, table.c.kind).where(
        table.c.number.in_(numbers), table.c.status.in_(CLOSED)
    )
    return {row.number: row.kind for row in connection.execute(query)}


def _note(connection: Connection, number: str, now: datetime, by: str, what: str) -> None:
    connection.execute(NOTE, {"number": number, "at": now, "by": by, "what": what})


def take_over(connection: Connection, conversation: str, agent: str) -> None:
    """The first agent who has the conversation is responsible for the cases that the bot took in it."""
    table = tables.cases
    connection.execute(
        update(table)
        .where(table.c.conversation == conversation, table.c.owner == BOT, table.c.status.not_in(CLOSED))
        .values(owner=agent)
    )


def _meet(connection: Connection, number: str, now: datetime, names: Sequence[str]) -> None:
    """A deadline is met once; one that is met too late stays breached."""
    due = tables.deadlines
    if names:
        connection.execute(
            update(due)
            .where(due.c.number == number, due.c.name.in_(names), due.c.met_at.is_(None))
            .values(met_at=now, breached=or_(due.c.breached, due.c.due < now))
        )


def _set_deadlines(connection: Connection, number: str, due: Mapping[str, datetime]) -> None:
    for name, at in due.items():
        statement = insert(connection, tables.deadlines).values(number=number, name=name, due=at)
        anew = {"due": at, "met_at": None, "near": False, "breached": False}
        connection.execute(statement.on_conflict_do_update(index_elements=["number", "name"], set_=anew))


def _notify(connection: Connection, now: datetime, notice: Notice, number: str, waybill: str) -> None:
    connection.execute(
        tables.notices.insert().values(**asdict(notice), number=number, waybill=waybill, at=now)
    )


def _tell(
    connection: Connection, now: datetime, conversation: str, event: str, number: str, kind: str, status: str
) -> None:
    outbox.add(connection, now, conversation, event, {"case": number, "kind": kind, "status": status})


def case_json(connection: Connection, number: str, zone: tzinfo | None) -> dict[str, Any]:
    """One case in the contract's form; raises NoSuchCase."""
    rows = cases_json(connection, [number], zone)
    if not rows:
        raise NoSuchCase(number)
    return rows[0]


def cases_json(connection: Connection, numbers: Sequence[str], zone: tzinfo | None) -> list[dict[str, Any]]:
    """Cases in the contract's form, in the order of the numbers given."""
    table, due, past = tables.cases, tables.deadlines, tables.case_history
    rows = connection.execute(select(table).where(table.c.number.in_(numbers))).mappings().all()
    deadlines = (
        connection.execute(select(due).where(due.c.number.in_(numbers)).order_by(due.c.due)).mappings().all()
    )
    history = (
        connection.execute(select(past).where(past.c.number.in_(numbers)).order_by(past.c.id))
        .mappings()
        .all()
    )
    by_number = {row["number"]: row for row in rows}
    return [
        _json(
            by_number[number],
            [row for row in deadlines if row["number"] == number],
            [row for row in history if row["number"] == number],
            zone,
        )
        for number in numbers
        if number in by_number
    ]


def _json(
    row: RowMapping, deadlines: list[RowMapping], history: list[RowMapping], zone: tzinfo | None
) -> dict[str, Any]:
    def local(at: datetime | None) -> str | None:
        return at.astimezone(zone).isoformat() if at else None

    return {
        "number": row["number"],
        "kind": row["kind"],
        "status": row["status"],
        "conversation": row["conversation"],
        "customer": row["customer"],
        "waybill": row["waybill"],
        "priority": row["priority"],
        "form": row["form"],
        "outcome": row["outcome"],
        "deadlines": [
            {
                "name": due["name"],
                "due": local(due["due"]),
                "met_at": local(due["met_at"]),
                "near": bool(due["near"]),
                "breached": bool(due["breached"]),
            }
            for due in deadlines
        ],
        "owner": row["owner"],
        "contacts": row["contacts"],
        "opened_at": local(row["opened_at"]),
        "external_id": row["external_id"],
        "history": [
            {"at": local(entry["at"]), "by": entry["by"], "what": entry["what"]} for entry in history
        ],
    }

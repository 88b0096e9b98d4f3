"""What a turn needs to know, one loader a fact; each costs the same however large the ledger is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, bindparam, func, select

from bot.store import tables
from faq.shipment import Shipment, shipment_from_json
from handoff import lookup
from intents.meaning import Case, Conversation, Customer, Facts, Meaning
from intents.needed import needed_facts

RECENT_CASES = 10


def _recent(which: ColumnElement[bool]) -> Select[Any]:
    return (
        select(tables.cases)
        .where(which, tables.MATTER)
        .order_by(tables.cases.c.opened_at.desc())
        .limit(RECENT_CASES)
    )


# Statements of every turn are made once: making one costs as much as running it.
OF_CONVERSATION = _recent(tables.cases.c.conversation == bindparam("name"))
OF_PHONE = _recent(tables.cases.c.phone == bindparam("phone"))
OF_WAYBILLS = _recent(tables.cases.c.waybill.in_(bindparam("values", expanding=True)))
OPEN_INQUIRIES = (
    select(tables.cases)
    .where(
        tables.cases.c.waybill.in_(bindparam("values", expanding=True)),
        tables.INQUIRY,
        tables.cases.c.status == "open",
        tables.cases.c.conversation == bindparam("name"),
    )
    .order_by(tables.cases.c.opened_at.desc())
    .limit(RECENT_CASES)
)
SHIPMENTS = select(tables.shipments.c.waybill, tables.shipments.c.data).where(
    tables.shipments.c.waybill.in_(bindparam("values", expanding=True))
)
UNANSWERED = select(tables.tracking_queries.c.waybill).where(
    tables.tracking_queries.c.waybill.in_(bindparam("values", expanding=True)),
    tables.tracking_queries.c.failed.is_(True),
)
INQUIRED = (
    select(tables.cases.c.waybill, func.min(tables.cases.c.opened_at, type_=tables.cases.c.opened_at.type))
    .where(tables.cases.c.waybill.in_(bindparam("values", expanding=True)), tables.INQUIRY)
    .group_by(tables.cases.c.waybill)
)
OPEN_DEADLINES = select(tables.deadlines).where(
    tables.deadlines.c.number.in_(bindparam("values", expanding=True)), tables.deadlines.c.met_at.is_(None)
)
CUSTOMER = select(tables.customers.c.data).where(tables.customers.c.phone == bindparam("phone"))


def gather(connection: Connection, meaning: Meaning, conversation: Conversation) -> Facts:
    """Load the facts that the message and the open forms declare."""
    needed = needed_facts(meaning, conversation)
    waybills = mentioned_waybills(meaning, conversation)
    facts = load_queue(connection, conversation) if "queue" in needed else Facts()
    return replace(
        facts,
        shipments=load_shipments(connection, waybills) if "shipments" in needed else {},
        customer=load_customer(connection, conversation) if "customer" in needed else None,
        cases=load_cases(connection, conversation, waybills) if "cases" in needed else (),
        inquiries=load_inquiries(connection, waybills) if "inquiries" in needed else {},
        unanswered=load_unanswered(connection, waybills) if "shipments" in needed else frozenset(),
    )


def load_queue(connection: Connection, conversation: Conversation) -> Facts:
    """Where the conversation stands in the human queue, and who else waits."""
    handoff = lookup.open_for(connection, conversation.name)
    waiting = handoff is not None and handoff.status == "waiting"
    return Facts(
        queue_position=lookup.position(connection, handoff.id) if handoff and waiting else None,
        waiting=lookup.waiting(connection),
    )


def mentioned_waybills(meaning: Meaning, conversation: Conversation) -> tuple[str, ...]:
    """Waybills of the message, of every open form, and of what was talked about before."""
    found = list(meaning.slots.get("waybills", ()))
    for form in reversed(conversation.forms):
        found += form.slots.get("waybills", ())
    found += conversation.memory.get("waybills", ())
    return tuple(dict.fromkeys(found))


def load_shipments(connection: Connection, waybills: Iterable[str]) -> dict[str, Shipment]:
    wanted = tuple(waybills)
    if not wanted:
        return {}
    rows = connection.execute(SHIPMENTS, {"values": wanted})
    return {waybill: shipment_from_json(waybill, data) for waybill, data in rows}


def load_customer(connection: Connection, conversation: Conversation) -> Customer | None:
    if not conversation.verified_phone:
        return None
    data = connection.execute(CUSTOMER, {"phone": conversation.verified_phone}).scalar_one_or_none()
    return customer_from_json(conversation.verified_phone, data) if data is not None else None


def customer_from_json(phone: str, data: Mapping[str, Any]) -> Customer:
    return Customer(
        phone=phone,
        name=data.get("name") or "",
        returning=bool(data.get("returning")),
        address_book=tuple(data.get("address_book") or ()),
        usual_goods=tuple(data.get("usual_goods") or ()),
    )


def load_cases(
    connection: Connection, conversation: Conversation, waybills: tuple[str, ...] = ()
) -> tuple[Case, ...]:
    """Cases of this conversation or its verified phone, and those that share a waybill; newest first.

    Of inquiries only this conversation's open ones about the waybills: there may be any number of them.
    """
    queries = [OF_CONVERSATION]
    if conversation.verified_phone:
        queries.append(OF_PHONE)
    if waybills:
        queries += [OF_WAYBILLS, OPEN_INQUIRIES]
    values = {"name": conversation.name, "phone": conversation.verified_phone, "values": waybills}
    found: dict[str, RowMapping] = {}
    for query in queries:
        found |= {row["number"]: row for row in connection.execute(query, values).mappings()}
    due = _open_deadlines(connection, list(found))
    newest = sorted(found.values(), key=lambda row: row["opened_at"], reverse=True)
    return tuple(_case(row, due.get(row["number"], {}), conversation) for row in newest)


def load_unanswered(connection: Connection, waybills: tuple[str, ...]) -> frozenset[str]:
    """The waybills of which the last query at the tracking service failed."""
    if not waybills:
        return frozenset()
    return frozenset(connection.execute(UNANSWERED, {"values": waybills}).scalars())


def load_inquiries(connection: Connection, waybills: tuple[str, ...]) -> dict[str, datetime]:
    """When each waybill was first asked about."""
    if not waybills:
        return {}
    rows = connection.execute(INQUIRED, {"values": waybills})
    return {str(waybill): first for waybill, first in rows}


def _open_deadlines(connection: Connection, numbers: list[str]) -> dict[str, dict[str, Any]]:
    if not numbers:
        return {}
    due: dict[str, dict[str, Any]] = {}
    for row in connection.execute(OPEN_DEADLINES, {"values": numbers}).mappings():
        due.setdefault(row["number"], {})[row["name"]] = row["due"]
    return due


def _case(row: RowMapping, due: dict[str, Any], conversation: Conversation) -> Case:
    own_phone = conversation.verified_phone is not None and row["phone"] == conversation.verified_phone
    return Case(
        number=row["number"],
        kind=row["kind"],
        status=row["status"],
        waybill=row["waybill"],
        form=row["form"],
        outcome=row["outcome"],
        contacts=row["contacts"],
        opened_at=row["opened_at"],
        deadlines=due,
        mine=own_phone or row["conversation"] == conversation.name,
    )

"""The rows of shipments: written by the company's systems, or kept from a tracking service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from bot.store import tables
from bot.store.upsert import insert
from faq.shipment import read_instant


def load(connection: Connection, waybill: str, *, lock: bool = False) -> dict[str, Any] | None:
    table = tables.shipments
    query = select(table.c.data).where(table.c.waybill == waybill)
    found = connection.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    return dict(found) if found is not None else None


def save(connection: Connection, now: datetime, waybill: str, data: Mapping[str, Any]) -> None:
    values = {"data": dict(data), "updated_at": now}
    statement = insert(connection, tables.shipments).values(waybill=waybill, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["waybill"], set_=values))


def merged(old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Events in order of time; one with the same time, code and place stands once."""
    events = {
        (read_instant(event["at"]), event["code"], event.get("place") or ""): dict(event)
        for event in (*new, *old)
    }
    return [events[key] for key in sorted(events, key=lambda key: key[0])]

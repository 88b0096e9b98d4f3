"""Shipments: written by the network's system, read by tracking and claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, select

from bot.api.bodies import read_body
from bot.api.models import EventsBody, ShipmentBody, Waybill
from bot.api.problems import Problem, invalid
from bot.desk import Desk
from bot.store import tables
from bot.store.upsert import insert
from faq.shipment import read_instant

WAYBILL: TypeAdapter[str] = TypeAdapter(Waybill)


class ShipmentsApi:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def put(self, request: web.Request, _: str) -> web.Response:
        waybill = _waybill(request)
        body = await read_body(request, ShipmentBody)
        data = body.model_dump(mode="json", exclude_unset=True)
        data["events"] = merged((), data.get("events", ()))
        await self.desk.store.write(lambda connection: self._save(connection, waybill, data))
        return web.json_response({"waybill": waybill, **data})

    async def add_events(self, request: web.Request, _: str) -> web.Response:
        waybill = _waybill(request)
        body = await read_body(request, EventsBody)
        events = body.model_dump(mode="json", exclude_unset=True)["events"]

        def add(connection: Connection) -> dict[str, Any] | None:
            data = _load(connection, waybill, lock=True)
            if data is None:
                return None
            data = {**data, "events": merged(data.get("events", ()), events)}
            newest = data["events"][-1]["code"] if data["events"] else None
            data["status"] = newest or data.get("status")
            self._save(connection, waybill, data)
            return data

        saved = await self.desk.store.write(add)
        if saved is None:
            raise Problem(404, "Not Found", f"no shipment {waybill}")
        return web.json_response({"waybill": waybill, **saved})

    async def get(self, request: web.Request, _: str) -> web.Response:
        waybill = _waybill(request)
        data = await self.desk.store.read(lambda connection: _load(connection, waybill))
        if data is None:
            raise Problem(404, "Not Found", f"no shipment {waybill}")
        return web.json_response({"waybill": waybill, **data})

    def _save(self, connection: Connection, waybill: str, data: Mapping[str, Any]) -> None:
        values = {"data": dict(data), "updated_at": self.desk.now()}
        statement = insert(connection, tables.shipments).values(waybill=waybill, **values)
        connection.execute(statement.on_conflict_do_update(index_elements=["waybill"], set_=values))


def merged(old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Events in order of time; one with the same time, code and place stands once."""
    events = {
        (read_instant(event["at"]), event["code"], event.get("place") or ""): dict(event)
        for event in (*new, *old)
    }
    return [events[key] for key in sorted(events, key=lambda key: key[0])]


def _waybill(request: web.Request) -> str:
    try:
        return WAYBILL.validate_python(request.match_info["waybill"].upper())
    except ValidationError:
        errors = {"waybill": "8 to 20 letters and digits"}
        raise invalid("path", errors) from None


def _load(connection: Connection, waybill: str, *, lock: bool = False) -> dict[str, Any] | None:
    table = tables.shipments
    query = select(table.c.data).where(table.c.waybill == waybill)
    found = connection.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    return dict(found) if found is not None else None

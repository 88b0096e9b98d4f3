"""Shipments: written by the network's system, read by tracking and claims."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from bot import shipments
from bot.api.bodies import read_body
from bot.api.models import EventsBody, ShipmentBody, Waybill
from bot.api.problems import Problem, invalid
from bot.desk import Desk

WAYBILL: TypeAdapter[str] = TypeAdapter(Waybill)


class ShipmentsApi:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def put(self, request: web.Request, _: str) -> web.Response:
        waybill = _waybill(request)
        body = await read_body(request, ShipmentBody)
        data = body.model_dump(mode="json", exclude_unset=True)
        data["events"] = shipments.merged((), data.get("events", ()))
        await self.desk.store.write(
            lambda connection: shipments.save(connection, self.desk.now(), waybill, data)
        )
        return web.json_response({"waybill": waybill, **data})

    async def add_events(self, request: web.Request, _: str) -> web.Response:
        waybill = _waybill(request)
        body = await read_body(request, EventsBody)
        events = body.model_dump(mode="json", exclude_unset=True)["events"]

        def add(connection: Connection) -> dict[str, Any] | None:
            data = shipments.load(connection, waybill, lock=True)
            if data is None:
                return None
            data = {**data, "events": shipments.merged(data.get("events", ()), events)}
            newest = data["events"][-1]["code"] if data["events"] else None
            data["status"] = newest or data.get("status")
            shipments.save(connection, self.desk.now(), waybill, data)
            return data

        saved = await self.desk.store.write(add)
        if saved is None:
            raise Problem(404, "Not Found", f"no shipment {waybill}")
        return web.json_response({"waybill": waybill, **saved})

    async def get(self, request: web.Request, _: str) -> web.Response:
        waybill = _waybill(request)
        data = await self.desk.store.read(lambda connection: shipments.load(connection, waybill))
        if data is None:
            raise Problem(404, "Not Found", f"no shipment {waybill}")
        return web.json_response({"waybill": waybill, **data})


def _waybill(request: web.Request) -> str:
    try:
        return WAYBILL.validate_python(request.match_info["waybill"].upper())
    except ValidationError:
        errors = {"waybill": "8 to 20 letters and digits"}
        raise invalid("path", errors) from None

"""Customers, conversations, notices, demands and events."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, RowMapping, Table, func, select

from bot import doubts, messages, quota
from bot.api import paging
from bot.api.bodies import read_body
from bot.api.models import CustomerBody, IntentBody, Phone
from bot.api.problems import Problem, invalid
from bot.desk import Desk
from bot.ledger import form_json
from bot.store import tables
from bot.store.upsert import insert
from handoff import outbox
from intents.registry import intents

LARGEST_ID = 2**63 - 1
PHONE: TypeAdapter[str] = TypeAdapter(Phone)


class RecordsApi:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def put_customer(self, request: web.Request, _: str) -> web.Response:
        phone = _phone(request)
        data = (await read_body(request, CustomerBody)).model_dump(mode="json")

        def save(connection: Connection) -> None:
            values = {"data": data, "updated_at": self.desk.now()}
            statement = insert(connection, tables.customers).values(phone=phone, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["phone"], set_=values))

        await self.desk.store.write(save)
        return web.json_response({"phone": phone, **data})

    async def get_customer(self, request: web.Request, _: str) -> web.Response:
        phone, table = _phone(request), tables.customers
        query = select(table.c.data).where(table.c.phone == phone)
        data = await self.desk.store.read(lambda connection: connection.execute(query).scalar_one_or_none())
        if data is None:
            raise Problem(404, "Not Found", "no such customer")
        return web.json_response({"phone": phone, **data})

    async def get_conversation(self, request: web.Request, _: str) -> web.Response:
        name = request.match_info["conversation"]
        found = await self.desk.store.read(lambda connection: self._conversation(connection, name))
        if found is None:
            raise Problem(404, "Not Found", f"no conversation {name}")
        return web.json_response(found)

    def _conversation(self, connection: Connection, name: str) -> dict[str, Any] | None:
        table = tables.conversations
        row = connection.execute(select(table).where(table.c.name == name)).mappings().one_or_none()
        if row is None:
            return None
        zone = self.desk.zone
        return {
            "conversation": name,
            "quota": self._quota(connection, name),
            "handled_by": row["handled_by"],
            "agent": row["agent"],
            "verified_phone": row["verified_phone"],
            "customer_name": row["customer_name"],
            "form": form_json(row["forms"][-1]) if row["forms"] else None,
            "messages": [
                messages.message_json(each, zone) for each in messages.read_latest(connection, name)
            ],
        }

    def _quota(self, connection: Connection, name: str) -> dict[str, Any] | None:
        """How many words the platform still takes for this customer; None where it does not count."""
        if name.partition(":")[0] not in quota.RATIONED:
            return None
        left = quota.left(connection, self.desk.now(), name)
        until = left.until.astimezone(self.desk.zone).isoformat() if left else None
        return {"left": left.left if left else 0, "until": until}

    async def correct(self, request: web.Request, _: str) -> web.Response:
        """Staff say what a customer's message meant; a maintainer finds it among those to learn from."""
        text, meant = request.match_info["id"], (await read_body(request, IntentBody)).intent
        if meant not in intents():
            raise invalid("body", {"intent": f"expected one of {', '.join(intents())}"})
        if not text.isdecimal() or int(text) > LARGEST_ID:
            raise Problem(404, "Not Found", f"no message of a customer with id {text}")
        try:
            await self.desk.store.write(
                lambda connection: doubts.correct(connection, self.desk.now(), int(text), meant)
            )
        except doubts.NoCustomerMessage:
            raise Problem(404, "Not Found", f"no message of a customer with id {text}") from None
        return web.json_response({"id": int(text), "intent": meant})

    async def notices(self, request: web.Request, _: str) -> web.Response:
        rows = await self._since(request, tables.notices)
        items = [
            {
                "id": row["id"],
                "to": row["to"],
                "event": row["event"],
                "case": row["number"],
                "waybill": row["waybill"],
                "at": self._local(row),
            }
            for row in rows
        ]
        return web.json_response({"notices": items, "cursor": items[-1]["id"] if items else None})

    async def demands(self, request: web.Request, _: str) -> web.Response:
        rows = await self._since(request, tables.demands)
        items = [
            {"id": row["id"], "name": row["name"], "detail": row["detail"], "at": self._local(row)}
            for row in rows
        ]
        counts: dict[str, int] = await self.desk.store.read(
            lambda connection: self._counts(request, connection)
        )
        return web.json_response(
            {"demands": items, "counts": counts, "cursor": items[-1]["id"] if items else None}
        )

    @staticmethod
    def _counts(request: web.Request, connection: Connection) -> dict[str, int]:
        table, start = tables.demands, paging.instant(request, "since")
        query = select(table.c.name, func.count()).group_by(table.c.name).order_by(func.count().desc())
        rows = connection.execute(query.where(table.c.at >= start) if start else query)
        return {str(name): int(count) for name, count in rows}

    async def events(self, request: web.Request, _: str) -> web.Response:
        conversation = request.query.get("conversation")
        after = paging.number(request, "after_seq" if conversation else "after")
        rows = await self.desk.store.read(
            lambda connection: outbox.read(connection, conversation, after, paging.PAGE)
        )
        return web.json_response({"events": rows})

    async def _since(self, request: web.Request, table: Table) -> list[RowMapping]:
        start, cursor = paging.instant(request, "since"), paging.number(request, "cursor")
        query = select(table).where(table.c.id > cursor).order_by(table.c.id).limit(paging.PAGE)
        if start:
            query = query.where(table.c.at >= start)

        def read(connection: Connection) -> list[RowMapping]:
            outbox.wait_for_writers(connection, table)
            return list(connection.execute(query).mappings())

        return await self.desk.store.read(read)

    def _local(self, row: RowMapping) -> str:
        return str(row["at"].astimezone(self.desk.zone).isoformat())


def _phone(request: web.Request) -> str:
    try:
        return PHONE.validate_python(request.match_info["phone"])
    except ValidationError:
        errors = {"phone": "digits, such as 13800138000"}
        raise invalid("path", errors) from None

"""HTTP for company systems: the routes, each behind a token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.api.auth import authorise
from bot.api.cases import CasesApi
from bot.api.export import ExportApi
from bot.api.handoffs import HandoffsApi
from bot.api.records import RecordsApi
from bot.api.shipments import ShipmentsApi
from bot.desk import Desk

Handler = Callable[[web.Request, str], Awaitable[web.StreamResponse]]


class CompanyApi:
    """All calls of company systems; what they do stands in one file a subject."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def routes(self) -> list[web.RouteDef]:
        shipments, cases = ShipmentsApi(self.desk), CasesApi(self.desk)
        handoffs, records = HandoffsApi(self.desk), RecordsApi(self.desk)
        table: list[tuple[str, str, Handler]] = [
            ("PUT", "/api/shipments/{waybill}", shipments.put),
            ("POST", "/api/shipments/{waybill}/events", shipments.add_events),
            ("GET", "/api/shipments/{waybill}", shipments.get),
            ("GET", "/api/cases", cases.list),
            ("POST", "/api/cases", cases.bring_in),
            ("GET", "/api/cases/export", ExportApi(self.desk).get),
            ("GET", "/api/cases/{number}", cases.get),
            ("PATCH", "/api/cases/{number}", cases.change),
            ("POST", "/api/cases/{number}/{step:answer|offer|agree|pay|reject|close}", cases.step),
            ("PUT", "/api/customers/{phone}", records.put_customer),
            ("GET", "/api/customers/{phone}", records.get_customer),
            ("GET", "/api/conversations/{conversation}", records.get_conversation),
            ("PATCH", "/api/messages/{id}", records.correct),
            ("GET", "/api/notices", records.notices),
            ("GET", "/api/demands", records.demands),
            ("GET", "/api/events", records.events),
            ("GET", "/api/handoffs", handoffs.list),
            ("GET", "/api/handoffs/{id}", handoffs.get),
            ("POST", "/api/handoffs/{id}/assign", handoffs.assign),
            ("POST", "/api/handoffs/{id}/messages", handoffs.post),
            ("POST", "/api/handoffs/{id}/resolve", handoffs.resolve),
            ("POST", "/api/handoffs/{id}/return", handoffs.give_back),
        ]
        return [web.route(method, path, self._behind_token(handler)) for method, path, handler in table]

    def _behind_token(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def guarded(request: web.Request) -> web.StreamResponse:
            return await handler(request, await authorise(request, self.desk))

        return guarded

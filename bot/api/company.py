"""HTTP for company systems: the routes, each behind a token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.api import repeats
from bot.api.auth import Gate
from bot.api.cases import STATUSES as CASE_STATUSES
from bot.api.cases import CasesApi
from bot.api.description import Description
from bot.api.export import TYPES, ExportApi
from bot.api.handoffs import STATUSES, HandoffsApi
from bot.api.models import (
    AssignBody,
    CaseBody,
    CaseChange,
    CustomerBody,
    EventsBody,
    IntentBody,
    ReturnBody,
    ShipmentBody,
    StepBody,
    WordBody,
)
from bot.api.operation import Handler, Operation
from bot.api.records import RecordsApi
from bot.api.schemas import (
    CASE,
    CASES,
    CONVERSATION,
    CUSTOMER,
    DEMANDS,
    EVENTS,
    HANDOFF,
    HANDOFFS,
    INTENT,
    NOTICES,
    NUMBER,
    SHIPMENT,
    TEXT,
    TIME,
    choice,
)
from bot.api.shipments import ShipmentsApi
from bot.desk import Desk
from bot.export import FORMATS

CASE_FILTERS = dict.fromkeys(("kind", "status", "waybill", "conversation"), TEXT)
EXPORTED = {
    "format": choice(*FORMATS),
    "kind": choice(*CASE_STATUSES),
    "status": TEXT,
    "since": TIME,
    "until": TIME,
}
SINCE = {"since": TIME, "cursor": NUMBER}


class CompanyApi:
    """All calls of company systems; what they do stands in one file a subject."""

    def __init__(self, desk: Desk, calls_per_minute: int) -> None:
        self.desk, self.gate = desk, Gate(desk, calls_per_minute)

    def routes(self) -> list[web.RouteDef]:
        table = self.operations()
        calls = [web.route(each.method, each.path, self._behind_token(each.handler)) for each in table]
        return [*calls, *Description(table).routes()]

    def operations(self) -> list[Operation]:
        return [*self._shipments(), *self._cases(), *self._handoffs(), *self._records()]

    def _shipments(self) -> list[Operation]:
        api, at = ShipmentsApi(self.desk), "/api/shipments/{waybill}"
        return [
            Operation("PUT", at, api.put, "Write a parcel", ShipmentBody, answer=SHIPMENT),
            Operation("GET", at, api.get, "Read a parcel", answer=SHIPMENT, problems=[404]),
            Operation(
                "POST",
                f"{at}/events",
                api.add_events,
                "Add events to a parcel; one seen already is not added twice",
                EventsBody,
                answer=SHIPMENT,
                problems=[404],
            ),
        ]

    def _cases(self) -> list[Operation]:
        api, at = CasesApi(self.desk), "/api/cases"
        steps = at + "/{number}/{step:answer|offer|agree|pay|reject|close}"
        filters = {**CASE_FILTERS, "since": TIME, "cursor": TEXT}
        return [
            Operation("GET", at, api.list, "The ledger, newest first", query=filters, answer=CASES),
            Operation(
                "POST", at, api.bring_in, "Bring in a case made elsewhere", CaseBody, answer=CASE, status=201
            ),
            Operation(
                "GET",
                at + "/export",
                ExportApi(self.desk).get,
                "The ledger as a file",
                query=EXPORTED,
                media=tuple(TYPES.values()),
            ),
            Operation("GET", at + "/{number}", api.get, "Read a case", answer=CASE, problems=[404]),
            Operation(
                "PATCH",
                at + "/{number}",
                api.change,
                "Set the status of a case",
                CaseChange,
                answer=CASE,
                problems=[404],
            ),
            Operation(
                "POST",
                steps,
                api.step,
                "Take a step of staff; the customer is told",
                StepBody,
                body_required=False,
                answer=CASE,
                problems=[404, 409],
            ),
        ]

    def _handoffs(self) -> list[Operation]:
        api, at = HandoffsApi(self.desk), "/api/handoffs"
        one = at + "/{id}"
        filters = {"status": choice(*sorted(STATUSES)), "since": TIME, "cursor": TEXT}
        acts: list[tuple[str, Handler, str, type[AssignBody | WordBody | ReturnBody] | None, bool]] = [
            ("assign", api.assign, "Take a customer; the first who asks has it", AssignBody, True),
            ("messages", api.post, "A word to the customer; it takes one that waits", WordBody, True),
            ("resolve", api.resolve, "The matter is settled", None, False),
            ("return", api.give_back, "Give the conversation back to the bot", ReturnBody, False),
        ]
        return [
            Operation("GET", at, api.list, "The human queue", query=filters, answer=HANDOFFS),
            Operation("GET", one, api.get, "Read a handoff", answer=HANDOFF, problems=[404]),
            *(
                Operation(
                    "POST",
                    f"{one}/{name}",
                    handler,
                    summary,
                    body,
                    body_required=required,
                    answer=HANDOFF,
                    problems=[404, 409],
                )
                for name, handler, summary, body, required in acts
            ),
        ]

    def _records(self) -> list[Operation]:
        api = RecordsApi(self.desk)
        customer, conversation = "/api/customers/{phone}", "/api/conversations/{conversation}"
        events = {"conversation": TEXT, "after_seq": NUMBER, "after": NUMBER}
        return [
            Operation(
                "PUT", customer, api.put_customer, "Write a known customer", CustomerBody, answer=CUSTOMER
            ),
            Operation("GET", customer, api.get_customer, "Read a customer", answer=CUSTOMER, problems=[404]),
            Operation(
                "GET",
                conversation,
                api.get_conversation,
                "A conversation with its last 200 messages",
                answer=CONVERSATION,
                problems=[404],
            ),
            Operation(
                "PATCH",
                "/api/messages/{id}",
                api.correct,
                "Say what a customer's message meant",
                IntentBody,
                answer=INTENT,
                problems=[404],
            ),
            Operation("GET", "/api/notices", api.notices, "Words to couriers", query=SINCE, answer=NOTICES),
            Operation("GET", "/api/demands", api.demands, "Wishes not met", query=SINCE, answer=DEMANDS),
            Operation("GET", "/api/events", api.events, "What happened", query=events, answer=EVENTS),
        ]

    def _behind_token(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def guarded(request: web.Request) -> web.StreamResponse:
            caller = await self.gate.pass_through(request)
            return await repeats.once(request, self.desk, caller, lambda: handler(request, caller))

        return guarded

"""Steps of cases and the claim calculator, from the side panel."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy import Connection

from handoff.agents import Agent
from handoff.console.guard import Refused
from handoff.console.needs import Assist, CaseView, Desk, Estimate, Ledger
from handoff.console.pages import Pages
from handoff.console.wording import words
from handoff.lookup import Handoff

SAID = ("factor", "extent", "value_total", "value_lost", "weight_kg", "noted", "ours")


def check(
    connection: Connection, ledger: Ledger, handoff: Handoff, agent: Agent, number: str, step: str, text: str
) -> None:
    """A case of this conversation, a step that this agent may take, and its words; raises Refused."""
    waybills = ledger.waybills(connection, handoff.conversation)
    cases = {case.data["number"]: case for case in ledger.cases(connection, handoff.conversation, waybills)}
    if number not in cases:
        raise Refused("no_such_case", 404)
    if step not in cases[number].steps:
        raise Refused("not_possible")
    if not may_take(cases[number], step, agent):
        raise Refused("not_allowed", 403)
    needs_words = step == "reject" or (step == "answer" and cases[number].data["kind"] != "claim")
    if needs_words and not text:
        raise Refused("empty", 422)


def may_take(case: CaseView, step: str, agent: Agent) -> bool:
    """A claim that was refused or is in dispute is a supervisor's to close (第五–八条)."""
    hard = case.data["kind"] == "claim" and case.data["status"] in ("rejected", "disputed")
    return agent.is_at_least("supervisor" if hard and step == "close" else "agent")


class Calculator:
    def __init__(self, desk: Desk, assist: Assist, pages: Pages) -> None:
        self.desk, self.assist, self.pages = desk, assist, pages

    async def estimate(self, request: web.Request) -> web.Response:
        """What the rules make of a claim, each sentence with its article; nothing is stored."""
        form = await request.post()
        waybill = str(form.get("waybill", "")).strip().upper()[:20]
        said = {name: str(form.get(name, ""))[:20] for name in SAID}
        estimate = await self.desk.read(lambda connection: self.assist.estimate(connection, waybill, said))
        if estimate is None:
            raise Refused("no_shipment", 404)
        return self.pages.show(request, "estimate.html", estimate=estimate, told=_told(estimate))


def _told(estimate: Estimate) -> str:
    return str(words()["estimate_told"]).format(
        fee_refund=estimate.fee_refund, compensation=estimate.compensation, total=estimate.total
    )

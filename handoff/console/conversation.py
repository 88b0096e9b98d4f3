"""One conversation on the page: everything an agent must know before he answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from handoff import agents, audit, canned, reading
from handoff.agents import ROLES, Agent
from handoff.console import inbox, log
from handoff.console.needs import Assist, CaseView, Desk, Glance, Ledger, Suggested, Talk
from handoff.console.panel_acts import may_take
from handoff.console.shown import at_short, day_time, hide, phone
from handoff.console.wording import words
from handoff.lookup import OPEN, Handoff
from handoff.tables import follow_ups, handoffs, ratings

PLAIN_FOR = timedelta(minutes=30)
"""So long an agent who asked to see a customer's data sees it in that conversation."""
UNMASKED = "customer.unmasked"
PAST = 5
BARE_WISH = 8
RECENT = 12
"""Words among which the customer's last one is looked for."""
SUGGESTED = 3


class Conversations:
    """Gathers what the pages of a conversation show."""

    def __init__(self, desk: Desk, talk: Talk, ledger: Ledger, assist: Assist) -> None:
        self.desk, self.talk, self.ledger, self.assist = desk, talk, ledger, assist

    def page(self, connection: Connection, handoff: Handoff, agent: Agent) -> dict[str, Any]:
        """The conversation and its side panel; the agent has now seen it."""
        name, now = handoff.conversation, self.desk.now()
        plain = may_see(connection, now, agent, handoff)
        piece = log.latest(connection, self.talk, name, plain, now)
        glance = self.talk.glances(connection, [name]).get(name, Glance())
        return {
            **self.panel(connection, handoff, agent),
            "title": inbox.title_of(name, glance.name, glance.phone),
            "since_iso": handoff.waiting_since.astimezone(now.tzinfo).isoformat(),
            "closed_at": at_short(handoff.closed_at, now) if handoff.closed_at else "",
            "log": piece.words,
            "first": piece.first,
            "earlier": piece.earlier,
            "read": reading.read_up_to(connection, name).get(reading.CUSTOMER, 0),
            "summary": hide(handoff.summary, plain),
            "suggested": self.suggested(connection, handoff, agent, piece.words),
            "rating": _rating(connection, handoff),
            **self._targets(connection, agent, handoff),
        }

    def panel(self, connection: Connection, handoff: Handoff, agent: Agent) -> dict[str, Any]:
        """The side panel: customer, form, cases with the steps that this agent may take, parcels."""
        name, now = handoff.conversation, self.desk.now()
        plain = may_see(connection, now, agent, handoff)
        card = self.ledger.card(connection, name)
        waybills = self.ledger.waybills(connection, name)
        cases = [_allowed(case, agent) for case in self.ledger.cases(connection, name, waybills)]
        return {
            "handoff": handoff,
            "plain": plain,
            "channel": inbox.channel_of(name),
            "title": inbox.title_of(name, card.name, card.phone),
            "card": _masked(card, plain),
            "callback": hide(handoff.callback_phone, plain),
            "form": self.talk.open_form(connection, name),
            "cases": cases,
            "follow_ups": _follow_ups(connection, [str(case.data["number"]) for case in cases], now),
            "shipments": self.ledger.shipments(connection, waybills),
            "earlier_handoffs": _earlier(connection, handoff, now),
        }

    def news(
        self, connection: Connection, handoff: Handoff, agent: Agent, last: int, note: int
    ) -> dict[str, Any]:
        """What came after what a page has."""
        name, now = handoff.conversation, self.desk.now()
        plain = may_see(connection, now, agent, handoff)
        fresh = log.after(connection, self.talk, name, plain, now, last, note)
        recent = [{"kind": "word", **each} for each in self.talk.latest(connection, name, None, RECENT)]
        return {
            "handoff": handoff,
            "log": fresh,
            "read": reading.read_up_to(connection, name).get(reading.CUSTOMER, 0),
            "suggested": self.suggested(connection, handoff, agent, recent),
        }

    def suggested(
        self, connection: Connection, handoff: Handoff, agent: Agent, said: list[dict[str, Any]]
    ) -> list[Suggested]:
        """The best answers to the customer's last words, unless somebody of ours has answered since."""
        if handoff.status not in OPEN:
            return []
        for each in reversed(said):
            if each["kind"] == "word" and each["from"] == "agent":
                return []
            if each["kind"] == "word" and each["from"] == "customer" and _asks_something(each["text"]):
                rows = self.canned(connection, handoff, agent)
                answers = [Suggested(row["title"], row["text"]) for row in rows]
                return self.assist.suggest(each["text"], answers, SUGGESTED)
        return []

    def canned(self, connection: Connection, handoff: Handoff, agent: Agent) -> list[dict[str, str]]:
        """The agent's canned answers with this conversation's values in them."""
        values = self._values(connection, handoff, agent)
        return [
            {"shortcut": row["shortcut"], "title": row["title"], "text": _filled(row["text"], values)}
            for row in canned.read(connection, agent.id)
        ]

    def _values(self, connection: Connection, handoff: Handoff, agent: Agent) -> dict[str, str]:
        card = self.ledger.card(connection, handoff.conversation)
        waybills = self.ledger.waybills(connection, handoff.conversation)
        cases = self.ledger.cases(connection, handoff.conversation, ())
        return {
            "客户": card.name,
            "运单号": waybills[0] if waybills else "",
            "案件号": str(cases[0].data["number"]) if cases else "",
            "客服": agent.name,
            "公司": self.desk.company,
        }

    def _targets(self, connection: Connection, agent: Agent, handoff: Handoff) -> dict[str, Any]:
        """To whom a chat may be passed on."""
        loads, everybody = agents.loads(connection), agents.list_agents(connection)
        colleagues = [
            {
                "id": each.id,
                "name": each.name,
                "status": each.status,
                "capacity": each.capacity,
                "load": loads.get(each.id, 0),
            }
            for each in everybody
            if each.id != handoff.agent_id
        ]
        order = {"online": 0, "away": 1, "offline": 2}
        colleagues.sort(key=lambda each: (order[str(each["status"])], str(each["name"])))
        step = ROLES.index(agent.role) + 1
        return {
            "colleagues": colleagues,
            "skills": sorted({skill for each in everybody for skill in each.skills}),
            "levels": ROLES[step : step + 1],
        }


def may_see(connection: Connection, now: datetime, agent: Agent, handoff: Handoff) -> bool:
    """Whether the agent asked, a short while ago and on record, to see this customer's data."""
    entries = audit.read(connection, agent=agent.id, subject=handoff.id, limit=20)
    return any(each["action"] == UNMASKED and now - each["at"] < PLAIN_FOR for each in entries)


def _follow_ups(connection: Connection, numbers: list[str], now: datetime) -> dict[str, dict[str, Any]]:
    """What was asked after these cases were closed (回访), and what was answered."""
    query = select(follow_ups).where(follow_ups.c.number.in_(numbers))
    return {
        row["number"]: {**row, "at": day_time(row["answered_at"] or row["sent_at"] or row["due"], now.tzinfo)}
        for row in connection.execute(query).mappings()
    }


def _allowed(case: CaseView, agent: Agent) -> CaseView:
    return replace(case, steps=tuple(step for step in case.steps if may_take(case, step, agent)))


def _asks_something(text: str) -> bool:
    """More than a bare wish for a person, which no written answer settles."""
    bare = len(text) <= BARE_WISH and any(word in text for word in words()["person"])
    return bool(text.strip()) and not bare


def _filled(text: str, values: dict[str, str]) -> str:
    """What is not known stays in its braces, and the page asks for it before it sends."""
    for name, value in values.items():
        if value:
            text = text.replace(f"{{{name}}}", value)
    return text


def _masked(card: Any, plain: bool) -> dict[str, Any]:
    return {
        "name": card.name,
        "phone": card.phone if plain else phone(card.phone),
        "returning": card.returning,
        "usual_goods": card.usual_goods,
        "addresses": card.addresses,
        "since": card.since,
    }


def _earlier(connection: Connection, handoff: Handoff, now: datetime) -> list[dict[str, Any]]:
    query = (
        select(handoffs)
        .where(handoffs.c.conversation == handoff.conversation, handoffs.c.id != handoff.id)
        .order_by(handoffs.c.closed_at.desc())
        .limit(PAST)
    )
    return [
        {
            "id": row["id"],
            "at": day_time(row["waiting_since"], now.tzinfo),
            "reason": row["reason"],
            "status": row["status"],
            "agent_name": row["agent_name"],
        }
        for row in connection.execute(query).mappings()
    ]


def _rating(connection: Connection, handoff: Handoff) -> Any:
    if handoff.status in OPEN:
        return None
    query = select(ratings).where(ratings.c.handoff == handoff.id, ratings.c.score.is_not(None))
    return connection.execute(query).mappings().one_or_none()

"""One conversation on the page: everything an agent must know before he answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from handoff import agents, audit, reading
from handoff.agents import ROLES, Agent
from handoff.console import inbox, log
from handoff.console.needs import Assist, Desk, Glance, Ledger, Suggested, Talk
from handoff.console.shown import at_short, day_time, hide, phone
from handoff.lookup import OPEN, Handoff
from handoff.tables import handoffs, ratings

PLAIN_FOR = timedelta(minutes=30)
"""So long an agent who asked to see a customer's data sees it in that conversation."""
UNMASKED = "customer.unmasked"
PAST = 5
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
            **self.panel(connection, handoff, plain),
            "title": inbox.title_of(name, glance.name, glance.phone),
            "since_iso": handoff.waiting_since.astimezone(now.tzinfo).isoformat(),
            "closed_at": at_short(handoff.closed_at, now) if handoff.closed_at else "",
            "log": piece.words,
            "first": piece.first,
            "earlier": piece.earlier,
            "read": reading.read_up_to(connection, name).get(reading.CUSTOMER, 0),
            "summary": hide(handoff.summary, plain),
            "suggested": self.suggested(piece.words),
            "rating": _rating(connection, handoff),
            **self._targets(connection, agent, handoff),
        }

    def panel(self, connection: Connection, handoff: Handoff, plain: bool) -> dict[str, Any]:
        """The side panel: customer, form, cases, parcels, earlier handoffs."""
        name, now = handoff.conversation, self.desk.now()
        card = self.ledger.card(connection, name)
        waybills = self.ledger.waybills(connection, name)
        return {
            "handoff": handoff,
            "plain": plain,
            "channel": inbox.channel_of(name),
            "title": inbox.title_of(name, card.name, card.phone),
            "card": _masked(card, plain),
            "callback": hide(handoff.callback_phone, plain),
            "form": self.talk.open_form(connection, name),
            "cases": self.ledger.cases(connection, name, waybills),
            "shipments": self.ledger.shipments(connection, waybills),
            "earlier_handoffs": _earlier(connection, handoff, now),
        }

    def news(
        self, connection: Connection, handoff: Handoff, agent: Agent, last: int, note: int
    ) -> dict[str, Any]:
        """What came after what a page has."""
        name, now = handoff.conversation, self.desk.now()
        plain = may_see(connection, now, agent, handoff)
        words = log.after(connection, self.talk, name, plain, now, last, note)
        recent = self.talk.latest(connection, name, None, 12)
        return {
            "handoff": handoff,
            "log": words,
            "read": reading.read_up_to(connection, name).get(reading.CUSTOMER, 0),
            "suggested": self.suggested([{"kind": "word", **each} for each in recent]),
        }

    def suggested(self, words: list[dict[str, Any]]) -> list[Suggested]:
        """The best answers to the customer's last words, unless somebody of ours has answered since."""
        for each in reversed(words):
            if each["kind"] == "word" and each["from"] == "agent":
                return []
            if each["kind"] == "word" and each["from"] == "customer" and each["text"]:
                return self.assist.suggest(each["text"], SUGGESTED)
        return []

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

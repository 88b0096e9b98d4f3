"""The supervisor's view: load, longest wait, deadlines, each agent's chats, and what was done by whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import Connection, func, select

from handoff import agents, audit
from handoff.console import inbox
from handoff.console.guard import need
from handoff.console.needs import Desk, Glance, Ledger, Talk
from handoff.console.pages import Pages
from handoff.console.shown import day_time, short_span, waited
from handoff.tables import ASSIGNED, WAITING, Instant, handoffs, ratings

NEAR = timedelta(hours=2)
"""A deadline that ends within this is near."""
DUE_SHOWN = 30
ENTRIES = 100
RATED_SHOWN = 8


class Supervisor:
    def __init__(self, desk: Desk, ledger: Ledger, talk: Talk, pages: Pages) -> None:
        self.desk, self.ledger, self.talk, self.pages = desk, ledger, talk, pages

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/supervisor", self.page),
            web.get("/supervisor/load", self.load),
            web.get("/audit", self.audit),
        ]

    async def page(self, request: web.Request) -> web.Response:
        return await self._show(request, "supervisor.html")

    async def load(self, request: web.Request) -> web.Response:
        """The figures alone, fetched anew when something has changed."""
        return await self._show(request, "load.html")

    async def _show(self, request: web.Request, template: str) -> web.Response:
        need(request, "supervisor")
        return self.pages.show(request, template, **await self.desk.read(self._gather))

    def _gather(self, connection: Connection) -> dict[str, Any]:
        now = self.desk.now()
        by_status, by_agent = inbox.counts(connection)
        oldest = connection.execute(
            select(func.min(handoffs.c.waiting_since, type_=Instant())).where(WAITING)
        ).scalar_one_or_none()
        due = [_due(row, now) for row in self.ledger.due(connection, now + NEAR, DUE_SHOWN)]
        waiting, _ = inbox.rows(connection, self.talk, now, "", "waiting", "")
        everybody = agents.list_agents(connection)
        return {
            "waiting": by_status.get("waiting", 0),
            "assigned": by_status.get("assigned", 0),
            "scheduled": by_status.get("scheduled", 0),
            "longest": short_span(waited(oldest, now)) if oldest else "0′",
            "longest_iso": oldest.astimezone(now.tzinfo).isoformat() if oldest else "",
            "online": sum(agent.status == "online" for agent in everybody),
            "near": sum(not each["over"] for each in due),
            "breached": sum(each["over"] for each in due),
            "due": due,
            "queue": waiting[:10],
            "staff": self._staff(connection, now, everybody, by_agent),
            "today": _today(connection, now),
            "rated": _rated(connection, now),
        }

    def _staff(
        self, connection: Connection, now: datetime, everybody: list[agents.Agent], loads: dict[str, int]
    ) -> list[dict[str, Any]]:
        """Each agent with his chats; those who are there first."""
        rows = connection.execute(
            select(handoffs).where(ASSIGNED).order_by(handoffs.c.rank, handoffs.c.assigned_at)
        )
        chats = [inbox.handoff_of(row) for row in rows.mappings()]
        glances = self.talk.glances(connection, [chat.conversation for chat in chats])
        of_agent: dict[str, list[dict[str, Any]]] = {}
        for chat in chats:
            row = inbox.row_of(chat, glances.get(chat.conversation, Glance()), now)
            of_agent.setdefault(chat.agent_id, []).append(row)
        order = {"online": 0, "away": 1, "offline": 2}
        everybody = sorted(everybody, key=lambda agent: (order[agent.status], agent.name))
        return [
            {
                "agent": agent,
                "load": loads.get(agent.id, 0),
                "since": short_span(waited(agent.status_since, now)),
                "chats": of_agent.get(agent.id, []),
            }
            for agent in everybody
        ]

    async def audit(self, request: web.Request) -> web.Response:
        """What was done by whom; the newest first, of one agent or about one thing."""
        need(request, "supervisor")
        who, subject = request.query.get("agent", ""), request.query.get("subject", "").strip()[:100]
        text = request.query.get("before", "")
        before = int(text) if text.isascii() and text.isdecimal() and len(text) < 17 else None
        zone = self.desk.now().tzinfo

        def read(connection: Connection) -> dict[str, Any]:
            names = {agent.id: agent.name for agent in agents.list_agents(connection, active=False)}
            entries = audit.read(connection, agent=who, subject=subject, before=before, limit=ENTRIES)
            return {
                "names": names,
                "entries": [
                    {**entry, "at": f"{entry['at'].astimezone(zone):%Y-%m-%d %H:%M:%S}"} for entry in entries
                ],
                "older": entries[-1]["id"] if len(entries) == ENTRIES else None,
            }

        values = await self.desk.read(read)
        return self.pages.show(request, "audit.html", who=who, subject=subject, **values)


def _due(row: Any, now: datetime) -> dict[str, Any]:
    over = row["due"] <= now
    span = short_span(now - row["due"] if over else row["due"] - now)
    local = row["due"].astimezone(now.tzinfo)
    return {**row, "at": day_time(local), "due_iso": local.isoformat(), "over": over, "span": span}


def _today(connection: Connection, now: datetime) -> dict[str, Any]:
    """What was settled since midnight, and how it was rated."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    closed = select(func.count()).select_from(handoffs)
    done = closed.where(handoffs.c.status == "resolved", handoffs.c.closed_at >= midnight)
    rated = select(func.count(), func.avg(ratings.c.score)).where(
        ratings.c.asked_at >= midnight, ratings.c.score.is_not(None)
    )
    count, mean = connection.execute(rated).one()
    return {
        "resolved": connection.execute(done).scalar_one(),
        "rated": count,
        "mean": f"{float(mean):.1f}" if mean else "—",
    }


def _rated(connection: Connection, now: datetime) -> list[dict[str, Any]]:
    """The newest ratings of customers, with who served them."""
    query = (
        select(ratings, handoffs.c.agent_name)
        .join(handoffs, handoffs.c.id == ratings.c.handoff)
        .where(ratings.c.score.is_not(None))
        .order_by(ratings.c.asked_at.desc())
        .limit(RATED_SHOWN)
    )
    return [
        {**row, "at": day_time(row["answered_at"] or row["asked_at"], now.tzinfo)}
        for row in connection.execute(query).mappings()
    ]

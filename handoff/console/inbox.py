"""The list of conversations: filters, search, and one row as everybody's list shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, select

from handoff.console.needs import Glance, Talk
from handoff.console.shown import at_short, hide, short_span, waited
from handoff.console.wording import words
from handoff.lookup import Handoff
from handoff.summary import masked
from handoff.tables import ASSIGNED, OPEN, WAITING, handoffs

LISTED = 100
CLOSED = ("resolved", "returned")
FILTERS = ("mine", "waiting", "all", "scheduled", "closed")
WORDS = 60


def rows(
    connection: Connection, talk: Talk, now: datetime, agent: str, filter: str, query: str
) -> tuple[list[dict[str, Any]], bool]:
    """The rows of a filter, or what a search finds, and whether there are more than are shown."""
    if query:
        found = _of(connection, talk.find(connection, query, LISTED + 1))
    else:
        chosen = connection.execute(_filtered(filter, agent).limit(LISTED + 1)).mappings()
        found = [handoff_of(row) for row in chosen]
    shown = found[:LISTED]
    glances = talk.glances(connection, [each.conversation for each in shown])
    listed = [row_of(each, glances.get(each.conversation, Glance()), now) for each in shown]
    if filter == "mine" and not query:
        listed.sort(key=lambda row: str(row["recent"]), reverse=True)
    return listed, len(found) > LISTED


def _of(connection: Connection, ids: Sequence[str]) -> list[Handoff]:
    mapping = connection.execute(select(handoffs).where(handoffs.c.id.in_(ids))).mappings()
    found = {row["id"]: handoff_of(row) for row in mapping}
    return [found[id] for id in ids if id in found]


def _filtered(filter: str, agent: str) -> Select[Any]:
    # In the very words of the partial indexes, or the database does not use them.
    table, query = handoffs.c, select(handoffs)
    in_order = (table.rank, table.waiting_since, table.id)
    if filter == "mine":
        return query.where(ASSIGNED, table.agent_id == agent).order_by(table.assigned_at.desc())
    if filter == "waiting":
        return query.where(WAITING).order_by(*in_order)
    if filter == "scheduled":
        return query.where(table.status == "scheduled").order_by(table.waiting_since)
    if filter == "closed":
        closed = [
            query.where(table.status == status).order_by(table.closed_at.desc()).limit(LISTED + 1).subquery()
            for status in CLOSED
        ]
        both = select(closed[0]).union_all(select(closed[1])).subquery()
        return select(both).order_by(both.c.closed_at.desc())
    return query.where(OPEN).order_by(*in_order)


def counts(connection: Connection) -> tuple[dict[str, int], dict[str, int]]:
    """How many there are by status, and how many each agent has."""
    by_status = select(handoffs.c.status, func.count()).where(OPEN).group_by(handoffs.c.status)
    by_agent = select(handoffs.c.agent_id, func.count()).where(ASSIGNED).group_by(handoffs.c.agent_id)
    return (
        {str(status): int(count) for status, count in connection.execute(by_status)},
        {str(agent): int(count) for agent, count in connection.execute(by_agent)},
    )


def filter_counts(by_status: Mapping[str, int], by_agent: Mapping[str, int], agent: str) -> dict[str, int]:
    """The figures beside the filters, as an agent sees them."""
    return {
        "mine": by_agent.get(agent, 0),
        "waiting": by_status.get("waiting", 0),
        "all": by_status.get("waiting", 0) + by_status.get("assigned", 0) + by_status.get("scheduled", 0),
        "scheduled": by_status.get("scheduled", 0),
        "closed": 0,
    }


def row_of(handoff: Handoff, glance: Glance, now: datetime) -> dict[str, Any]:
    """A row, the same for every agent; scripts keep it in its place by `order` and `recent`."""
    since = handoff.waiting_since.astimezone(now.tzinfo)
    at = (glance.at or handoff.waiting_since).astimezone(now.tzinfo)
    return {
        "id": handoff.id,
        "conversation": handoff.conversation,
        "status": handoff.status,
        "agent_id": handoff.agent_id,
        "agent_name": handoff.agent_name if handoff.status != "waiting" else "",
        "priority": handoff.priority,
        "reason": handoff.reason,
        "channel": channel_of(handoff.conversation),
        "title": title_of(handoff.conversation, glance.name, glance.phone),
        "last": hide(" ".join(glance.text.split())[:WORDS], False),
        "last_sender": glance.sender,
        "at_iso": at.isoformat(),
        "at_short": at_short(at, now),
        "since_iso": since.isoformat(),
        "since_short": short_span(waited(since, now)),
        "order": f"{handoff.rank}-{since.timestamp():014.3f}-{handoff.id}",
        "recent": f"{at.timestamp():014.3f}",
        "unread": glance.unread if handoff.status == "assigned" else 0,
    }


def channel_of(conversation: str) -> str:
    return conversation.partition(":")[0]


def title_of(conversation: str, name: str, phone: str) -> str:
    """The customer's name, his masked phone, or a visitor by the last characters of his device's secret."""
    return name or masked(phone) or f"{words()['guest']} {conversation[-4:]}"


def handoff_of(row: RowMapping) -> Handoff:
    return Handoff(**{name: row[name] for name in Handoff.__dataclass_fields__})

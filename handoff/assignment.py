"""Who serves whom: the next customer for an agent, and the agent for a customer.

Assignment happens in the transaction of what makes it possible: a request, an agent who comes or is free
again, a chat that is put back. A chat therefore waits only while nobody who may serve it has room.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Select, TextClause, select, text, union_all
from sqlalchemy.sql.elements import ColumnElement

from handoff import agents
from handoff.agents import ROLES, Agent, agent_of
from handoff.lookup import Handoff
from handoff.tables import WAITING, handoffs
from handoff.tables import agents as agents_table

LOCK = 0x59494442
"""A number of our own that replicas agree on."""


def serialise(connection: Connection) -> None:
    """Until the end of the transaction nobody else matches agents and customers.

    Otherwise a customer who comes and an agent who becomes free in the same moment would not see one
    another, and the one would wait for the other. SQLite has one writer.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def next_for(connection: Connection, agent_id: str) -> str | None:
    """Whom this agent serves next: highest priority, his own customers first, then the longest waiting.

    Each lane is asked for its first, so that the cost does not grow with those who wait.
    """
    agent = agents.find(connection, agent_id)
    if agent is None:
        # Another system's agent: what he may serve is known there.
        firsts = [_first(WAITING), _first(WAITING, handoffs.c.preferred == agent_id)]
    else:
        levels, skills = _open_levels(connection, agent.role), ("", *agent.skills)
        lanes = [
            (handoffs.c.level == level, handoffs.c.skill == skill) for level in levels for skill in skills
        ]
        mine = (handoffs.c.level.in_(levels), handoffs.c.skill.in_(skills))
        not_given_away = handoffs.c.transferred_from != agent_id
        firsts = [_first(WAITING, not_given_away, *lane) for lane in lanes]
        firsts.append(_first(WAITING, not_given_away, handoffs.c.preferred == agent_id, *mine))
    rows = connection.execute(union_all(*(select(each.subquery()) for each in firsts))).all()
    order = {row.id: (row.rank, row.preferred != agent_id, row.waiting_since, row.id) for row in rows}
    return min(order, key=order.__getitem__) if order else None


def _first(*conditions: ColumnElement[bool] | TextClause) -> Select[tuple[str, int, object, str]]:
    row = handoffs.c
    query = select(row.id, row.rank, row.waiting_since, row.preferred).where(*conditions)
    return query.order_by(row.rank, row.waiting_since, row.id).limit(1)


def _open_levels(connection: Connection, role: str) -> list[str]:
    """The levels that a role serves: up to its own, and above it where nobody of that rank is online."""
    online = {agent.role for agent in _online(connection)}
    highest = max(ROLES.index(each) for each in (*online, role))
    own = ROLES.index(role)
    return [level for index, level in enumerate(ROLES) if index <= own or index > highest]


def _online(connection: Connection) -> list[Agent]:
    table = agents_table
    query = select(table).where(table.c.status == "online", table.c.active.is_(True))
    return [agent_of(row) for row in connection.execute(query).mappings()]


def agent_for(connection: Connection, handoff: Handoff) -> Agent | None:
    """The agent who serves this customer now, if one who may has room.

    One who knows the customer first; then the lowest rank that may, the one with the most room, and of
    two alike the one whose last chat is longer ago.
    """
    online = _online(connection)
    reserved = any(agent.is_at_least(handoff.level) for agent in online)
    able = [
        agent
        for agent in online
        if (agent.is_at_least(handoff.level) or not reserved)
        and (not handoff.skill or handoff.skill in agent.skills)
        and agent.id != handoff.transferred_from
    ]
    loads = agents.loads(connection)
    known = next((agent for agent in able if agent.id == handoff.preferred), None)
    if known and (handoff.reopened_from or loads.get(known.id, 0) < known.capacity):
        return known
    return _most_room(connection, able, loads)


def _most_room(connection: Connection, able: Iterable[Agent], loads: dict[str, int]) -> Agent | None:
    table = agents_table
    given = {row.id: row.last_given for row in connection.execute(select(table.c.id, table.c.last_given))}
    free = [agent for agent in able if loads.get(agent.id, 0) < agent.capacity]
    return min(
        free,
        key=lambda agent: (
            ROLES.index(agent.role),
            loads.get(agent.id, 0) / agent.capacity,
            given[agent.id] or agent.status_since,
            agent.id,
        ),
        default=None,
    )

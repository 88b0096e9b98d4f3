"""Who is there: online, away or offline. What an agent leaves behind goes back to the front of the queue."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Subquery, select, update

from handoff import agents, assignment, audit, lookup
from handoff.agents import STATUSES
from handoff.lookup import Handoff
from handoff.moves import QueueRules
from handoff.queue import Queue
from handoff.tables import ASSIGNED, handoffs
from handoff.tables import agents as agents_table
from handoff.transfer import put_back

PRESENT = ("online", "away")


def set_status(
    queue: Queue, connection: Connection, now: datetime, id: str, status: str, by: str = ""
) -> list[Handoff]:
    """Come, go, or be away for a moment; returns the chats that moved because of it.

    Who comes gets as many who wait as he has room for. Who goes leaves his chats to the others. `by`: the
    supervisor who changes another's status. Raises NoSuchAgent.
    """
    if status not in STATUSES:
        raise ValueError(f"status: expected one of {', '.join(STATUSES)}, found {status}")
    assignment.serialise(connection)
    before = agents.get(connection, id)
    since = now if status != before.status else before.status_since
    table = agents_table
    values = {"status": status, "status_since": since, "last_seen": now}
    connection.execute(update(table).where(table.c.id == id).values(**values))
    if status != before.status:
        audit.add(connection, now, by or id, "status", id, {"from": before.status, "to": status})
    if status == "online":
        return queue.fill(connection, now, id)
    left = _leave_chats(queue, connection, now, id) if status == "offline" else []
    # What was kept for his rank is now anybody's.
    return left + _fill_all(queue, connection, now)


def heartbeat(connection: Connection, now: datetime, id: str) -> bool:
    """The agent's page is open; worth a call a few times in a lease. False where he counts as gone."""
    table = agents_table
    seen = connection.execute(
        update(table).where(table.c.id == id, table.c.status.in_(PRESENT)).values(last_seen=now)
    )
    return seen.rowcount > 0


def gone(connection: Connection, now: datetime, rules: QueueRules) -> list[str]:
    """The agents whose page has not been heard of for longer than the lease."""
    table = agents_table
    query = select(table.c.id).where(table.c.status.in_(PRESENT), table.c.last_seen <= now - rules.lease)
    return list(connection.execute(query.order_by(table.c.id)).scalars())


def overdue(connection: Connection, now: datetime, rules: QueueRules) -> list[Handoff]:
    """The chats of agents who have not been online for longer than chats wait for them."""
    long_ago = now - rules.away
    had, agent = _had_by_absent()
    query = select(had.c.id).join(agent, agent.c.id == had.c.agent_id)
    query = query.where(agent.c.status_since <= long_ago, had.c.assigned_at <= long_ago)
    ids = connection.execute(query.order_by(had.c.assigned_at, had.c.id)).scalars()
    return [lookup.get(connection, id) for id in list(ids)]


def _had_by_absent() -> tuple[Subquery, Subquery]:
    """The chats that are assigned, and the agents of ours who are not online."""
    table = agents_table
    chats = select(handoffs.c.id, handoffs.c.agent_id, handoffs.c.assigned_at).where(ASSIGNED).subquery()
    absent = select(table.c.id, table.c.status_since).where(table.c.status != "online").subquery()
    return chats, absent


def _leave_chats(queue: Queue, connection: Connection, now: datetime, id: str) -> list[Handoff]:
    put = [put_back(queue, connection, now, each) for each in lookup.of_agent(connection, id)]
    return [each for each in put if each is not None]


def _fill_all(queue: Queue, connection: Connection, now: datetime) -> list[Handoff]:
    """Give what waits to all who are online, the least busy first."""
    loads = agents.loads(connection)
    online = [each for each in agents.list_agents(connection) if each.status == "online"]
    online.sort(key=lambda agent: loads.get(agent.id, 0))
    return [given for agent in online for given in queue.fill(connection, now, agent.id)]

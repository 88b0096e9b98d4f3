"""Who may sign in: an agent comes, gets a new first password, leaves. Each is noted in the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from handoff import agents, audit, presence, sign_in
from handoff.agents import CAPACITY, Agent
from handoff.lookup import Handoff
from handoff.queue import Queue


def add(
    connection: Connection,
    now: datetime,
    login: str,
    name: str,
    role: str,
    password_hash: str,
    *,
    by: str,
    skills: Sequence[str] = (),
    capacity: int = CAPACITY,
) -> Agent:
    """Add an agent whose password must be changed at the first sign-in; raises LoginTaken and ValueError."""
    added = agents.add(connection, now, login, name, role, password_hash, skills=skills, capacity=capacity)
    audit.add(connection, now, by, "agent.added", added.id, {"role": added.role})
    return added


def reset_password(connection: Connection, now: datetime, id: str, password_hash: str, *, by: str) -> Agent:
    """Set a new first password; whoever is signed in with the old one is signed out. Raises NoSuchAgent."""
    agents.set_password(connection, id, password_hash, must_change=True)
    sign_in.end_sessions(connection, now, id)
    audit.add(connection, now, by, "password.reset", id)
    return agents.get(connection, id)


def remove(queue: Queue, connection: Connection, now: datetime, id: str, *, by: str) -> list[Handoff]:
    """Sign out who leaves; his chats go back to the queue and are returned. Raises NoSuchAgent."""
    moved = presence.set_status(queue, connection, now, id, "offline", by=by)
    agents.set_active(connection, now, id, False)
    audit.add(connection, now, by, "agent.left", id)
    return moved

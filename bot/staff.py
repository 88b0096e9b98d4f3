"""Agents from the command line: who may sign in at the console, and the first of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from handoff import agents, audit, presence, sign_in
from handoff.agents import CAPACITY, Agent
from handoff.queue import Queue
from handoff.tables import agents as agents_table

SYSTEM = "system"
FIRST_LOGIN = "admin"
FIRST_NAME = "管理员"
DEMO = (("xiaoli", "小李", "agent", ("理赔",)), ("xiaowang", "小王", "supervisor", ()))


def add(
    connection: Connection,
    now: datetime,
    login: str,
    name: str,
    role: str = "agent",
    skills: Sequence[str] = (),
    capacity: int = CAPACITY,
) -> tuple[Agent, str]:
    """Add an agent; the password is told this once and must be changed. Raises LoginTaken and ValueError."""
    password = sign_in.first_password()
    hashed = sign_in.hash_password(password)
    agent = agents.add(connection, now, login, name, role, hashed, skills=skills, capacity=capacity)
    audit.add(connection, now, SYSTEM, "agent.added", agent.id, {"role": role})
    return agent, password


def add_first(connection: Connection, now: datetime) -> tuple[Agent, str] | None:
    """A manager for the first sign-in where there is nobody yet."""
    if connection.execute(select(agents_table.c.id).limit(1)).first():
        return None
    return add(connection, now, FIRST_LOGIN, FIRST_NAME, "manager")


def add_demo(connection: Connection, now: datetime) -> list[tuple[Agent, str]]:
    """Two agents to try the console with. Raises LoginTaken."""
    return [add(connection, now, login, name, role, skills) for login, name, role, skills in DEMO]


def reset(connection: Connection, now: datetime, login: str) -> str:
    """A new first password; whoever was signed in with the old one is signed out. Raises NoSuchAgent."""
    agent = agents.by_login(connection, login)
    password = sign_in.first_password()
    agents.set_password(connection, agent.id, sign_in.hash_password(password), must_change=True)
    sign_in.end_sessions(connection, now, agent.id)
    audit.add(connection, now, SYSTEM, "password.reset", agent.id)
    return password


def remove(queue: Queue, connection: Connection, now: datetime, login: str) -> None:
    """Who leaves is signed out at once, and his chats go back to the queue. Raises NoSuchAgent."""
    agent = agents.by_login(connection, login)
    presence.set_status(queue, connection, now, agent.id, "offline", by=SYSTEM)
    agents.set_active(connection, now, agent.id, False)
    audit.add(connection, now, SYSTEM, "agent.left", agent.id)

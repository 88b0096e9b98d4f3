"""The people who answer: who they are, what they may do and know, and how many chats each has at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select, update

from handoff.counting import count_up
from handoff.tables import ASSIGNED, agent_sessions, agents, handoff_counters, handoffs

ROLES = ("agent", "supervisor", "manager")
"""专员, 主管, 经理: a matter is escalated one step at a time."""
STATUSES = ("online", "away", "offline")
CAPACITY = 5
"""Chats at once where nothing else is said."""
MAX_CAPACITY = 50
LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")


class NoSuchAgent(LookupError):
    """No agent has this id or login."""


class LoginTaken(ValueError):
    """An agent with this login exists."""


@dataclass(frozen=True)
class Agent:
    id: str
    login: str
    name: str
    role: str
    skills: tuple[str, ...]
    capacity: int
    status: str
    status_since: datetime
    last_seen: datetime | None
    must_change_password: bool
    active: bool

    def is_at_least(self, role: str) -> bool:
        """Whether the agent may do what a role may."""
        return ROLES.index(self.role) >= ROLES.index(role)


def add(
    connection: Connection,
    now: datetime,
    login: str,
    name: str,
    role: str,
    password_hash: str,
    *,
    skills: Sequence[str] = (),
    capacity: int = CAPACITY,
) -> Agent:
    """Add an agent whose password must be changed at the first sign-in; raises LoginTaken and ValueError."""
    login = login.strip().lower()
    if not LOGIN.fullmatch(login):
        raise ValueError(f"login: expected 2 to 32 of a-z 0-9 . _ -, found {login!r}")
    if connection.execute(select(agents.c.id).where(agents.c.login == login)).first():
        raise LoginTaken(f"an agent with the login {login} exists")
    id = f"AG{count_up(connection, handoff_counters, 'agents'):03}"
    values = {"name": name, "role": role, "skills": skills, "capacity": capacity}
    connection.execute(
        agents.insert().values(
            id=id,
            login=login,
            status_since=now,
            password_hash=password_hash,
            created_at=now,
            **_checked(values),
        )
    )
    return get(connection, id)


def change(connection: Connection, id: str, **values: Any) -> Agent:
    """Change `name`, `role`, `skills` or `capacity`; raises NoSuchAgent and ValueError."""
    get(connection, id)
    connection.execute(update(agents).where(agents.c.id == id).values(**_checked(values)))
    return get(connection, id)


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    unknown = values.keys() - {"name", "role", "skills", "capacity"}
    if unknown:
        raise ValueError(f"expected name, role, skills or capacity, found {', '.join(sorted(unknown))}")
    if "name" in values and not 0 < len(values["name"].strip()) <= 100:
        raise ValueError("name: expected 1 to 100 characters")
    if values.get("role", "agent") not in ROLES:
        raise ValueError(f"role: expected one of {', '.join(ROLES)}, found {values['role']}")
    if not 0 <= values.get("capacity", 0) <= MAX_CAPACITY:
        raise ValueError(f"capacity: expected 0 to {MAX_CAPACITY}, found {values['capacity']}")
    if "skills" in values:
        values = {**values, "skills": sorted({skill.strip() for skill in values["skills"] if skill.strip()})}
    return values


def get(connection: Connection, id: str) -> Agent:
    """One agent; raises NoSuchAgent."""
    found = find(connection, id)
    if found is None:
        raise NoSuchAgent(f"no agent {id}")
    return found


def find(connection: Connection, id: str) -> Agent | None:
    """One agent, or None: another system's people are no agents of ours."""
    row = connection.execute(select(agents).where(agents.c.id == id)).mappings().one_or_none()
    return agent_of(row) if row else None


def by_login(connection: Connection, login: str) -> Agent:
    """The agent of a login; raises NoSuchAgent."""
    query = select(agents).where(agents.c.login == login.strip().lower())
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NoSuchAgent(f"no agent has the login {login}")
    return agent_of(row)


def list_agents(connection: Connection, *, active: bool = True) -> list[Agent]:
    """The agents in the order of their names; with `active=False` also those who have left."""
    query = select(agents).order_by(agents.c.name, agents.c.id)
    if active:
        query = query.where(agents.c.active.is_(True))
    return [agent_of(row) for row in connection.execute(query).mappings()]


def loads(connection: Connection) -> dict[str, int]:
    """How many chats each agent has now; who has none is absent."""
    query = select(handoffs.c.agent_id, func.count()).where(ASSIGNED).group_by(handoffs.c.agent_id)
    return {agent: int(count) for agent, count in connection.execute(query)}


def load_of(connection: Connection, id: str) -> int:
    """How many chats one agent has now."""
    query = select(func.count()).select_from(handoffs).where(ASSIGNED, handoffs.c.agent_id == id)
    return int(connection.execute(query).scalar_one())


def set_password(connection: Connection, id: str, password_hash: str, *, must_change: bool = False) -> None:
    """Set a password, also of one who was locked out; raises NoSuchAgent."""
    changed = connection.execute(
        update(agents)
        .where(agents.c.id == id)
        .values(
            password_hash=password_hash,
            must_change_password=must_change,
            failed_attempts=0,
            locked_until=None,
        )
    )
    if changed.rowcount == 0:
        raise NoSuchAgent(f"no agent {id}")


def set_active(connection: Connection, now: datetime, id: str, active: bool) -> None:
    """Let an agent in, or no longer: his sessions end at once. Raises NoSuchAgent.

    His chats go back to the queue when his presence ends (handoff/presence.py).
    """
    get(connection, id)
    connection.execute(update(agents).where(agents.c.id == id).values(active=active))
    if not active:
        connection.execute(
            update(agent_sessions)
            .where(agent_sessions.c.agent == id, agent_sessions.c.ended_at.is_(None))
            .values(ended_at=now)
        )


def agent_of(row: RowMapping) -> Agent:
    values = {name: row[name] for name in Agent.__dataclass_fields__}
    return Agent(**{**values, "skills": tuple(row["skills"])})

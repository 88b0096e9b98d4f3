"""Signing in: passwords, lock-out after failures, and sessions that can be ended."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, RowMapping, Select, select, update

from handoff.agents import Agent, agent_of
from handoff.tables import agent_sessions, agents

MAX_FAILURES = 5
LOCKED = timedelta(minutes=15)
SESSION = timedelta(hours=12)
"""A session ends after this, or after `IDLE` without a request."""
IDLE = timedelta(hours=2)
SEEN_EVERY = timedelta(minutes=1)
"""How exactly a session's last use is kept; not every request shall write."""
SHORTEST_PASSWORD = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Those of a first password: none that is taken for another when it is copied from paper."""


class SignInRefused(ValueError):
    """Login or password is wrong, or the agent has left; which of them is not told."""


class LockedOut(ValueError):
    """Too many failures; `until` tells when to try again."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"locked until {until.isoformat()}")
        self.until = until


class WeakPassword(ValueError):
    """The new password is too short, or is the login or the old one."""


@dataclass(frozen=True)
class Credentials:
    """What a password is checked against; an unknown login has no id and is checked as slowly."""

    id: str
    password_hash: str


@dataclass(frozen=True)
class Session:
    """A signed-in agent; `token_hash` names the session, the token itself is only in the browser."""

    token_hash: str
    agent: Agent
    created_at: datetime
    last_seen: datetime
    user_agent: str


def first_password() -> str:
    """A password for the first sign-in, such as `k7mw-x2pd-q9rt`."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def hash_password(password: str) -> str:
    """Takes tens of milliseconds: call it in a thread."""
    return _hasher().hash(password)


def check_new_password(password: str, login: str, old: str) -> None:
    """Raises WeakPassword."""
    if len(password) < SHORTEST_PASSWORD or password.lower() == login or password == old:
        raise WeakPassword(
            f"expected at least {SHORTEST_PASSWORD} characters, neither the login nor the old one"
        )


def credentials(connection: Connection, now: datetime, login: str) -> Credentials:
    """What to check a password against; raises LockedOut."""
    query = select(agents).where(agents.c.login == login.strip().lower(), agents.c.active.is_(True))
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return Credentials("", _nobody())
    if row["locked_until"] is not None and row["locked_until"] > now:
        raise LockedOut(row["locked_until"])
    return Credentials(row["id"], row["password_hash"])


def is_right(found: Credentials, password: str) -> bool:
    """Whether the password is right. Takes tens of milliseconds: call it in a thread."""
    try:
        return _hasher().verify(found.password_hash, password) and bool(found.id)
    except (VerificationError, InvalidHashError):
        return False


def refuse(connection: Connection, now: datetime, id: str) -> None:
    """Count a failure; the fifth in a row locks the agent out for a time."""
    if not id:
        return
    row = connection.execute(
        update(agents)
        .where(agents.c.id == id)
        .values(failed_attempts=agents.c.failed_attempts + 1)
        .returning(agents.c.failed_attempts)
    ).one_or_none()
    if row and row[0] >= MAX_FAILURES:
        values = {"failed_attempts": 0, "locked_until": now + LOCKED}
        connection.execute(update(agents).where(agents.c.id == id).values(**values))


def open_session(connection: Connection, now: datetime, id: str, user_agent: str = "") -> str:
    """Begin a session and return its token, the only time it can be read. Raises SignInRefused."""
    opened = connection.execute(
        update(agents)
        .where(agents.c.id == id, agents.c.active.is_(True))
        .values(failed_attempts=0, locked_until=None)
    )
    if opened.rowcount == 0:
        raise SignInRefused(id)
    token = secrets.token_urlsafe(32)
    connection.execute(
        agent_sessions.insert().values(
            token_hash=_hash(token),
            agent=id,
            created_at=now,
            expires_at=now + SESSION,
            last_seen=now,
            user_agent=user_agent[:200],
        )
    )
    return token


def find_session(connection: Connection, now: datetime, token: str) -> Session | None:
    """The session of a genuine token that has neither ended nor idled out."""
    query = _open(now).where(agent_sessions.c.token_hash == _hash(token))
    row = connection.execute(query).mappings().one_or_none()
    return _session(row) if row else None


def sessions_of(connection: Connection, now: datetime, id: str) -> list[Session]:
    """The open sessions of an agent, newest first."""
    query = _open(now).where(agent_sessions.c.agent == id).order_by(agent_sessions.c.created_at.desc())
    return [_session(row) for row in connection.execute(query).mappings()]


def touch_session(connection: Connection, now: datetime, token_hash: str) -> None:
    """Keep that a session is used; worth a call once in `SEEN_EVERY`."""
    connection.execute(
        update(agent_sessions).where(agent_sessions.c.token_hash == token_hash).values(last_seen=now)
    )


def end_session(connection: Connection, now: datetime, token_hash: str) -> None:
    """Sign out one session."""
    connection.execute(
        update(agent_sessions)
        .where(agent_sessions.c.token_hash == token_hash, agent_sessions.c.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_sessions(connection: Connection, now: datetime, id: str, *, but: str = "") -> None:
    """Sign an agent out everywhere, but for one session where that is named by its hash."""
    connection.execute(
        update(agent_sessions)
        .where(
            agent_sessions.c.agent == id,
            agent_sessions.c.ended_at.is_(None),
            agent_sessions.c.token_hash != but,
        )
        .values(ended_at=now)
    )


SESSION_COLUMNS = ("token_hash", "created_at", "last_seen", "user_agent")


def _open(now: datetime) -> Select[Any]:
    session = agent_sessions.c
    return (
        select(
            agents,
            *(session[name].label(f"session_{name}") for name in SESSION_COLUMNS),
        )
        .join(agents, agents.c.id == session.agent)
        .where(
            session.ended_at.is_(None),
            session.expires_at > now,
            session.last_seen > now - IDLE,
            agents.c.active.is_(True),
        )
    )


def _session(row: RowMapping) -> Session:
    return Session(agent=agent_of(row), **{name: row[f"session_{name}"] for name in SESSION_COLUMNS})


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    return hash_password(secrets.token_urlsafe(16))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

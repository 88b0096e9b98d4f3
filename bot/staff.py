"""First sign-ins from the command line; passwords are hashed in a thread, before the transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, select

from bot.store import Store
from handoff import agents, sign_in, staff
from handoff.agents import CAPACITY, Agent
from handoff.tables import agents as table

SYSTEM = "system"
FIRST = ("admin", "管理员", "manager")
DEMO = (("xiaoli", "小李", "agent", ("理赔",)), ("xiaowang", "小王", "supervisor", ()))


@dataclass(frozen=True)
class FirstSignIn:
    """An agent with the password that is told this once and must be changed."""

    agent: Agent
    password: str


async def add(
    store: Store,
    now: datetime,
    login: str,
    name: str,
    role: str = "agent",
    skills: Sequence[str] = (),
    capacity: int = CAPACITY,
) -> FirstSignIn:
    """Add an agent; raises LoginTaken and ValueError."""
    password, hashed = await _first_password()
    added = partial(
        staff.add, now=now, login=login, name=name, role=role, password_hash=hashed,
        by=SYSTEM, skills=skills, capacity=capacity,
    )  # fmt: skip
    return FirstSignIn(await store.write(added), password)


async def add_first(store: Store, now: datetime) -> FirstSignIn | None:
    """A manager for the first sign-in where there is none yet."""
    if not await store.read(_no_manager):
        return None
    password, hashed = await _first_password()

    def write(connection: Connection) -> Agent | None:
        # Another replica that starts at the same moment may have been faster.
        return staff.add(connection, now, *FIRST, hashed, by=SYSTEM) if _no_manager(connection) else None

    agent = await store.write(write)
    return FirstSignIn(agent, password) if agent else None


async def add_demo(store: Store, now: datetime) -> list[FirstSignIn]:
    """Two agents to try the console with; raises LoginTaken."""
    return [await add(store, now, login, name, role, skills) for login, name, role, skills in DEMO]


async def reset(store: Store, now: datetime, login: str) -> FirstSignIn:
    """A new first password for one who forgot his; raises NoSuchAgent."""
    password, hashed = await _first_password()

    def write(connection: Connection) -> Agent:
        id = agents.by_login(connection, login).id
        return staff.reset_password(connection, now, id, hashed, by=SYSTEM)

    return FirstSignIn(await store.write(write), password)


async def _first_password() -> tuple[str, str]:
    password = sign_in.first_password()
    return password, await asyncio.to_thread(sign_in.hash_password, password)


def _no_manager(connection: Connection) -> bool:
    login, _, role = FIRST
    query = select(table.c.id).where((table.c.role == role) | (table.c.login == login)).limit(1)
    return connection.execute(query).first() is None

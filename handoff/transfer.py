"""How a chat goes from one agent to another: to a person, to a skill, up a step, or back to the queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from handoff import agents, assignment, audit, lookup, notes
from handoff.agents import ROLES, Agent
from handoff.lookup import FREE, Handoff
from handoff.priority import rank_of
from handoff.queue import NotOpen, Queue


class NotAllowed(ValueError):
    """Only a supervisor may do this with another's chat."""


class NotAvailable(ValueError):
    """Nobody is there who could take the chat; it stays where it is."""


@dataclass(frozen=True)
class By:
    """Who moves a chat: one of our agents, or a company system by its name."""

    name: str
    agent: Agent | None = None

    @property
    def id(self) -> str:
        return self.agent.id if self.agent else self.name


def to_agent(
    queue: Queue,
    connection: Connection,
    now: datetime,
    id: str,
    agent_id: str,
    agent_name: str,
    by: By,
    note: str = "",
) -> Handoff:
    """To a person, whether or not he has room; one of ours must be there, and is asked by his id.

    Raises NotFound, NotOpen, NotAllowed and NotAvailable.
    """
    target = agents.find(connection, agent_id)
    if target and (not target.active or target.status == "offline"):
        raise NotAvailable(f"{target.name} is offline")
    name = target.name if target else agent_name
    handoff = _mine(connection, id, by)
    if handoff.status == "assigned" and handoff.agent_id == agent_id:
        return handoff
    values = {
        "agent_id": agent_id,
        "agent_name": name,
        "assigned_at": now,
        "transferred_from": handoff.agent_id,
    }
    action = "take_over" if by.id == agent_id else "transfer"
    moved = _moved(queue, connection, now, handoff, "assigned", values)
    _record(connection, now, handoff, by, action, {"to": agent_id}, note)
    queue.moves.announce(connection, now, moved, "transferred" if handoff.agent_id else "assigned")
    _freed(queue, connection, now, handoff)
    return moved


def to_skill(
    queue: Queue, connection: Connection, now: datetime, id: str, skill: str, by: By, note: str = ""
) -> Handoff:
    """To whoever has a skill, before the others of its priority; not back to the same agent.

    Raises NotFound, NotOpen, NotAllowed, and NotAvailable where no agent has the skill.
    """
    handoff = _mine(connection, id, by)
    others = [each for each in agents.list_agents(connection) if each.id != handoff.agent_id]
    if not any(skill in each.skills for each in others):
        raise NotAvailable(f"no other agent has the skill {skill}")
    return _pass_on(queue, connection, now, handoff, {"skill": skill, "level": "agent"}, by, note)


def escalate(queue: Queue, connection: Connection, now: datetime, id: str, by: By, note: str = "") -> Handoff:
    """One step up, 专员 → 主管 → 经理, where somebody of that rank is online.

    Raises NotFound, NotOpen, NotAllowed and NotAvailable.
    """
    handoff = _mine(connection, id, by)
    had = agents.find(connection, handoff.agent_id)
    step = max(ROLES.index(handoff.level), ROLES.index(had.role) if had else 0) + 1
    if step == len(ROLES):
        raise NotAvailable("nobody is above a manager")
    level = ROLES[step]
    online = [each for each in agents.list_agents(connection) if each.status == "online"]
    if not any(each.is_at_least(level) and each.id != handoff.agent_id for each in online):
        raise NotAvailable(f"no {level} is online")
    return _pass_on(queue, connection, now, handoff, {"skill": "", "level": level}, by, note)


def put_back(queue: Queue, connection: Connection, now: datetime, handoff: Handoff) -> Handoff | None:
    """Back to the front of the queue, because its agent has gone; None where it was no longer his."""
    values = {
        "agent_id": "",
        "agent_name": "",
        "assigned_at": None,
        "preferred": handoff.agent_id,
        "transferred_from": "",
        "rank": rank_of(handoff.priority, front=True),
    }
    status = queue.waiting_status(now)
    moved = queue.moves.move(connection, now, handoff, status, values)
    if moved is None:
        return None
    audit.add(connection, now, handoff.agent_id, "put_back", handoff.id)
    offered = queue.offer(connection, now, moved)
    if offered.status != "assigned":
        key = "put_back" if status == "waiting" else "put_back_closed"
        queue.moves.announce(connection, now, offered, key)
    return offered


def _mine(connection: Connection, id: str, by: By) -> Handoff:
    """The open handoff, if it is the mover's to move: his own, nobody's, or he is a supervisor."""
    assignment.serialise(connection)
    handoff = lookup.get(connection, id)
    if handoff.status not in (*FREE, "assigned"):
        raise NotOpen(f"handoff {id} is {handoff.status}")
    others = handoff.status == "assigned" and by.agent is not None and handoff.agent_id != by.agent.id
    if others and by.agent and not by.agent.is_at_least("supervisor"):
        raise NotAllowed(f"handoff {id} is with {handoff.agent_name}")
    return handoff


def _pass_on(
    queue: Queue,
    connection: Connection,
    now: datetime,
    handoff: Handoff,
    wanted: Mapping[str, str],
    by: By,
    note: str,
) -> Handoff:
    """To the queue with another wish for who serves it, and from there to one who is free."""
    values = {
        **wanted,
        "agent_id": "",
        "agent_name": "",
        "assigned_at": None,
        "transferred_from": handoff.agent_id,
        "preferred": "",
        "rank": rank_of(handoff.priority, front=handoff.in_front or bool(handoff.agent_id)),
    }
    status = "waiting" if handoff.status == "assigned" else handoff.status
    moved = _moved(queue, connection, now, handoff, status, values)
    action = "escalate" if wanted["level"] != "agent" else "transfer"
    _record(connection, now, handoff, by, action, wanted, note)
    offered = queue.offer(connection, now, moved)
    if offered.status == "waiting" and handoff.agent_id:
        queue.moves.announce(connection, now, offered, "passed_on")
    _freed(queue, connection, now, handoff)
    return offered


def _moved(
    queue: Queue,
    connection: Connection,
    now: datetime,
    handoff: Handoff,
    status: str,
    values: Mapping[str, Any],
) -> Handoff:
    moved = queue.moves.move(connection, now, handoff, status, values)
    if moved is None:
        raise NotOpen(f"handoff {handoff.id} has changed hands")
    return moved


def _freed(queue: Queue, connection: Connection, now: datetime, handoff: Handoff) -> None:
    if handoff.agent_id:
        queue.fill(connection, now, handoff.agent_id)


def _record(
    connection: Connection,
    now: datetime,
    handoff: Handoff,
    by: By,
    action: str,
    detail: Mapping[str, str],
    note: str,
) -> None:
    """What was done and by whom; the word for the colleague stands among the internal notes."""
    audit.add(connection, now, by.id, action, handoff.id, {"from": handoff.agent_id, **detail})
    if note.strip() and by.agent:
        notes.add(connection, now, handoff.conversation, handoff.id, by.agent, note.strip())

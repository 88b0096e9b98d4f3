"""The human queue: the only writer of handoffs. One open handoff a conversation, one agent a handoff."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import yaml
from sqlalchemy import Connection, update

from handoff import lookup, outbox
from handoff.counting import count_up
from handoff.lookup import FREE, OPEN, Handoff
from handoff.priority import RANKS, higher, priority_of
from handoff.tables import handoff_counters, handoffs

OWNERS = {"waiting": "queue", "scheduled": "bot", "assigned": "agent", "resolved": "bot", "returned": "bot"}
"""Whose the conversation is while its handoff has this status."""


class AlreadyTaken(ValueError):
    """Another agent has it."""


class NotOpen(ValueError):
    """The handoff is closed, or in a state in which this cannot be done."""


class CustomerSide(Protocol):
    """What the queue needs of the desk: whose a conversation is, and a word to the customer."""

    def hand_to(
        self, connection: Connection, conversation: str, handled_by: str, agent: str, handoff: str
    ) -> None:
        """Write whose it is, also where that is the same: the write locks the conversation.

        `handoff` is the open one's id, or empty.
        """

    def say(
        self, connection: Connection, conversation: str, text: str, sender: str, name: str, at: datetime
    ) -> None:
        """Say a word to the customer."""


class Queue:
    """Every change writes its event and the conversation's owner in the caller's transaction.

    The conversation is always locked before its handoff, as a turn does it; the other way round an agent
    who takes a customer and a customer who leaves would wait for each other.
    """

    def __init__(self, customers: CustomerSide, is_open: Callable[[datetime], bool]) -> None:
        self.customers = customers
        self.is_open = is_open

    def request(
        self,
        connection: Connection,
        now: datetime,
        conversation: str,
        reason: str,
        priority: str,
        summary: str,
        form: Mapping[str, Any] | None,
        cases: Sequence[str],
        callback_phone: str = "",
    ) -> Handoff:
        """Ask for a person. Where one was asked for before, that request is raised, never doubled."""
        asked = {
            "reason": reason,
            "priority": priority_of(reason, priority),
            "callback_phone": callback_phone,
            "summary": summary,
            "form": dict(form) if form else None,
            "cases": list(cases),
        }
        status = "waiting" if self.is_open(now) else "scheduled"
        while True:
            earlier = lookup.open_for(connection, conversation)
            if earlier is None:
                self.customers.hand_to(connection, conversation, "bot", "", "")
                # Only now is the conversation ours alone; somebody may have asked before us.
                earlier = lookup.open_for(connection, conversation)
            if earlier is None:
                return self._add(connection, now, conversation, asked, status)
            raised = self._raise(connection, now, earlier, asked, status)
            if raised is not None:
                return raised

    def _add(
        self, connection: Connection, now: datetime, conversation: str, asked: Mapping[str, Any], status: str
    ) -> Handoff:
        day = f"{now:%Y%m%d}"
        id = f"HO{day}-{count_up(connection, handoff_counters, day):05}"
        self.customers.hand_to(connection, conversation, OWNERS[status], "", id)
        connection.execute(
            handoffs.insert().values(
                id=id,
                conversation=conversation,
                rank=RANKS[asked["priority"]],
                status=status,
                waiting_since=now,
                updated_at=now,
                **asked,
            )
        )
        return self._tell(connection, now, lookup.get(connection, id))

    def _raise(
        self, connection: Connection, now: datetime, earlier: Handoff, asked: Mapping[str, Any], status: str
    ) -> Handoff | None:
        """Bring an open request up to date; None where it was closed meanwhile."""
        priority = higher(asked["priority"], earlier.priority)
        changes = {
            **asked,
            "reason": asked["reason"] if priority != earlier.priority else earlier.reason,
            "priority": priority,
            "callback_phone": asked["callback_phone"] or earlier.callback_phone,
        }
        if earlier.status != "scheduled":
            status = earlier.status
        before = (earlier.status, earlier.priority, earlier.callback_phone)
        news = before != (status, priority, changes["callback_phone"]) and status in FREE
        changes["rank"] = RANKS[priority]
        return self._move(connection, now, earlier, (earlier.status,), status, changes, told=news)

    def assign(
        self, connection: Connection, now: datetime, id: str, agent_id: str, agent_name: str
    ) -> Handoff:
        """Give a handoff to an agent: the first who asks gets it, and may ask again.

        Raises NotFound, AlreadyTaken and NotOpen.
        """
        handoff = lookup.get(connection, id)
        if handoff.status in FREE:
            values = {"agent_id": agent_id, "agent_name": agent_name, "assigned_at": now}
            taken = self._move(connection, now, handoff, FREE, "assigned", values)
            if taken is not None:
                self._announce(connection, now, taken, "assigned")
                return taken
            handoff = lookup.get(connection, id)
        if handoff.status != "assigned":
            raise NotOpen(f"handoff {id} is {handoff.status}")
        if handoff.agent_id != agent_id:
            raise AlreadyTaken(f"handoff {id} is with {handoff.agent_name or handoff.agent_id}")
        return handoff

    def take_next(
        self, connection: Connection, now: datetime, agent_id: str, agent_name: str
    ) -> Handoff | None:
        """The next for this agent: highest priority, his own customers first, then the longest waiting."""
        while (id := lookup.next_for(connection, now, agent_id)) is not None:
            try:
                return self.assign(connection, now, id, agent_id, agent_name)
            except (AlreadyTaken, NotOpen):
                continue
        return None

    def post(
        self, connection: Connection, now: datetime, id: str, text: str, agent_id: str, agent_name: str
    ) -> None:
        """A word of an agent to the customer; writing to one that waits takes it.

        Raises NotFound, AlreadyTaken and NotOpen.
        """
        handoff = self.assign(connection, now, id, agent_id, agent_name)
        if self._move(connection, now, handoff, ("assigned",), "assigned", {}, told=False) is None:
            raise NotOpen(f"handoff {id} is closed")
        name = agent_name or handoff.agent_name
        self.customers.say(connection, handoff.conversation, text, "agent", name, now)
        outbox.message_created(connection, now, handoff.conversation, "agent", text, name)

    def resolve(self, connection: Connection, now: datetime, id: str) -> Handoff:
        """The matter is settled; the conversation is the bot's again. Raises NotFound and NotOpen."""
        return self._close(connection, now, id, "resolved", "")

    def give_back(self, connection: Connection, now: datetime, id: str, note: str = "") -> Handoff:
        """Back to the bot, which picks its form up where it was. Raises NotFound and NotOpen."""
        return self._close(connection, now, id, "returned", note)

    def leave(self, connection: Connection, now: datetime, conversation: str) -> Handoff | None:
        """The customer no longer wants a person; an agent who has it already keeps it."""
        handoff = lookup.open_for(connection, conversation)
        if handoff is None:
            return None
        return self._move(connection, now, handoff, FREE, "returned", {"closed_at": now, "note": "left"})

    def open_scheduled(self, connection: Connection, now: datetime) -> list[Handoff]:
        """Messages left outside the desk's hours join the queue when it opens."""
        if not self.is_open(now):
            return []
        due = lookup.list_handoffs(connection, "scheduled")
        opened = [self._move(connection, now, each, ("scheduled",), "waiting", {}) for each in due]
        return [each for each in opened if each is not None]

    def _close(self, connection: Connection, now: datetime, id: str, status: str, note: str) -> Handoff:
        handoff = lookup.get(connection, id)
        if handoff.status in OPEN:
            closed = self._move(connection, now, handoff, OPEN, status, {"closed_at": now, "note": note})
            if closed is not None and handoff.status == "assigned":
                self._announce(connection, now, closed, status)
            handoff = closed or lookup.get(connection, id)
        if handoff.status != status:
            raise NotOpen(f"handoff {id} is {handoff.status}")
        return handoff

    def _announce(self, connection: Connection, now: datetime, handoff: Handoff, key: str) -> None:
        """Tell the customer who speaks from now on."""
        text = _words()[key].format(name=handoff.agent_name)
        self.customers.say(connection, handoff.conversation, text, "system", handoff.agent_name, now)

    def _move(
        self,
        connection: Connection,
        now: datetime,
        handoff: Handoff,
        allowed: Sequence[str],
        status: str,
        values: Mapping[str, Any],
        *,
        told: bool = True,
    ) -> Handoff | None:
        """Change a handoff whose status is still one of `allowed`; None where it no longer is."""
        if handoff.status not in allowed:
            return None
        agent = values.get("agent_id", handoff.agent_id) if status == "assigned" else ""
        open_id = handoff.id if status in OPEN else ""
        self.customers.hand_to(connection, handoff.conversation, OWNERS[status], agent, open_id)
        changed = connection.execute(
            update(handoffs)
            .where(handoffs.c.id == handoff.id, handoffs.c.status.in_(allowed))
            .values(status=status, updated_at=now, **values)
        )
        if changed.rowcount == 0:
            self._set_right(connection, handoff.conversation)
            return None
        moved = lookup.get(connection, handoff.id)
        return self._tell(connection, now, moved) if told else moved

    def _set_right(self, connection: Connection, conversation: str) -> None:
        """Write the owner that the handoff has; somebody else was faster than a change of ours."""
        handoff = lookup.open_for(connection, conversation)
        if handoff is None:
            self.customers.hand_to(connection, conversation, "bot", "", "")
        else:
            owner = OWNERS[handoff.status]
            self.customers.hand_to(connection, conversation, owner, handoff.agent_id, handoff.id)

    def _tell(self, connection: Connection, now: datetime, handoff: Handoff) -> Handoff:
        position = lookup.position(connection, handoff.id) if handoff.status == "waiting" else None
        event = "requested" if handoff.status in FREE else handoff.status
        data = {"handoff": handoff.to_json(position)}
        outbox.add(connection, now, handoff.conversation, f"handoff.{event}", data)
        return handoff


@cache
def _words() -> dict[str, str]:
    data: dict[str, str] = yaml.safe_load(Path(__file__).with_name("wording.yaml").read_text("utf-8"))
    return data

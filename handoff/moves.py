"""How a handoff changes: its row, the conversation's owner and the event, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import yaml
from sqlalchemy import Connection, update

from handoff import lookup, outbox
from handoff.lookup import FREE, OPEN, Handoff
from handoff.tables import handoffs

OWNERS = {"waiting": "queue", "scheduled": "bot", "assigned": "agent", "resolved": "bot", "returned": "bot"}
"""Whose the conversation is while its handoff has this status."""


@dataclass(frozen=True)
class QueueRules:
    """How people share the queue."""

    automatic: bool = True
    """Give a chat to an agent who is free as soon as there is one."""
    lease: timedelta = timedelta(seconds=60)
    """An agent of whom nothing is heard for so long has gone."""
    away: timedelta = timedelta(minutes=5)
    """So long chats stay with an agent who is away."""
    reopen: timedelta = timedelta(hours=24)
    """A customer who comes back within this after his matter was settled gets his agent again."""
    ask_rating: bool = True


class CustomerSide(Protocol):
    """What the queue needs of the desk: whose a conversation is, and a word to the customer."""

    def hand_to(
        self, connection: Connection, conversation: str, handled_by: str, agent: str, handoff: str
    ) -> None:
        """Write whose it is, also where that is the same: the write locks the conversation.

        `handoff` is the open one's id, or empty.
        """

    def say(
        self,
        connection: Connection,
        conversation: str,
        text: str,
        sender: str,
        name: str,
        at: datetime,
        choices: Sequence[str] = (),
        attachments: Sequence[Mapping[str, str]] = (),
    ) -> None:
        """Say a word to the customer, or show him a picture."""

    def remember(self, connection: Connection, conversation: str, memory: Mapping[str, Any]) -> None:
        """Lay things over what the bot remembers of the conversation; None forgets."""


class Moves:
    """The only writer of a handoff's status, agent and place.

    The conversation is always locked before its handoff, as a turn does it; the other way round an agent
    who takes a customer and a customer who leaves would wait for each other.
    """

    def __init__(self, customers: CustomerSide) -> None:
        self.customers = customers

    def add(self, connection: Connection, now: datetime, values: Mapping[str, Any]) -> Handoff:
        """Write a new handoff."""
        conversation, id, status = values["conversation"], values["id"], values["status"]
        self.customers.hand_to(connection, conversation, OWNERS[status], "", id)
        connection.execute(handoffs.insert().values(**values, updated_at=now))
        return self.tell(connection, now, lookup.get(connection, id))

    def move(
        self,
        connection: Connection,
        now: datetime,
        handoff: Handoff,
        status: str,
        values: Mapping[str, Any],
        *,
        told: bool = True,
    ) -> Handoff | None:
        """Change a handoff that is still as it was read; None where somebody else was faster."""
        agent = values.get("agent_id", handoff.agent_id)
        owner = agent if status == "assigned" else ""
        open_id = handoff.id if status in OPEN else ""
        self.customers.hand_to(connection, handoff.conversation, OWNERS[status], owner, open_id)
        hands = handoff.version + ((status, agent) != (handoff.status, handoff.agent_id))
        changed = connection.execute(
            update(handoffs)
            .where(handoffs.c.id == handoff.id, handoffs.c.version == handoff.version)
            .values(status=status, **values, version=hands, updated_at=now)
        )
        if changed.rowcount == 0:
            self._set_right(connection, handoff.conversation)
            return None
        moved = lookup.get(connection, handoff.id)
        return self.tell(connection, now, moved) if told else moved

    def _set_right(self, connection: Connection, conversation: str) -> None:
        """Write the owner that the handoff has; somebody else was faster than a change of ours."""
        handoff = lookup.open_for(connection, conversation)
        if handoff is None:
            self.customers.hand_to(connection, conversation, "bot", "", "")
        else:
            owner = OWNERS[handoff.status]
            self.customers.hand_to(connection, conversation, owner, handoff.agent_id, handoff.id)

    def tell(self, connection: Connection, now: datetime, handoff: Handoff) -> Handoff:
        """Write the event of a change; the place is that of the moment."""
        position = lookup.position(connection, handoff.id) if handoff.status == "waiting" else None
        event = "requested" if handoff.status in FREE else handoff.status
        data = {"handoff": handoff.to_json(position)}
        outbox.add(connection, now, handoff.conversation, f"handoff.{event}", data)
        return handoff

    def announce(
        self,
        connection: Connection,
        now: datetime,
        handoff: Handoff,
        key: str,
        *,
        choices: Sequence[str] = (),
        **values: Any,
    ) -> None:
        """Tell the customer who speaks from now on, or where he stands."""
        text = words()[key].format(name=handoff.agent_name, **values)
        self.customers.say(connection, handoff.conversation, text, "system", handoff.agent_name, now, choices)


@cache
def words() -> dict[str, Any]:
    """What the human side says by itself, by its key."""
    data: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("wording.yaml").read_text("utf-8"))
    return data

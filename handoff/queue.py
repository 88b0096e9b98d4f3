"""The human queue: one open handoff a conversation, one agent a handoff, and nobody is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from handoff import agents, assignment, lookup, outbox, places, ratings
from handoff.agents import Agent
from handoff.counting import count_up
from handoff.lookup import FREE, OPEN, Handoff
from handoff.moves import OWNERS, CustomerSide, Moves, QueueRules
from handoff.priority import higher, level_of, priority_of, rank_of
from handoff.tables import agents as agents_table
from handoff.tables import handoff_counters, handoffs

__all__ = ["OWNERS", "AlreadyTaken", "CustomerSide", "NotOpen", "Outdated", "Queue", "QueueRules"]

USUAL_RULES = QueueRules()


class AlreadyTaken(ValueError):
    """Another agent has it."""


class NotOpen(ValueError):
    """The handoff is closed, or in a state in which this cannot be done."""


class Outdated(ValueError):
    """The handoff has changed hands since the agent last saw it."""


class Queue:
    """Every change writes its event and the conversation's owner in the caller's transaction."""

    def __init__(
        self,
        customers: CustomerSide,
        is_open: Callable[[datetime], bool],
        rules: QueueRules = USUAL_RULES,
    ) -> None:
        self.customers = customers
        self.is_open = is_open
        self.rules = rules
        self.moves = Moves(customers)

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
        while True:
            earlier = lookup.open_for(connection, conversation)
            if earlier is None:
                self.customers.hand_to(connection, conversation, "bot", "", "")
                # Only now is the conversation ours alone; somebody may have asked before us.
                earlier = lookup.open_for(connection, conversation)
            if earlier is None:
                return self._add(connection, now, conversation, asked)
            raised = self._raise(connection, now, earlier, asked)
            if raised is not None:
                return raised

    def _add(
        self, connection: Connection, now: datetime, conversation: str, asked: Mapping[str, Any]
    ) -> Handoff:
        day = f"{now:%Y%m%d}"
        past = lookup.settled_since(connection, now - self.rules.reopen, conversation)
        preferred = past.agent_id if past else lookup.first_contact(connection, now, conversation)
        added = self.moves.add(
            connection,
            now,
            {
                **asked,
                "id": f"HO{day}-{count_up(connection, handoff_counters, day):05}",
                "conversation": conversation,
                "rank": rank_of(asked["priority"]),
                "status": self.waiting_status(now),
                "waiting_since": now,
                "level": level_of(asked["priority"]),
                "preferred": preferred,
                "reopened_from": past.id if past else "",
            },
        )
        return self.offer(connection, now, places.keep_told(connection, added))

    def brief(
        self,
        connection: Connection,
        conversation: str,
        summary: str,
        form: Mapping[str, Any] | None,
        cases: Sequence[str],
    ) -> None:
        """Bring what the agent reads first up to date while the customer waits and goes on with the bot."""
        values = {"summary": summary, "form": dict(form) if form else None, "cases": list(cases)}
        waits = (handoffs.c.conversation == conversation, handoffs.c.status.in_(FREE))
        connection.execute(update(handoffs).where(*waits).values(**values))

    def waiting_status(self, now: datetime) -> str:
        """How a request waits: in the queue, or outside the desk's hours until it opens."""
        return "waiting" if self.is_open(now) else "scheduled"

    def _raise(
        self, connection: Connection, now: datetime, earlier: Handoff, asked: Mapping[str, Any]
    ) -> Handoff | None:
        """Bring an open request up to date; None where somebody else was faster."""
        priority = higher(asked["priority"], earlier.priority)
        raised = priority != earlier.priority
        changes = {
            **asked,
            "reason": asked["reason"] if raised else earlier.reason,
            "priority": priority,
            "rank": rank_of(priority, front=earlier.in_front),
            "callback_phone": asked["callback_phone"] or earlier.callback_phone,
        }
        if raised and earlier.level == "agent":
            changes |= {"level": level_of(priority)}
            changes |= {"skill": ""} if changes["level"] != "agent" else {}
        status = self.waiting_status(now) if earlier.status == "scheduled" else earlier.status
        before = (earlier.status, earlier.priority, earlier.callback_phone)
        news = before != (status, priority, changes["callback_phone"]) and status in FREE
        moved = self.moves.move(connection, now, earlier, status, changes, told=news)
        if moved is not None and earlier.status != status:
            return self.offer(connection, now, places.keep_told(connection, moved))
        return moved

    def offer(self, connection: Connection, now: datetime, handoff: Handoff) -> Handoff:
        """Give one who waits to an agent who has room, if there is one."""
        if handoff.status != "waiting" or not self.rules.automatic:
            return handoff
        assignment.serialise(connection)
        agent = assignment.agent_for(connection, handoff)
        return self._give(connection, now, handoff.id, agent) if agent else handoff

    def _give(self, connection: Connection, now: datetime, id: str, agent: Agent) -> Handoff:
        given = self.assign(connection, now, id, agent.id, agent.name)
        table = agents_table
        connection.execute(update(table).where(table.c.id == agent.id).values(last_given=now))
        return given

    def fill(self, connection: Connection, now: datetime, agent_id: str) -> list[Handoff]:
        """Give an agent who is online as many who wait as he has room for."""
        if not self.rules.automatic:
            return []
        assignment.serialise(connection)
        agent = agents.find(connection, agent_id)
        if agent is None or agent.status != "online" or not agent.active:
            return []
        given: list[Handoff] = []
        for _ in range(agent.capacity - agents.load_of(connection, agent_id)):
            id = assignment.next_for(connection, agent_id)
            if id is None:
                break
            given.append(self._give(connection, now, id, agent))
        return given

    def assign(
        self, connection: Connection, now: datetime, id: str, agent_id: str, agent_name: str
    ) -> Handoff:
        """Give a handoff to an agent: the first who asks gets it, and may ask again.

        Raises NotFound, AlreadyTaken and NotOpen.
        """
        handoff = lookup.get(connection, id)
        while handoff.status in FREE:
            values = {"agent_id": agent_id, "agent_name": agent_name, "assigned_at": now}
            taken = self.moves.move(connection, now, handoff, "assigned", values)
            if taken is not None:
                self.moves.announce(connection, now, taken, "assigned")
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
        """The next for this agent, who may ask for more than his share."""
        while (id := assignment.next_for(connection, agent_id)) is not None:
            try:
                return self.assign(connection, now, id, agent_id, agent_name)
            except (AlreadyTaken, NotOpen):
                continue
        return None

    def post(
        self,
        connection: Connection,
        now: datetime,
        id: str,
        text: str,
        agent_id: str,
        agent_name: str,
        version: int | None = None,
        attachments: Sequence[Mapping[str, str]] = (),
    ) -> None:
        """A word of an agent to the customer; writing to one that waits takes it.

        `version`: that of the handoff which the agent has before him. Raises NotFound, AlreadyTaken,
        NotOpen and Outdated.
        """
        if version is not None and lookup.get(connection, id).version != version:
            raise Outdated(f"handoff {id} has changed hands")
        handoff = self.assign(connection, now, id, agent_id, agent_name)
        values = {} if handoff.first_reply_at else {"first_reply_at": now}
        if self.moves.move(connection, now, handoff, "assigned", values, told=False) is None:
            raise NotOpen(f"handoff {id} has changed hands")
        name = agent_name or handoff.agent_name
        self.customers.say(
            connection, handoff.conversation, text, "agent", name, now, attachments=attachments
        )
        outbox.message_created(connection, now, handoff.conversation, "agent", text, name, attachments)

    def resolve(self, connection: Connection, now: datetime, id: str) -> Handoff:
        """The matter is settled; the conversation is the bot's again, which asks for a rating.

        Raises NotFound and NotOpen.
        """
        return self._close(connection, now, id, "resolved", "")

    def give_back(self, connection: Connection, now: datetime, id: str, note: str = "") -> Handoff:
        """Back to the bot, which picks its form up where it was. Raises NotFound and NotOpen."""
        return self._close(connection, now, id, "returned", note)

    def leave(self, connection: Connection, now: datetime, conversation: str) -> Handoff | None:
        """The customer no longer wants a person; an agent who has it already keeps it."""
        while (handoff := lookup.open_for(connection, conversation)) and handoff.status in FREE:
            values = {"closed_at": now, "note": "left"}
            left = self.moves.move(connection, now, handoff, "returned", values)
            if left is not None:
                return left
        return None

    def open_scheduled(self, connection: Connection, now: datetime) -> list[Handoff]:
        """Messages left outside the desk's hours join the queue when it opens."""
        if not self.is_open(now):
            return []
        opened: list[Handoff] = []
        for each in lookup.list_handoffs(connection, "scheduled"):
            waiting = self.moves.move(connection, now, each, "waiting", {})
            if waiting is None:
                continue
            waiting = self.offer(connection, now, places.keep_told(connection, waiting))
            if waiting.status == "waiting":
                self.moves.announce(connection, now, waiting, "opened", place=waiting.told_position)
            opened.append(waiting)
        return opened

    def _close(self, connection: Connection, now: datetime, id: str, status: str, note: str) -> Handoff:
        handoff = lookup.get(connection, id)
        while handoff.status in OPEN:
            values = {"closed_at": now, "note": note}
            closed = self.moves.move(connection, now, handoff, status, values)
            if closed is None:
                handoff = lookup.get(connection, id)
                continue
            if handoff.status == "assigned":
                self._part(connection, now, closed)
                self.fill(connection, now, handoff.agent_id)
            return closed
        if handoff.status != status:
            raise NotOpen(f"handoff {id} is {handoff.status}")
        return handoff

    def _part(self, connection: Connection, now: datetime, closed: Handoff) -> None:
        """The agent's part is over: say so, and ask for a rating where the matter is settled."""
        if closed.status != "resolved":
            self.moves.announce(connection, now, closed, "returned")
            return
        served: dict[str, Any] = {"served": {"handoff": closed.id, "at": now.isoformat()}}
        if self.rules.ask_rating and ratings.ask(connection, now, closed):
            served |= {"rating": closed.id, "choices": None}
            self.moves.announce(connection, now, closed, "resolved_rate", choices=ratings.choices())
        else:
            self.moves.announce(connection, now, closed, "resolved")
        self.customers.remember(connection, closed.conversation, served)

"""Acts of the company's own agents that come in: each once, in whatever order they arrive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, StringConstraints, TypeAdapter, ValidationError
from sqlalchemy import Connection, delete, select

from handoff import lookup, outbox
from handoff.lookup import OPEN, Handoff
from handoff.mirror.events import OURS
from handoff.mirror.tables import seen_webhooks
from handoff.queue import OWNERS, Queue
from handoff.tables import handoffs
from handoff.upsert import insert

REMEMBERED = timedelta(days=7)
"""How long an id is known; the sender's retries end after 75 hours."""
LARGEST = 1024 * 1024
"""Bytes of a body that are read."""
UNNAMED = "mirror"
"""The agent of a word that names none."""


class BadEvent(ValueError):
    """The body is not as agreed; `errors` says which field and why."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("the body is not valid")
        self.errors = errors


class Agent(BaseModel):
    id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    name: Annotated[str, StringConstraints(max_length=100)] = ""


class Assigned(BaseModel):
    handoff: str
    agent: Agent


class Word(BaseModel):
    handoff: str
    text: Annotated[str, StringConstraints(pattern=r"\S", max_length=4000)]
    agent: Agent | None = None


class Resolved(BaseModel):
    handoff: str


class Returned(BaseModel):
    handoff: str
    note: str = ""


Act = Assigned | Word | Resolved | Returned
ACTS: Mapping[str, type[Act]] = {
    "handoff.assigned": Assigned,
    "message.created": Word,
    "handoff.resolved": Resolved,
    "handoff.returned": Returned,
}
MOMENT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)
Outcome = Literal["done", "repeated", "ignored", "late"]


class Inbound:
    """Applies what comes in from one source; raises what the queue raises, and then nothing is kept."""

    def __init__(self, queue: Queue, source: str = "queue") -> None:
        self.queue, self.source = queue, source

    def take(
        self, connection: Connection, now: datetime, id: str, event: Mapping[str, Any]
    ) -> tuple[Outcome, str]:
        """Apply an event once; also tells the conversation that it changed, if it did.

        Raises BadEvent, NotFound, AlreadyTaken and NotOpen.
        """
        act = read_act(event)
        if act is None or id.startswith(OURS):
            return "ignored", ""
        if not first_time(connection, now, self.source, id):
            return "repeated", ""
        handoff = lookup.get(connection, act.handoff)
        with outbox.acting_for(f"{self.source}:{id}"):
            outcome = self._apply(connection, now, handoff, act, sent_at(event))
        return outcome, handoff.conversation

    def _apply(
        self, connection: Connection, now: datetime, handoff: Handoff, act: Act, at: datetime | None
    ) -> Outcome:
        if handoff.status not in OPEN and came_late(connection, handoff, at):
            return self._late(connection, now, handoff, act)
        match act:
            case Assigned():
                self.queue.assign(connection, now, handoff.id, act.agent.id, act.agent.name)
            case Word():
                agent = act.agent or Agent(id=handoff.agent_id or UNNAMED, name=handoff.agent_name)
                self.queue.post(connection, now, handoff.id, act.text, agent.id, agent.name)
            case Returned():
                self.queue.give_back(connection, now, handoff.id, act.note)
            case Resolved():
                self.queue.resolve(connection, now, handoff.id)
        return "done"

    def _late(self, connection: Connection, now: datetime, handoff: Handoff, act: Act) -> Outcome:
        """It was done before the handoff closed and came after it; the agent's words still go out."""
        if not isinstance(act, Word):
            return "late"
        name = act.agent.name if act.agent else handoff.agent_name
        say_late(connection, now, self.queue, handoff.conversation, act.text, name)
        return "late"


def say_late(
    connection: Connection, now: datetime, queue: Queue, conversation: str, text: str, name: str
) -> None:
    """A word of an agent whose handoff is closed already."""
    opened = lookup.open_for(connection, conversation)
    # Writing whose the conversation is locks it.
    if opened is None:
        queue.customers.hand_to(connection, conversation, "bot", "", "")
    else:
        owner = OWNERS[opened.status]
        queue.customers.hand_to(connection, conversation, owner, opened.agent_id, opened.id)
    queue.customers.say(connection, conversation, text, "agent", name, now)
    outbox.message_created(connection, now, conversation, "agent", text, name)


def read_act(event: Mapping[str, Any]) -> Act | None:
    """What an event asks for; None for a type that we do not know. Raises BadEvent."""
    type = event.get("type")
    if not isinstance(type, str):
        raise BadEvent({"type": "expected a name such as message.created"})
    model, data = ACTS.get(type), event.get("data")
    if model is None:
        return None
    if isinstance(data, Mapping) and "seq" in data and "from" in data:
        return None  # Our own event, sent back as it was.
    try:
        return model.model_validate(data)
    except ValidationError as error:
        errors = {".".join(map(str, ("data", *each["loc"]))): str(each["msg"]) for each in error.errors()}
        raise BadEvent(errors) from None


def sent_at(event: Mapping[str, Any]) -> datetime | None:
    """When it happened on the other side, where that is told."""
    try:
        return MOMENT.validate_python(event.get("timestamp"))
    except ValidationError:
        return None


def came_late(connection: Connection, handoff: Handoff, at: datetime | None) -> bool:
    """True for what was done before the handoff closed."""
    closed = connection.execute(select(handoffs.c.closed_at).where(handoffs.c.id == handoff.id)).scalar_one()
    return at is not None and closed is not None and at <= closed


def first_time(connection: Connection, now: datetime, source: str, id: str) -> bool:
    """Keep an id; False where it was kept before."""
    statement = insert(connection, seen_webhooks).values(source=source, id=id[:256], at=now)
    return connection.execute(statement.on_conflict_do_nothing()).rowcount == 1


def forget(connection: Connection, now: datetime) -> None:
    """Drop the ids that no sender tries any more."""
    connection.execute(delete(seen_webhooks).where(seen_webhooks.c.at < now - REMEMBERED))

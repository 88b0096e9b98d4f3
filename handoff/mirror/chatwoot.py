"""Chatwoot as a target: each conversation with a handoff is one there, with every word of it once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from handoff import lookup
from handoff.mirror.chatwoot_api import ChatwootApi, Refusal
from handoff.mirror.chatwoot_words import AGENT, RETURNED, SYSTEM, TAKEN, note, said
from handoff.mirror.events import Event, Failure, event_of
from handoff.mirror.tables import chatwoot_conversations, chatwoot_messages
from handoff.mirror.verify import Held
from handoff.store import Store
from handoff.tables import events, handoffs
from handoff.upsert import insert

NAME = "chatwoot"
LABEL = "yida-"
"""How our labels begin, so that the agents' own are left alone."""
PRIORITIES = {"urgent": "urgent", "high": "high", "normal": "medium"}
GONE = 404
UNDELIVERED = "message.undelivered"
"""Tells the agents there that a word of theirs did not reach the customer."""
Transcript = Callable[[Connection, str, datetime], Sequence[Mapping[str, Any]]]
"""What was said in a conversation before a moment: `sender`, `name`, `text`, `at`, oldest first."""


@dataclass(frozen=True)
class Chatwoot:
    api: ChatwootApi
    store: Store
    transcript: Transcript

    @property
    def name(self) -> str:
        return NAME

    def wants(self, type: str) -> bool:
        return type.startswith(("handoff.", "case.")) or type in ("message.created", UNDELIVERED)

    async def send(self, event: Event, now: datetime) -> Failure | None:
        """Carry an event over; what came from there is there already."""
        if event.origin.startswith(f"{NAME}:"):
            return None
        try:
            try:
                await self._carry(event, now)
            except Refusal as refusal:
                if refusal.status != GONE:
                    raise
                await self._anew(event, now)
        except Refusal as refusal:
            return Failure(str(refusal), refusal.retry_after)
        return None

    async def _carry(self, event: Event, now: datetime) -> None:
        number = await self.store.read(lambda c: number_of(c, event.conversation))
        if event.type == "handoff.requested":
            await self._requested(event, number or await self._open(event, now), now)
        elif number is None:
            return  # Nobody there was ever asked about this conversation.
        elif event.type == "message.created":
            await self._word(event, number, now)
        elif event.type == UNDELIVERED:
            await self._once(number, event.webhook_id, event.data["reason"], now, private=True)
        elif event.type.startswith("case."):
            await self._describe(event, number)
        elif event.type == "handoff.assigned":
            agent = event.data["handoff"].get("agent") or {}
            await self._once(number, event.webhook_id, TAKEN.format(**agent), now, private=True)
        else:
            await self._closed(event, number, now)

    async def _anew(self, event: Event, now: datetime) -> None:
        """It was deleted there: while people have the customer it begins again, with all that was said."""
        await self.store.write(lambda c: _forget(c, event.conversation))
        handoff = await self.store.read(lambda c: lookup.open_for(c, event.conversation))
        if handoff is not None:
            number = await self._open(event, now)
            await self._introduce(event, handoff.to_json(), number, f"{event.webhook_id}:note", now)
            await self._carry(event, now)

    async def _open(self, event: Event, now: datetime) -> int:
        identifier = "yida-" + hashlib.sha256(event.conversation.encode()).hexdigest()[:24]
        channel = event.conversation.partition(":")[0]
        contact = await self.api.contact(identifier, f"{channel} {identifier[5:11]}")
        number = await self.api.conversation(contact, {})
        await self.store.write(lambda c: _keep(c, event.conversation, number))
        return number

    async def _requested(self, event: Event, number: int, now: datetime) -> None:
        handoff = event.data["handoff"]
        await self._introduce(event, handoff, number, f"note:{handoff['id']}", now)

    async def _introduce(
        self, event: Event, handoff: Mapping[str, Any], number: int, key: str, now: datetime
    ) -> None:
        words = await self.store.read(lambda c: self.transcript(c, event.conversation, event.at))
        await self._once(number, key, note(handoff, words), now, private=True)
        await self.api.set_status(number, "open")
        await self.api.set_priority(number, PRIORITIES[handoff["priority"]])
        await self.api.add_labels(number, [LABEL + handoff["reason"].replace("_", "-")], LABEL)
        await self._describe(event, number)

    async def _describe(self, event: Event, number: int) -> None:
        """The attributes as they are now, all of them: a later call there replaces those before."""
        handoff = await self.store.read(lambda c: newest(c, event.conversation))
        if handoff is None:
            return
        cases = list(handoff.cases)
        told = event.data.get("case")
        attributes = {
            "handoff": handoff.id,
            "reason": handoff.reason,
            "intent": str((handoff.form or {}).get("intent", "")),
            "cases": ", ".join(dict.fromkeys([*cases, told] if told else cases)),
            "callback_phone": handoff.callback_phone,
        }
        await self.api.set_attributes(number, {name: value for name, value in attributes.items() if value})

    async def _word(self, event: Event, number: int, now: datetime) -> None:
        sender = event.data["from"]
        text = said(event.data)
        if sender in (AGENT, SYSTEM):
            text = f"{event.data['name']}: {text}" if event.data["name"] else text
        await self._once(number, event.webhook_id, text, now, incoming=sender == "customer")

    async def _closed(self, event: Event, number: int, now: datetime) -> None:
        if event.type == "handoff.resolved":
            await self.api.set_status(number, "resolved")
            return
        await self._once(number, event.webhook_id, RETURNED, now, private=True)
        await self.api.set_status(number, "pending")

    async def _once(
        self,
        number: int,
        key: str,
        text: str,
        now: datetime,
        *,
        incoming: bool = False,
        private: bool = False,
    ) -> None:
        """Post a message that is not there yet; whether an earlier try arrived, the conversation tells."""
        known, earlier = await self.store.write(lambda c: _intend(c, key, now))
        if earlier is not None:
            return
        id = await self._arrived(number, key) if known else None
        if id is None:
            id = await self.api.post(number, key, text, incoming=incoming, private=private)
        done = update(chatwoot_messages).where(chatwoot_messages.c.key == key).values(message=id)
        await self.store.write(lambda c: c.execute(done).rowcount)

    async def _arrived(self, number: int, key: str) -> int | None:
        return next((id for id, mark in await self.api.messages(number) if mark == key), None)

    async def held(self, ours: Sequence[Mapping[str, Any]], since: datetime, now: datetime) -> list[Held]:
        """What is there of our handoffs; only the newest of a conversation can be told."""
        found = []
        newest_first = sorted(ours, key=lambda each: str(each["id"]), reverse=True)
        by_conversation = {each["conversation"]: each for each in reversed(newest_first)}
        for each in ours:
            if by_conversation[each["conversation"]]["id"] != each["id"]:
                found.append(Held(each["id"], (each["status"],), None))
                continue
            held = await self._held(each)
            if held:
                found.append(held)
        return found

    async def _held(self, handoff: Mapping[str, Any]) -> Held | None:
        number = await self.store.read(lambda c: number_of(c, handoff["conversation"]))
        if number is None:
            return None
        try:
            status, there = await self.api.status(number), await self.api.messages(number)
        except Refusal as refusal:
            if refusal.status == GONE:
                return None
            raise
        closed = ("resolved", "returned")
        agrees = closed if status in ("resolved", "pending") else ("waiting", "scheduled", "assigned")
        keys = await self.store.write(lambda c: _still_there(c, handoff["conversation"], there))
        return Held(handoff["id"], agrees, None, keys)


def number_of(connection: Connection, conversation: str) -> int | None:
    """Chatwoot's number of a conversation."""
    table = chatwoot_conversations
    query = select(table.c.number).where(table.c.conversation == conversation)
    return connection.execute(query).scalar_one_or_none()


def newest(connection: Connection, conversation: str) -> lookup.Handoff | None:
    """The newest handoff of a conversation."""
    query = select(handoffs.c.id).where(handoffs.c.conversation == conversation)
    query = query.order_by(handoffs.c.waiting_since.desc(), handoffs.c.id.desc()).limit(1)
    id = connection.execute(query).scalar_one_or_none()
    return lookup.get(connection, id) if id else None


def _keep(connection: Connection, conversation: str, number: int) -> None:
    values = {"conversation": conversation, "number": number}
    statement = insert(connection, chatwoot_conversations).values(**values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["conversation"], set_={"number": number})
    )


def _forget(connection: Connection, conversation: str) -> None:
    table = chatwoot_conversations
    connection.execute(delete(table).where(table.c.conversation == conversation))


def _still_there(
    connection: Connection, conversation: str, there: Sequence[tuple[int, str]]
) -> frozenset[str]:
    """The keys of our messages that are there; the others are forgotten, so that they may be sent again."""
    ids, keys = {id for id, _ in there}, {key for _, key in there if key}
    query = select(events).where(events.c.conversation == conversation)
    ours = [event_of(row).webhook_id for row in connection.execute(query).mappings()]
    table = chatwoot_messages
    posted = connection.execute(select(table).where(table.c.key.in_(ours))).all()
    keys |= {row.key for row in posted if row.message in ids}  # An agent who deletes one takes its key away.
    connection.execute(delete(table).where(table.c.key.in_(ours), table.c.key.not_in(keys)))
    return frozenset(keys)


def _intend(connection: Connection, key: str, now: datetime) -> tuple[bool, int | None]:
    """Whether a message was tried before, and its id where it is known to be there."""
    added = connection.execute(
        insert(connection, chatwoot_messages).values(key=key, at=now).on_conflict_do_nothing()
    )
    if added.rowcount == 1:
        return False, None
    query = select(chatwoot_messages.c.message).where(chatwoot_messages.c.key == key)
    return True, connection.execute(query).scalar_one()

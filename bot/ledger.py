"""Applies a decision inside the transaction: words, form, cases, the human queue and its events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select, update

from bot import doubts, messages
from bot.cases import open_case, open_cases, take_over, update_case
from bot.store import tables
from bot.store.upsert import insert
from handoff import outbox
from handoff.queue import Queue
from handoff.summary import summarise
from intents.decide import remember
from intents.meaning import (
    AskHuman,
    Conversation,
    Decision,
    Form,
    LeaveQueue,
    OpenCase,
    RecordDemand,
    Reply,
    Turn,
    UpdateCase,
    case_number,
)

SUMMARY_MESSAGES = 10
# Statements of every turn are made once: making one costs as much as running it.
FOUND = select(tables.conversations).where(tables.conversations.c.name == bindparam("key"))
LOCKED = FOUND.with_for_update()
SAVED = update(tables.conversations).where(
    tables.conversations.c.name == bindparam("key"), tables.conversations.c.version == bindparam("loaded")
)


class Overtaken(Exception):
    """Somebody else took the conversation between load and commit; the turn is done again."""


def lock_conversation(connection: Connection, now: datetime, name: str) -> RowMapping:
    """Lock the conversation, THEN load it; a new one is made."""
    found = connection.execute(LOCKED, {"key": name}).mappings().one_or_none()
    if found is not None:
        return found
    statement = insert(connection, tables.conversations).on_conflict_do_nothing(index_elements=["name"])
    values = {"name": name, "forms": [], "memory": {}, "created_at": now, "updated_at": now}
    connection.execute(statement, values)
    return connection.execute(LOCKED, {"key": name}).mappings().one()


def find_conversation(connection: Connection, name: str) -> Conversation:
    """The conversation as it stands, to look at; a new one where there is none."""
    found = connection.execute(FOUND, {"key": name}).mappings().one_or_none()
    return conversation_of(dict(found)) if found is not None else Conversation(name)


def conversation_of(row: Mapping[str, Any]) -> Conversation:
    return Conversation(
        name=row["name"],
        handled_by=row["handled_by"],
        forms=tuple(
            Form(**{**form, "asked": tuple(form["asked"]), "told": tuple(form["told"])})
            for form in row["forms"]
        ),
        misunderstood=row["misunderstood"],
        verified_phone=row["verified_phone"],
        memory=row["memory"],
    )


def apply(
    connection: Connection,
    queue: Queue,
    turn: Turn,
    decision: Decision,
    row: Mapping[str, Any],
    message: int,
) -> list[tuple[int, Reply]]:
    """Record a decision; returns the replies as said, each with its id, case numbers filled in.

    Raises Overtaken where the conversation's version is no longer the one that was loaded.
    """
    name, now = turn.conversation.name, turn.now
    numbers: list[str] = []
    for effect in decision.effects:
        match effect:
            case OpenCase():
                numbers.append(open_case(connection, now, name, _numbered(effect, numbers)))
            case UpdateCase():
                update_case(connection, now, effect)
            case RecordDemand():
                connection.execute(
                    tables.demands.insert().values(
                        name=effect.name, detail=effect.detail, conversation=name, at=now
                    )
                )
    replies = tuple(replace(reply, text=_fill(reply.text, numbers)) for reply in decision.replies)
    _save(connection, turn, decision, numbers, row["version"])
    said = [
        messages.add_outbound(connection, now, name, reply.text, choices=reply.choices, reply_to=message)
        for reply in replies
    ]
    if decision.missed:
        doubts.note(connection, now, message, turn.meaning)
    _queue(connection, queue, turn, decision)
    asks = any(isinstance(effect, AskHuman) for effect in decision.effects)
    if row["handoff"] and not asks:
        # What is said while he waits is before the agent as well.
        queue.brief(connection, name, **_brief(connection, turn, decision))
    if row["handoff"] or asks:
        _mirror(connection, turn, replies)
    return list(zip(said, replies, strict=True))


def _numbered(effect: OpenCase, numbers: Sequence[str]) -> OpenCase:
    """A case that refers to one opened before it in the same turn."""
    outcome = {
        key: _fill(value, numbers) if isinstance(value, str) else value
        for key, value in effect.outcome.items()
    }
    return replace(effect, outcome=outcome)


def _fill(text: str, numbers: Sequence[str]) -> str:
    for index, number in enumerate(numbers):
        text = text.replace(case_number(index), number)
    return text


def _save(
    connection: Connection, turn: Turn, decision: Decision, numbers: Sequence[str], version: int
) -> None:
    memory = {
        key: _fill(value, numbers) if isinstance(value, str) else value
        for key, value in remember(turn.conversation, decision).items()
    }
    values = {
        "key": turn.conversation.name,
        "loaded": version,
        "forms": [vars(form) for form in decision.forms],
        "memory": memory,
        "misunderstood": decision.misunderstood,
        "version": version + 1,
        "updated_at": turn.now,
    }
    done = connection.execute(SAVED, values)
    if done.rowcount != 1:
        raise Overtaken(turn.conversation.name)


def _queue(connection: Connection, queue: Queue, turn: Turn, decision: Decision) -> None:
    name = turn.conversation.name
    for effect in decision.effects:
        if isinstance(effect, LeaveQueue):
            queue.leave(connection, turn.now, name)
        elif isinstance(effect, AskHuman):
            request_human(connection, queue, turn, decision, effect)


def request_human(
    connection: Connection, queue: Queue, turn: Turn, decision: Decision, ask: AskHuman
) -> None:
    """Put the conversation into the queue with everything said so far."""
    queue.request(
        connection,
        turn.now,
        turn.conversation.name,
        ask.reason,
        ask.priority,
        **_brief(connection, turn, decision),
        callback_phone=ask.callback_phone,
    )


def _brief(connection: Connection, turn: Turn, decision: Decision) -> dict[str, Any]:
    """What an agent must know at once: a summary, the form, the open cases."""
    name = turn.conversation.name
    said = [dict(row) for row in messages.read_latest(connection, name, SUMMARY_MESSAGES)]
    form = form_json(vars(decision.forms[-1])) if decision.forms else None
    cases = list(dict.fromkeys((*(case.number for case in turn.facts.cases), *open_cases(connection, name))))
    return {"summary": summarise(said, form, cases, turn.meaning.intent), "form": form, "cases": cases}


def form_json(form: Mapping[str, Any]) -> dict[str, Any]:
    """A stored form as the HTTP contract shows it."""
    return {"intent": form["intent"], "slots": dict(form["slots"]), "missing": list(form["asked"])}


def _mirror(connection: Connection, turn: Turn, replies: Sequence[Reply]) -> None:
    """While a handoff is open each word is an event of the mirror."""
    name = turn.conversation.name
    outbox.message_created(
        connection, turn.now, name, "customer", turn.meaning.text, attachments=turn.attachments
    )
    for reply in replies:
        outbox.message_created(connection, turn.now, name, "bot", reply.text)


class CustomerWords:
    """What the human queue needs of the desk: whose the conversation is, and a word to the customer."""

    def hand_to(
        self, connection: Connection, conversation: str, handled_by: str, agent: str, handoff: str
    ) -> None:
        table = tables.conversations
        connection.execute(
            update(table)
            .where(table.c.name == conversation)
            .values(handled_by=handled_by, agent=agent, handoff=handoff, version=table.c.version + 1)
        )
        if handled_by == "agent":
            take_over(connection, conversation, agent)

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
        table = tables.conversations
        owner = select(table.c.handled_by).where(table.c.name == conversation)
        handled_by = connection.execute(owner).scalar_one_or_none() if sender == "system" else ""
        messages.add_outbound(
            connection,
            at,
            conversation,
            text,
            sender=sender,
            name=name,
            handled_by=handled_by or "",
            choices=choices,
            attachments=attachments,
        )

    def remember(self, connection: Connection, conversation: str, memory: Mapping[str, Any]) -> None:
        table = tables.conversations
        query = select(table.c.memory).where(table.c.name == conversation).with_for_update()
        kept = {**connection.execute(query).scalar_one(), **memory}
        kept = {key: value for key, value in kept.items() if value is not None}
        connection.execute(
            update(table).where(table.c.name == conversation).values(memory=kept, version=table.c.version + 1)
        )

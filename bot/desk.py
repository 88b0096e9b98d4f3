"""Answers ONE message: lock, understand, gather, decide, record in one transaction; then deliver."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from functools import partial
from typing import Any
from unicodedata import normalize

import structlog
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import DBAPIError

from bot import edits, ledger, messages
from bot.after_service import decide_after
from bot.facts import gather, load_queue, mentioned_waybills
from bot.live import Live
from bot.messages import Version
from bot.metrics import TURN_SECONDS, TURNS
from bot.store import Store, tables
from bot.tracking import Tracking
from bot.untext import mend
from bot.wording import say
from faq.knowledge import Knowledge
from handoff import outbox
from handoff.queue import Queue
from intents.meaning import AskHuman, Decision, Facts, LeaveQueue, Meaning, Reply, Turn
from intents.needed import needed_facts
from intents.queue_words import queued
from intents.understand import understand

log = structlog.get_logger()

MAX_TEXT = 2000
"""Characters read of one message (HTTP contract)."""
MAX_NAME = 100
"""Characters kept of a customer's name; Telegram's may be longer."""
OVERTAKEN_TRIES = 3
DELIVERY = "deliveries"
"""The name under which the delivery waits for new words."""


Also = Callable[[Connection], None]


@dataclass(frozen=True)
class Inbound:
    """One message as a channel hands it in. `id` is the channel's own, unique in its conversation."""

    conversation: str
    id: str
    text: str
    attachments: tuple[Mapping[str, str], ...] = ()
    verified_phone: str | None = None
    """A phone that the channel has proved with this message, if it has."""
    customer_name: str = ""
    note: str = ""
    """A word of the channel's own that is said before the answer: what it took a location for."""
    unread: bool = False
    """A voice or a sticker: kept for people to see, answered by the note alone."""
    edits: str = ""
    """The id of the message of which this is a later version."""


@dataclass(frozen=True)
class Said:
    """A word to the customer with its number in the conversation."""

    id: int
    text: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What was said. `repeated`: the message had been answered before, nothing was changed."""

    replies: tuple[Said, ...]
    handled_by: str
    repeated: bool = False


class Desk:
    """The heart of the service; everything it needs is handed in."""

    def __init__(
        self,
        store: Store,
        knowledge: Knowledge,
        queue: Queue,
        live: Live,
        now: Callable[[], datetime],
        tracking: Tracking | None = None,
    ) -> None:
        self.store = store
        self.knowledge = knowledge
        self.queue = queue
        self.live = live
        self.now = now
        self.tracking = tracking

    @property
    def zone(self) -> tzinfo | None:
        """The courier's time zone."""
        return self.now().tzinfo

    async def answer(self, inbound: Inbound, also: Also | None = None) -> Answer:
        """Answer a message, once; when this returns, message and answer are durable.

        `also`: what the channel does in the same transaction, after the turn, also after a repeated one.
        """
        inbound = replace(
            inbound, text=mend(inbound.text), customer_name=mend(inbound.customer_name)[:MAX_NAME]
        )
        if self.tracking:
            await self._look_up(self.tracking, inbound)
        for _ in range(OVERTAKEN_TRIES):
            try:
                with TURN_SECONDS.time():
                    answer = await self._answer(inbound, also)
                break
            except ledger.Overtaken:
                continue
        else:
            raise ledger.Overtaken(inbound.conversation)
        channel = inbound.conversation.partition(":")[0]
        TURNS.labels(channel, answer.handled_by).inc()
        self.live.wake(inbound.conversation)
        if channel not in messages.ANSWERED:
            self.live.wake(DELIVERY)
        return answer

    async def _look_up(self, tracking: Tracking, inbound: Inbound) -> None:
        """Ask the tracking service what the turn will need, before its transaction begins."""
        conversation = await self.store.read(lambda c: ledger.find_conversation(c, inbound.conversation))
        if conversation.handled_by == "agent":
            return
        meaning = self._understand(conversation.memory, inbound.text[:MAX_TEXT], self.now())
        if "shipments" in needed_facts(meaning, conversation):
            await tracking.refresh(mentioned_waybills(meaning, conversation))

    async def _answer(self, inbound: Inbound, also: Also | None) -> Answer:
        """One try. An error keeps the message, says sorry, and asks a human."""

        def turn(connection: Connection, failed: bool = False) -> Answer:
            answer = self.turn(connection, inbound, failed)
            if also:
                also(connection)
            return answer

        try:
            return await self.store.write(turn)
        except (ledger.Overtaken, DBAPIError):
            raise
        except Exception:
            log.exception("turn failed", conversation=inbound.conversation)
            return await self.store.write(partial(turn, failed=True))

    def told(self, conversation: str) -> None:
        """Wake whoever waits for words of this conversation: streams and the delivery."""
        self.live.wake(conversation)
        self.live.wake(DELIVERY)

    def turn(self, connection: Connection, inbound: Inbound, failed: bool = False) -> Answer:
        """The whole turn on one connection, in one transaction; `failed`: it was tried and went wrong."""
        now = self.now()
        row = dict(ledger.lock_conversation(connection, now, inbound.conversation))
        text = inbound.text[:MAX_TEXT]
        before = messages.latest_version(connection, inbound.conversation, inbound.edits)
        if before is not None and before.text == text:
            return Answer((), row["handled_by"], repeated=True)
        message = messages.add_inbound(
            connection,
            now,
            inbound.conversation,
            inbound.id,
            text,
            inbound.attachments,
            before.id if before else None,
        )
        if message is None:
            return self._again(connection, inbound, row)
        row = self._prove(connection, inbound, row)
        if row["handled_by"] == "agent":
            told = say("edited", text=text) if before else text
            outbox.message_created(
                connection, now, inbound.conversation, "customer", told, attachments=inbound.attachments
            )
            return Answer((), "agent")
        if failed:
            turn, decision = self._apologise(connection, now, row, text, inbound)
        elif inbound.unread or (before and row["forms"]):
            turn, decision = self._untouched(now, row, text, inbound, before)
        else:
            turn, decision = self._decide(connection, now, row, text, inbound)
        decision = _noted(decision, inbound)
        said = ledger.apply(connection, self.queue, turn, decision, row, message)
        moved = any(isinstance(effect, AskHuman | LeaveQueue) for effect in decision.effects)
        handled_by = self._owner(connection, inbound.conversation) if moved else row["handled_by"]
        replies = (Said(number, each.text, each.choices) for number, each in said)
        return Answer(tuple(replies), handled_by)

    @staticmethod
    def _owner(connection: Connection, name: str) -> str:
        table = tables.conversations
        return str(connection.execute(select(table.c.handled_by).where(table.c.name == name)).scalar_one())

    def _decide(
        self, connection: Connection, now: datetime, row: Mapping[str, Any], text: str, inbound: Inbound
    ) -> tuple[Turn, Decision]:
        """Understand, gather, decide."""
        conversation = ledger.conversation_of(row)
        meaning = self._understand(conversation.memory, text, now)
        facts = gather(connection, meaning, conversation)
        turn = Turn(now, meaning, conversation, facts, self.knowledge, inbound.attachments)
        turn, decision = decide_after(connection, self.queue, turn)
        if conversation.memory.get("edited"):
            decision = replace(decision, memory={**decision.memory, "edited": None})
        return turn, decision

    def _untouched(
        self, now: datetime, row: Mapping[str, Any], text: str, inbound: Inbound, before: Version | None
    ) -> tuple[Turn, Decision]:
        """Nothing is understood and nothing changed: a voice, a sticker, or another version of a message."""
        conversation = ledger.conversation_of(row)
        meaning = Meaning(text, "inform", 0.0)
        turn = Turn(now, meaning, conversation, Facts(), self.knowledge, inbound.attachments)
        if before and not inbound.unread:
            decision = edits.offer(turn, before.text)
        else:
            reply = Reply(inbound.note, edits.choices_of(conversation.memory))
            decision = Decision((reply,), conversation.forms)
        return turn, replace(decision, misunderstood=conversation.misunderstood)

    def _apologise(
        self, connection: Connection, now: datetime, row: Mapping[str, Any], text: str, inbound: Inbound
    ) -> tuple[Turn, Decision]:
        """Nothing is understood or decided; a person gets the conversation with its form."""
        conversation = ledger.conversation_of(row)
        facts = load_queue(connection, conversation)
        meaning = Meaning(text, "out_of_scope", 0.0)
        turn = Turn(now, meaning, conversation, facts, self.knowledge, inbound.attachments)
        reply, ask = queued(turn, "form_failed")
        return turn, Decision((Reply(say("failed")), reply), conversation.forms, (ask,))

    @staticmethod
    def _understand(memory: Mapping[str, object], text: str, now: datetime) -> Meaning:
        """Understand a text; a bare number picks from the choices that were offered last."""
        if not text.strip():
            return Meaning("", "inform", 1.0)
        text = edits.taken(memory, text)
        choices = memory.get("choices")
        picked = normalize("NFKC", text).strip().strip(".、")
        if isinstance(choices, list) and picked.isdecimal() and 1 <= int(picked) <= len(choices):
            text = choices[int(picked) - 1]
        return understand(text, now)

    def _again(self, connection: Connection, inbound: Inbound, row: Mapping[str, Any]) -> Answer:
        earlier = messages.earlier_replies(connection, inbound.conversation, inbound.id)
        replies = tuple(Said(each["id"], each["text"], tuple(each["choices"])) for each in earlier)
        return Answer(replies, row["handled_by"], repeated=True)

    @staticmethod
    def _prove(connection: Connection, inbound: Inbound, row: dict[str, Any]) -> dict[str, Any]:
        """Keep what the channel has proved of the customer."""
        if not inbound.verified_phone and not inbound.customer_name:
            return row
        proved = {
            "verified_phone": inbound.verified_phone or row["verified_phone"],
            "customer_name": inbound.customer_name or row["customer_name"],
        }
        if any(row[key] != value for key, value in proved.items()):
            table = tables.conversations
            connection.execute(update(table).where(table.c.name == inbound.conversation).values(**proved))
        return {**row, **proved}


def _noted(decision: Decision, inbound: Inbound) -> Decision:
    """The decision with what is said of the message itself before the answer."""
    notes = [say("cut", limit=MAX_TEXT)] if len(inbound.text) > MAX_TEXT else []
    if inbound.note and not inbound.unread:
        notes.append(inbound.note)
    return replace(decision, replies=(*map(Reply, notes), *decision.replies)) if notes else decision

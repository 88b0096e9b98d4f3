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

from bot import ledger, messages
from bot.facts import gather, load_queue
from bot.live import Live
from bot.metrics import TURNS
from bot.store import Store, tables
from bot.untext import mend
from bot.wording import say
from faq.knowledge import Knowledge
from handoff import outbox
from handoff.queue import Queue
from intents.decide import decide
from intents.meaning import AskHuman, Decision, LeaveQueue, Meaning, Reply, Turn
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
        self, store: Store, knowledge: Knowledge, queue: Queue, live: Live, now: Callable[[], datetime]
    ) -> None:
        self.store = store
        self.knowledge = knowledge
        self.queue = queue
        self.live = live
        self.now = now

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
        for _ in range(OVERTAKEN_TRIES):
            try:
                answer = await self._answer(inbound, also)
                break
            except ledger.Overtaken:
                continue
        else:
            raise ledger.Overtaken(inbound.conversation)
        TURNS.labels(inbound.conversation.partition(":")[0], answer.handled_by).inc()
        self.told(inbound.conversation)
        return answer

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
        text, cut = inbound.text[:MAX_TEXT], len(inbound.text) > MAX_TEXT
        message = messages.add_inbound(
            connection, now, inbound.conversation, inbound.id, text, inbound.attachments
        )
        if message is None:
            return self._again(connection, inbound, row)
        row = self._prove(connection, inbound, row)
        if row["handled_by"] == "agent":
            outbox.message_created(
                connection, now, inbound.conversation, "customer", text, attachments=inbound.attachments
            )
            return Answer((), "agent")
        turn, decision = (self._apologise if failed else self._decide)(connection, now, row, text, inbound)
        if cut:
            decision = replace(decision, replies=(Reply(say("cut", limit=MAX_TEXT)), *decision.replies))
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
        return turn, decide(turn)

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

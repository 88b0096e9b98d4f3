"""What agents do in Chatwoot comes to the customer: words, assignment, the end; each once, and no echo."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from handoff import outbox
from handoff.lookup import FREE, OPEN, Handoff
from handoff.mirror.chatwoot import NAME, UNDELIVERED, newest
from handoff.mirror.chatwoot_api import MARK
from handoff.mirror.chatwoot_words import undelivered
from handoff.mirror.inbound import came_late, first_time, say_late
from handoff.mirror.signing import WINDOW, NotGenuine
from handoff.mirror.tables import chatwoot_conversations, chatwoot_messages
from handoff.queue import AlreadyTaken, NotOpen, Queue

OUTGOING = ("outgoing", 1)


def check(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raises NotGenuine unless Chatwoot signed it within the window."""
    given, timestamp = headers.get("X-Chatwoot-Signature", ""), headers.get("X-Chatwoot-Timestamp", "")
    if not timestamp.isdecimal() or len(timestamp) > 12:
        raise NotGenuine("expected X-Chatwoot-Signature and X-Chatwoot-Timestamp")
    if abs(now - datetime.fromtimestamp(int(timestamp), UTC)) > WINDOW:
        raise NotGenuine("X-Chatwoot-Timestamp is more than 5 minutes off")
    signed = f"{timestamp}.".encode() + body
    expected = "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise NotGenuine("X-Chatwoot-Signature is not valid")


@dataclass(frozen=True)
class Taken:
    """What became of a webhook; `notice` is told to the agents there."""

    outcome: str
    conversation: str = ""
    notice: str = ""


IGNORED = Taken("ignored")


class ChatwootInbound:
    def __init__(self, queue: Queue) -> None:
        self.queue = queue

    def take(self, connection: Connection, now: datetime, event: Mapping[str, Any], delivery: str) -> Taken:
        """Apply one webhook; what is none of our conversations' is ignored."""
        about = event.get("conversation") if event.get("event") == "message_created" else event
        number = about.get("id") if isinstance(about, Mapping) else None
        if not isinstance(number, int):
            return IGNORED
        conversation = _conversation(connection, number)
        handoff = newest(connection, conversation) if conversation else None
        if handoff is None:
            return IGNORED
        with outbox.acting_for(f"{NAME}:{delivery}"):
            taken = self._apply(connection, now, handoff, event)
        if taken.notice:
            told = {"handoff": handoff.id, "reason": taken.notice}
            outbox.add(connection, now, handoff.conversation, UNDELIVERED, told)
        return taken

    def _apply(
        self, connection: Connection, now: datetime, handoff: Handoff, event: Mapping[str, Any]
    ) -> Taken:
        match event["event"]:
            case "message_created":
                return self._word(connection, now, handoff, event)
            case "conversation_status_changed" | "conversation_resolved":
                return self._status(connection, now, handoff, event)
            case "conversation_updated":
                return self._assignee(connection, now, handoff, event)
        return IGNORED

    def _word(
        self, connection: Connection, now: datetime, handoff: Handoff, event: Mapping[str, Any]
    ) -> Taken:
        sender, text = event.get("sender") or {}, _text(event)
        if event.get("message_type") not in OUTGOING or event.get("private") or not text:
            return IGNORED
        if _is_ours(connection, event) or sender.get("type") == "agent_bot":
            return IGNORED
        if not first_time(connection, now, NAME, f"message:{event.get('id')}"):
            return Taken("repeated")
        name = str(sender.get("available_name") or sender.get("name") or "")[:100]
        try:
            agent = _agent(sender)
            if handoff.status == "assigned" and handoff.agent_id.startswith(f"{NAME}:"):
                agent = handoff.agent_id  # A colleague there may write in another's conversation.
            self.queue.post(connection, now, handoff.id, text, agent, name)
        except AlreadyTaken:
            return Taken(
                "refused", handoff.conversation, undelivered("taken", handoff.agent_name or handoff.agent_id)
            )
        except NotOpen:
            if not came_late(connection, handoff, _moment(event.get("created_at"))):
                return Taken("refused", handoff.conversation, undelivered("closed"))
            say_late(connection, now, self.queue, handoff.conversation, text, name)
            return Taken("late", handoff.conversation)
        return Taken("done", handoff.conversation)

    def _status(
        self, connection: Connection, now: datetime, handoff: Handoff, event: Mapping[str, Any]
    ) -> Taken:
        """Resolved there is resolved here; pending gives the conversation back to the bot."""
        status, at = event.get("status"), _moment(event.get("updated_at") or event.get("timestamp"))
        if status not in ("resolved", "pending") or (at is not None and at < handoff.waiting_since):
            return IGNORED  # It speaks of a handoff before this one.
        if handoff.status not in OPEN:
            return IGNORED
        try:
            if status == "resolved":
                self.queue.resolve(connection, now, handoff.id)
            else:
                self.queue.give_back(connection, now, handoff.id)
        except NotOpen:
            return IGNORED
        return Taken("done", handoff.conversation)

    def _assignee(
        self, connection: Connection, now: datetime, handoff: Handoff, event: Mapping[str, Any]
    ) -> Taken:
        assignee = (event.get("meta") or {}).get("assignee") or {}
        if not assignee.get("id") or handoff.status not in FREE:
            return IGNORED
        at = _moment(event.get("updated_at"))
        if at is not None and at < handoff.waiting_since:
            return IGNORED  # Whoever had the handoff before this one.
        name = str(assignee.get("available_name") or assignee.get("name") or "")[:100]
        try:
            self.queue.assign(connection, now, handoff.id, _agent(assignee), name)
        except (AlreadyTaken, NotOpen):
            return IGNORED
        return Taken("done", handoff.conversation)


def _conversation(connection: Connection, number: int) -> str:
    table = chatwoot_conversations
    query = select(table.c.conversation).where(table.c.number == number)
    return connection.execute(query).scalar_one_or_none() or ""


def _is_ours(connection: Connection, event: Mapping[str, Any]) -> bool:
    """True for a message that we posted; its webhook may come before the answer to our call."""
    if (event.get("content_attributes") or {}).get(MARK):
        return True
    query = select(chatwoot_messages.c.key).where(chatwoot_messages.c.message == event.get("id"))
    return connection.execute(query).first() is not None


def _agent(person: Mapping[str, Any]) -> str:
    return f"{NAME}:{person.get('id', '')}"


def _text(event: Mapping[str, Any]) -> str:
    files = [str(each.get("data_url", "")) for each in event.get("attachments") or ()]
    return "\n".join(filter(None, [str(event.get("content") or "").strip(), *files]))


def _moment(value: Any) -> datetime | None:
    """Chatwoot tells times as Unix seconds, whole or not, or as text."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)

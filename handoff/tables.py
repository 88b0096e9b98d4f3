"""The tables of the human side, and the MetaData that all tables share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """A moment as whole microseconds since 1970, because SQLite keeps no offset; read back aware, in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + value * MICROSECOND


Key = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up by itself only on INTEGER."""

OPEN = text("status IN ('waiting', 'scheduled', 'assigned')")
WAITING = text("status = 'waiting'")
ASSIGNED = text("status = 'assigned'")
"""Queries say these in the very same words, or the database does not use the partial indexes."""

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation", String(100), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("priority", String(8), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("status", String(12), nullable=False),
    Column("agent_id", String(64), nullable=False, server_default=""),
    Column("agent_name", String(100), nullable=False, server_default=""),
    Column("waiting_since", Instant, nullable=False),
    Column("assigned_at", Instant),
    Column("closed_at", Instant),
    Column("callback_phone", String(20), nullable=False, server_default=""),
    Column("summary", Text, nullable=False),
    Column("form", JSON),
    Column("cases", JSON, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("updated_at", Instant, nullable=False, server_default="0"),
    # Who may serve it: a role of at least this level, with this skill where one is named.
    Column("level", String(12), nullable=False, server_default="agent"),
    Column("skill", String(32), nullable=False, server_default=""),
    Column("preferred", String(64), nullable=False, server_default=""),
    Column("transferred_from", String(64), nullable=False, server_default=""),
    Column("reopened_from", String(32), nullable=False, server_default=""),
    Column("first_reply_at", Instant),
    Column("told_position", Integer, nullable=False, server_default="0"),
    # Counted up whenever it changes hands; a word written for an older one is refused.
    Column("version", Integer, nullable=False, server_default="0"),
    Index("uq_handoffs_open", "conversation", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    *(
        Index(f"ix_handoffs_{name}", *columns, sqlite_where=where, postgresql_where=where)
        for name, columns, where in (
            ("waiting", ("rank", "waiting_since", "id"), WAITING),
            ("lane", ("level", "skill", "rank", "waiting_since", "id"), WAITING),
            ("preferred", ("preferred", "rank", "waiting_since", "id"), WAITING),
            ("agent", ("agent_id",), ASSIGNED),
        )
    ),
    Index("ix_handoffs_conversation", "conversation", "closed_at"),
    Index("ix_handoffs_updated_at", "updated_at", "id"),
    Index("ix_handoffs_status", "status", "closed_at"),
    Index("ix_handoffs_newest", "waiting_since", "id"),
)

agents = Table(
    "agents",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    Column("role", String(12), nullable=False, server_default="agent"),
    Column("skills", JSON, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("status", String(8), nullable=False, server_default="offline", index=True),
    Column("status_since", Instant, nullable=False),
    Column("last_seen", Instant),
    Column("last_given", Instant),
    Column("password_hash", Text, nullable=False),
    Column("must_change_password", Boolean, nullable=False, server_default=true()),
    Column("failed_attempts", Integer, nullable=False, server_default="0"),
    Column("locked_until", Instant),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("created_at", Instant, nullable=False),
)

agent_sessions = Table(
    "agent_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("agent", String(64), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("user_agent", String(200), nullable=False, server_default=""),
)

notes = Table(
    "notes",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("conversation", String(100), nullable=False),
    Column("handoff", String(32), nullable=False, server_default=""),
    Column("agent", String(64), nullable=False),
    Column("agent_name", String(100), nullable=False),
    Column("whisper", Boolean, nullable=False, server_default=false()),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_notes_conversation", "conversation", "id"),
)

canned_answers = Table(
    "canned_answers",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("owner", String(64), nullable=False, server_default=""),
    Column("shortcut", String(32), nullable=False),
    Column("title", String(100), nullable=False),
    Column("text", Text, nullable=False),
    UniqueConstraint("owner", "shortcut"),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False, index=True),
    Column("agent", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("subject", String(100), nullable=False),
    Column("detail", JSON, nullable=False),
    Index("ix_audit_log_agent", "agent", "id"),
    Index("ix_audit_log_subject", "subject", "id"),
)

ratings = Table(
    "ratings",
    metadata,
    Column("handoff", String(32), primary_key=True),
    Column("conversation", String(100), nullable=False),
    Column("agent", String(64), nullable=False),
    Column("score", Integer),
    Column("word", Text, nullable=False, server_default=""),
    Column("asked_at", Instant, nullable=False, index=True),
    Column("answered_at", Instant),
    Index("ix_ratings_conversation", "conversation", "asked_at"),
)

follow_ups = Table(
    "follow_ups",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("conversation", String(100), nullable=False),
    # waiting, sent, satisfied, unsatisfied, or missed where the channel's window was over.
    Column("status", String(12), nullable=False, server_default="waiting"),
    Column("due", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("answered_at", Instant),
    Column("word", Text, nullable=False, server_default=""),
    Index("ix_follow_ups_due", "due", sqlite_where=WAITING, postgresql_where=WAITING),
    Index("ix_follow_ups_conversation", "conversation"),
)

shift_handovers = Table(
    "shift_handovers",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("from_agent", String(64), nullable=False),
    # Empty until somebody receives it, where it was left for whoever comes next.
    Column("to_agent", String(64), nullable=False, server_default=""),
    Column("note", Text, nullable=False),
    Column("content", JSON, nullable=False),
    Column("created_at", Instant, nullable=False, index=True),
    Column("received_at", Instant),
)

read_marks = Table(
    "read_marks",
    metadata,
    Column("conversation", String(100), primary_key=True),
    # An agent's id, or `customer`.
    Column("reader", String(64), primary_key=True),
    Column("message", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("conversation", String(100), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("type", String(32), nullable=False),
    Column("data", JSON, nullable=False),
    Column("at", Instant, nullable=False),
    Index("uq_events_conversation_seq", "conversation", "seq", unique=True),
)

event_counters = Table(
    "event_counters",
    metadata,
    Column("conversation", String(100), primary_key=True),
    Column("seq", Integer, nullable=False),
)

handoff_counters = Table(
    "handoff_counters",
    metadata,
    Column("day", String(8), primary_key=True),
    Column("value", Integer, nullable=False),
)

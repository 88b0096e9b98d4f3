"""The tables of the human side, and the MetaData that all tables share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Dialect, Index, Integer, MetaData, String, Table, Text, text
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
    Index(
        "uq_handoffs_open",
        "conversation",
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    ),
    Index("ix_handoffs_waiting", "rank", "waiting_since", sqlite_where=WAITING, postgresql_where=WAITING),
    Index("ix_handoffs_conversation", "conversation", "closed_at"),
    Index("ix_handoffs_status", "status"),
    Index("ix_handoffs_updated_at", "updated_at", "id"),
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

"""What the mirror keeps: how far each endpoint is, what waits to be tried again, what came in before."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from handoff.tables import Instant, metadata

endpoints = Table(
    "mirror_endpoints",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("status", String(8), nullable=False, server_default="active"),
    Column("cursor", BigInteger, nullable=False),
    Column("failing", Integer, nullable=False, server_default="0"),
    Column("failing_since", Instant),
    Column("next_at", Instant),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("error", Text, nullable=False, server_default=""),
)
"""Events up to `cursor` are acknowledged, or stand in a lane or among the dead letters."""

lanes = Table(
    "mirror_lanes",
    metadata,
    Column("endpoint", String(100), primary_key=True),
    Column("conversation", String(100), primary_key=True),
    Column("after", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("error", Text, nullable=False, server_default=""),
    Index("ix_mirror_lanes_due", "endpoint", "next_at"),
)
"""A conversation whose events after `after` and up to `last` (each a `seq`) wait for an endpoint."""

dead_letters = Table(
    "mirror_dead_letters",
    metadata,
    Column("endpoint", String(100), primary_key=True),
    Column("conversation", String(100), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("error", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

seen_webhooks = Table(
    "seen_webhooks",
    metadata,
    Column("source", String(16), primary_key=True),
    Column("id", String(256), primary_key=True),
    Column("at", Instant, nullable=False, index=True),
)

chatwoot_conversations = Table(
    "chatwoot_conversations",
    metadata,
    Column("conversation", String(100), primary_key=True),
    Column("number", BigInteger, nullable=False, index=True),
)

chatwoot_messages = Table(
    "chatwoot_messages",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("message", BigInteger),
    Column("at", Instant, nullable=False),
)
"""What was posted to Chatwoot; without `message`, whether it arrived is not known."""

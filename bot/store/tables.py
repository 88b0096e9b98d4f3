"""The desk's tables; the human queue's stand beside them in handoff/tables.py, in one MetaData."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

import handoff.mirror.tables  # noqa: F401  (in the same MetaData)
from handoff.tables import WAITING, Instant, Key, metadata

conversations = Table(
    "conversations",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("handled_by", String(8), nullable=False, server_default="bot"),
    Column("agent", String(64), nullable=False, server_default=""),
    Column("handoff", String(32), nullable=False, server_default=""),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("forms", JSON, nullable=False),
    Column("memory", JSON, nullable=False),
    Column("misunderstood", Integer, nullable=False, server_default="0"),
    Column("verified_phone", String(20), index=True),
    Column("customer_name", String(100)),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("conversation", String(100), nullable=False),
    Column("sender", String(8), nullable=False),
    Column("name", String(100), nullable=False, server_default=""),
    Column("text", Text, nullable=False),
    Column("choices", JSON, nullable=False),
    Column("attachments", JSON, nullable=False),
    Column("at", Instant, nullable=False),
    Column("external_id", String(128)),
    Column("reply_to", BigInteger),
    Column("handled_by", String(8), nullable=False, server_default=""),
    Column("edit_of", BigInteger),
    Column("undeliverable", Text, nullable=False, server_default=""),
    UniqueConstraint("conversation", "external_id"),
    Index("ix_messages_conversation_id", "conversation", "id"),
    Index("ix_messages_reply_to", "reply_to"),
    Index("ix_messages_edit_of", "edit_of"),
    Index("ix_messages_at", "at"),
)

doubts = Table(
    "doubts",
    metadata,
    Column("message", BigInteger, primary_key=True),
    Column("intent", String(32), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("meant", String(32), nullable=False, server_default=""),
    Column("at", Instant, nullable=False, index=True),
)

UNSENT = text("status IN ('waiting', 'kept')")
"""As the index has it: a query for these words must say it in the same way to be served by it."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("conversation", String(100), nullable=False),
    Column("message", BigInteger, nullable=False),
    Column("status", String(8), nullable=False, server_default="waiting"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("error", Text, nullable=False, server_default=""),
    Column("parts", Integer, nullable=False, server_default="0"),
    Column("answer_to", BigInteger),
    Column("sent_as", String(64), index=True),
    Column("channel", String(16), nullable=False, server_default=""),
    Index("ix_deliveries_message", "message"),
    Index("ix_deliveries_unsent", "conversation", "id", sqlite_where=UNSENT, postgresql_where=UNSENT),
    Index("ix_deliveries_answer_to", "answer_to"),
    *(
        Index(name, column, "id", sqlite_where=WAITING, postgresql_where=WAITING)
        for name, column in (("ix_deliveries_waiting", "conversation"), ("ix_deliveries_channel", "channel"))
    ),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("channel", String(16), nullable=False),
    Column("external_id", String(128), nullable=False),
    Column("conversation", String(100), nullable=False),
    Column("batch", String(64), nullable=False, server_default=""),
    Column("body", JSON, nullable=False),
    Column("status", String(8), nullable=False, server_default="waiting"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("at", Instant, nullable=False, index=True),
    Column("next_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("error", Text, nullable=False, server_default=""),
    UniqueConstraint("channel", "external_id"),
    *(
        Index(f"ix_inbox_waiting_{column}", column, "id", sqlite_where=WAITING, postgresql_where=WAITING)
        for column in ("channel", "conversation")
    ),
)

moved_chats = Table(
    "moved_chats",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("chat", String(64), primary_key=True),
    Column("home", String(64), nullable=False),
)

quotas = Table(
    "quotas",
    metadata,
    Column("conversation", String(100), primary_key=True),
    Column("grants", JSON, nullable=False),
    Column("cause", String(128), nullable=False),
)

access_tokens = Table(
    "access_tokens",
    metadata,
    Column("account", String(100), primary_key=True),
    Column("token", Text, nullable=False),
    Column("until", Instant, nullable=False),
    Column("renewing_until", Instant),
)

wecom_accounts = Table(
    "wecom_accounts",
    metadata,
    Column("open_kfid", String(64), primary_key=True),
    Column("cursor", String(128), nullable=False, server_default=""),
    Column("bell", Text, nullable=False, server_default=""),
    Column("rung_at", Instant, nullable=False),
    Column("rung", Integer, nullable=False, server_default="0"),
    Column("answered", Integer, nullable=False, server_default="0"),
    Column("lease_until", Instant),
)

wecom_sessions = Table(
    "wecom_sessions",
    metadata,
    Column("conversation", String(100), primary_key=True),
    Column("state", Integer, nullable=False),
    Column("servicer", String(64), nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
    Column("changed_at", Instant),
    Column("changed_by", String(64), nullable=False, server_default=""),
)

MATTER, INQUIRY = text("kind <> 'inquiry'"), text("kind = 'inquiry'")
"""Queries say these in the very same words, or the database does not use the partial indexes."""

cases = Table(
    "cases",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("conversation", String(100), nullable=False, index=True),
    Column("customer", JSON, nullable=False),
    Column("phone", String(20), nullable=False, server_default="", index=True),
    Column("waybill", String(20), nullable=False, server_default="", index=True),
    Column("priority", String(8), nullable=False, server_default="normal"),
    Column("form", JSON, nullable=False),
    Column("outcome", JSON, nullable=False),
    Column("owner", String(100), nullable=False, server_default=""),
    Column("contacts", Integer, nullable=False, server_default="1"),
    Column("form_id", String(32), unique=True),
    Column("external_id", String(128), unique=True),
    Column("opened_at", Instant, nullable=False, index=True),
    Column("updated_at", Instant, nullable=False),
    # A turn reads only these, so that its cost does not grow with the inquiries in the ledger.
    *(
        Index(
            f"ix_cases_{column}_matter",
            column,
            "opened_at",
            sqlite_where=MATTER,
            postgresql_where=MATTER,
        )
        for column in ("conversation", "phone", "waybill")
    ),
    Index(
        "ix_cases_inquiry",
        "waybill",
        "opened_at",
        sqlite_where=INQUIRY,
        postgresql_where=INQUIRY,
    ),
)

case_history = Table(
    "case_history",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("number", String(32), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("by", String(100), nullable=False),
    Column("what", Text, nullable=False),
)

deadlines = Table(
    "deadlines",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("due", Instant, nullable=False, index=True),
    Column("met_at", Instant),
    Column("near", Boolean, nullable=False, server_default=text("false")),
    Column("breached", Boolean, nullable=False, server_default=text("false")),
    # The sweep reads only these, so that its cost does not grow with the ledger.
    Index(
        "ix_deadlines_open",
        "due",
        sqlite_where=text("met_at IS NULL"),
        postgresql_where=text("met_at IS NULL"),
    ),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Integer, nullable=False),
)

shipments = Table(
    "shipments",
    metadata,
    Column("waybill", String(20), primary_key=True),
    Column("data", JSON, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

tracking_queries = Table(
    "tracking_queries",
    metadata,
    Column("waybill", String(20), primary_key=True),
    Column("asked_at", Instant),
    Column("failed", Boolean, nullable=False, server_default=text("false")),
    Column("subscribed_at", Instant),
)

customers = Table(
    "customers",
    metadata,
    Column("phone", String(20), primary_key=True),
    Column("data", JSON, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("to", String(16), nullable=False),
    Column("event", String(16), nullable=False),
    Column("number", String(32), nullable=False),
    Column("waybill", String(20), nullable=False, server_default=""),
    Column("at", Instant, nullable=False, index=True),
)

demands = Table(
    "demands",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("name", String(100), nullable=False),
    Column("detail", Text, nullable=False),
    Column("conversation", String(100), nullable=False),
    Column("at", Instant, nullable=False, index=True),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("type", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("at", Instant, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant),
    Column("scopes", Text, nullable=False, server_default="*"),
    Column("revoked_at", Instant),
)

repeats = Table(
    "repeats",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("status", Integer, nullable=False, server_default="0"),
    Column("body", Text, nullable=False, server_default=""),
    Column("type", String(64), nullable=False, server_default=""),
    Column("at", Instant, nullable=False, index=True),
)

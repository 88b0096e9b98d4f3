"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from handoff.tables import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_history",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_history")),
    )
    op.create_index(op.f("ix_case_history_number"), "case_history", ["number"], unique=False)
    op.create_table(
        "cases",
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("conversation", sa.String(length=100), nullable=False),
        sa.Column("customer", sa.JSON(), nullable=False),
        sa.Column("phone", sa.String(length=20), server_default="", nullable=False),
        sa.Column("waybill", sa.String(length=20), server_default="", nullable=False),
        sa.Column("priority", sa.String(length=8), server_default="normal", nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("owner", sa.String(length=100), server_default="", nullable=False),
        sa.Column("contacts", sa.Integer(), server_default="1", nullable=False),
        sa.Column("form_id", sa.String(length=32), nullable=True),
        sa.Column("external_id", sa.String(length=128), nullable=True),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_cases")),
        sa.UniqueConstraint("external_id", name=op.f("uq_cases_external_id")),
        sa.UniqueConstraint("form_id", name=op.f("uq_cases_form_id")),
    )
    op.create_index(op.f("ix_cases_conversation"), "cases", ["conversation"], unique=False)
    op.create_index(
        "ix_cases_conversation_matter",
        "cases",
        ["conversation", "opened_at"],
        unique=False,
        sqlite_where=sa.text("kind <> 'inquiry'"),
        postgresql_where=sa.text("kind <> 'inquiry'"),
    )
    op.create_index(
        "ix_cases_inquiry",
        "cases",
        ["waybill", "opened_at"],
        unique=False,
        sqlite_where=sa.text("kind = 'inquiry'"),
        postgresql_where=sa.text("kind = 'inquiry'"),
    )
    op.create_index(op.f("ix_cases_opened_at"), "cases", ["opened_at"], unique=False)
    op.create_index(op.f("ix_cases_phone"), "cases", ["phone"], unique=False)
    op.create_index(
        "ix_cases_phone_matter",
        "cases",
        ["phone", "opened_at"],
        unique=False,
        sqlite_where=sa.text("kind <> 'inquiry'"),
        postgresql_where=sa.text("kind <> 'inquiry'"),
    )
    op.create_index(op.f("ix_cases_waybill"), "cases", ["waybill"], unique=False)
    op.create_index(
        "ix_cases_waybill_matter",
        "cases",
        ["waybill", "opened_at"],
        unique=False,
        sqlite_where=sa.text("kind <> 'inquiry'"),
        postgresql_where=sa.text("kind <> 'inquiry'"),
    )
    op.create_table(
        "conversations",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("handled_by", sa.String(length=8), server_default="bot", nullable=False),
        sa.Column("agent", sa.String(length=64), server_default="", nullable=False),
        sa.Column("handoff", sa.String(length=32), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("forms", sa.JSON(), nullable=False),
        sa.Column("memory", sa.JSON(), nullable=False),
        sa.Column("misunderstood", sa.Integer(), server_default="0", nullable=False),
        sa.Column("verified_phone", sa.String(length=20), nullable=True),
        sa.Column("customer_name", sa.String(length=100), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_conversations")),
    )
    op.create_index(
        op.f("ix_conversations_verified_phone"), "conversations", ["verified_phone"], unique=False
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "customers",
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("phone", name=op.f("pk_customers")),
    )
    op.create_table(
        "deadlines",
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("due", Instant(), nullable=False),
        sa.Column("met_at", Instant(), nullable=True),
        sa.Column("breached", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("number", "name", name=op.f("pk_deadlines")),
    )
    op.create_index(op.f("ix_deadlines_due"), "deadlines", ["due"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("conversation", sa.String(length=100), nullable=False),
        sa.Column("message", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=8), server_default="waiting", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["conversation", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "demands",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("conversation", sa.String(length=100), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demands")),
    )
    op.create_index(op.f("ix_demands_at"), "demands", ["at"], unique=False)
    op.create_table(
        "event_counters",
        sa.Column("conversation", sa.String(length=100), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("conversation", name=op.f("pk_event_counters")),
    )
    op.create_table(
        "events",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("conversation", sa.String(length=100), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index("uq_events_conversation_seq", "events", ["conversation", "seq"], unique=True)
    op.create_table(
        "handoff_counters",
        sa.Column("day", sa.String(length=8), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_handoff_counters")),
    )
    op.create_table(
        "handoffs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("conversation", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("priority", sa.String(length=8), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("agent_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("agent_name", sa.String(length=100), server_default="", nullable=False),
        sa.Column("waiting_since", Instant(), nullable=False),
        sa.Column("assigned_at", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("callback_phone", sa.String(length=20), server_default="", nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("form", sa.JSON(), nullable=True),
        sa.Column("cases", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoffs")),
    )
    op.create_index("ix_handoffs_conversation", "handoffs", ["conversation", "closed_at"], unique=False)
    op.create_index("ix_handoffs_status", "handoffs", ["status"], unique=False)
    op.create_index(
        "ix_handoffs_waiting",
        "handoffs",
        ["rank", "waiting_since"],
        unique=False,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index(
        "uq_handoffs_open",
        "handoffs",
        ["conversation"],
        unique=True,
        sqlite_where=sa.text("status IN ('waiting', 'scheduled', 'assigned')"),
        postgresql_where=sa.text("status IN ('waiting', 'scheduled', 'assigned')"),
    )
    op.create_table(
        "messages",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("conversation", sa.String(length=100), nullable=False),
        sa.Column("sender", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=100), server_default="", nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=True),
        sa.Column("reply_to", sa.BigInteger(), nullable=True),
        sa.Column("handled_by", sa.String(length=8), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("conversation", "external_id", name=op.f("uq_messages_conversation")),
    )
    op.create_index("ix_messages_conversation_id", "messages", ["conversation", "id"], unique=False)
    op.create_index("ix_messages_reply_to", "messages", ["reply_to"], unique=False)
    op.create_table(
        "notices",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("to", sa.String(length=16), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("waybill", sa.String(length=20), server_default="", nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(op.f("ix_notices_at"), "notices", ["at"], unique=False)
    op.create_table(
        "shipments",
        sa.Column("waybill", sa.String(length=20), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("waybill", name=op.f("pk_shipments")),
    )
    op.create_table(
        "tokens",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_used_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tokens")),
        sa.UniqueConstraint("hash", name=op.f("uq_tokens_hash")),
    )
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )


def downgrade() -> None:
    op.drop_table("uploads")
    op.drop_table("tokens")
    op.drop_table("shipments")
    op.drop_index(op.f("ix_notices_at"), table_name="notices")
    op.drop_table("notices")
    op.drop_index("ix_messages_reply_to", table_name="messages")
    op.drop_index("ix_messages_conversation_id", table_name="messages")
    op.drop_table("messages")
    op.drop_index(
        "uq_handoffs_open",
        table_name="handoffs",
        sqlite_where=sa.text("status IN ('waiting', 'scheduled', 'assigned')"),
        postgresql_where=sa.text("status IN ('waiting', 'scheduled', 'assigned')"),
    )
    op.drop_index(
        "ix_handoffs_waiting",
        table_name="handoffs",
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.drop_index("ix_handoffs_status", table_name="handoffs")
    op.drop_index("ix_handoffs_conversation", table_name="handoffs")
    op.drop_table("handoffs")
    op.drop_table("handoff_counters")
    op.drop_index("uq_events_conversation_seq", table_name="events")
    op.drop_table("events")
    op.drop_table("event_counters")
    op.drop_index(op.f("ix_demands_at"), table_name="demands")
    op.drop_table("demands")
    op.drop_index(
        "ix_deliveries_waiting",
        table_name="deliveries",
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.drop_table("deliveries")
    op.drop_index(op.f("ix_deadlines_due"), table_name="deadlines")
    op.drop_table("deadlines")
    op.drop_table("customers")
    op.drop_table("counters")
    op.drop_index(op.f("ix_conversations_verified_phone"), table_name="conversations")
    op.drop_table("conversations")
    op.drop_index(
        "ix_cases_waybill_matter",
        table_name="cases",
        sqlite_where=sa.text("kind <> 'inquiry'"),
        postgresql_where=sa.text("kind <> 'inquiry'"),
    )
    op.drop_index(op.f("ix_cases_waybill"), table_name="cases")
    op.drop_index(
        "ix_cases_phone_matter",
        table_name="cases",
        sqlite_where=sa.text("kind <> 'inquiry'"),
        postgresql_where=sa.text("kind <> 'inquiry'"),
    )
    op.drop_index(op.f("ix_cases_phone"), table_name="cases")
    op.drop_index(op.f("ix_cases_opened_at"), table_name="cases")
    op.drop_index(
        "ix_cases_inquiry",
        table_name="cases",
        sqlite_where=sa.text("kind = 'inquiry'"),
        postgresql_where=sa.text("kind = 'inquiry'"),
    )
    op.drop_index(
        "ix_cases_conversation_matter",
        table_name="cases",
        sqlite_where=sa.text("kind <> 'inquiry'"),
        postgresql_where=sa.text("kind <> 'inquiry'"),
    )
    op.drop_index(op.f("ix_cases_conversation"), table_name="cases")
    op.drop_table("cases")
    op.drop_index(op.f("ix_case_history_number"), table_name="case_history")
    op.drop_table("case_history")

"""The human side: agents and their sessions, notes, ratings, follow-ups, shift handovers, the audit log."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from handoff.tables import Instant, Key

revision = "0003"
down_revision = "0008"
branch_labels = None
depends_on = None

WAITING, ASSIGNED = sa.text("status = 'waiting'"), sa.text("status = 'assigned'")
WHERE_WAITING: dict[str, Any] = {"sqlite_where": WAITING, "postgresql_where": WAITING}
WHERE_ASSIGNED: dict[str, Any] = {"sqlite_where": ASSIGNED, "postgresql_where": ASSIGNED}


def upgrade() -> None:
    op.create_table(
        "agent_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("last_seen", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("user_agent", sa.String(length=200), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_agent_sessions")),
    )
    op.create_index(op.f("ix_agent_sessions_agent"), "agent_sessions", ["agent"], unique=False)
    op.create_table(
        "agents",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=12), server_default="agent", nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=8), server_default="offline", nullable=False),
        sa.Column("status_since", Instant(), nullable=False),
        sa.Column("last_seen", Instant(), nullable=True),
        sa.Column("last_given", Instant(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("failed_attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", Instant(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agents")),
        sa.UniqueConstraint("login", name=op.f("uq_agents_login")),
    )
    op.create_index(op.f("ix_agents_status"), "agents", ["status"], unique=False)
    op.create_table(
        "audit_log",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_agent", "audit_log", ["agent", "id"], unique=False)
    op.create_index(op.f("ix_audit_log_at"), "audit_log", ["at"], unique=False)
    op.create_index("ix_audit_log_subject", "audit_log", ["subject", "id"], unique=False)
    op.create_table(
        "canned_answers",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(length=64), server_default="", nullable=False),
        sa.Column("shortcut", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_answers")),
        sa.UniqueConstraint("owner", "shortcut", name=op.f("uq_canned_answers_owner")),
    )
    op.create_table(
        "follow_ups",
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("conversation", sa.String(length=100), nullable=False),
        sa.Column("status", sa.String(length=12), server_default="waiting", nullable=False),
        sa.Column("due", Instant(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("word", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_follow_ups")),
    )
    op.create_index("ix_follow_ups_conversation", "follow_ups", ["conversation"], unique=False)
    op.create_index("ix_follow_ups_due", "follow_ups", ["due"], unique=False, **WHERE_WAITING)
    op.create_table(
        "notes",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("conversation", sa.String(length=100), nullable=False),
        sa.Column("handoff", sa.String(length=32), server_default="", nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("agent_name", sa.String(length=100), nullable=False),
        sa.Column("whisper", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index("ix_notes_conversation", "notes", ["conversation", "id"], unique=False)
    op.create_table(
        "ratings",
        sa.Column("handoff", sa.String(length=32), nullable=False),
        sa.Column("conversation", sa.String(length=100), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("word", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("handoff", name=op.f("pk_ratings")),
    )
    op.create_index(op.f("ix_ratings_asked_at"), "ratings", ["asked_at"], unique=False)
    op.create_index("ix_ratings_conversation", "ratings", ["conversation", "asked_at"], unique=False)
    op.create_table(
        "read_marks",
        sa.Column("conversation", sa.String(length=100), nullable=False),
        sa.Column("reader", sa.String(length=64), nullable=False),
        sa.Column("message", sa.BigInteger(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("conversation", "reader", name=op.f("pk_read_marks")),
    )
    op.create_table(
        "shift_handovers",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("from_agent", sa.String(length=64), nullable=False),
        sa.Column("to_agent", sa.String(length=64), server_default="", nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("received_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_handovers")),
    )
    op.create_index(op.f("ix_shift_handovers_created_at"), "shift_handovers", ["created_at"], unique=False)
    op.add_column(
        "handoffs", sa.Column("level", sa.String(length=12), server_default="agent", nullable=False)
    )
    op.add_column("handoffs", sa.Column("skill", sa.String(length=32), server_default="", nullable=False))
    op.add_column("handoffs", sa.Column("preferred", sa.String(length=64), server_default="", nullable=False))
    op.add_column(
        "handoffs", sa.Column("transferred_from", sa.String(length=64), server_default="", nullable=False)
    )
    op.add_column(
        "handoffs", sa.Column("reopened_from", sa.String(length=32), server_default="", nullable=False)
    )
    op.add_column("handoffs", sa.Column("first_reply_at", Instant(), nullable=True))
    op.add_column("handoffs", sa.Column("told_position", sa.Integer(), server_default="0", nullable=False))
    op.add_column("handoffs", sa.Column("version", sa.Integer(), server_default="0", nullable=False))
    op.drop_index(op.f("ix_handoffs_status"), table_name="handoffs")
    op.create_index("ix_handoffs_status", "handoffs", ["status", "closed_at"], unique=False)
    op.drop_index(op.f("ix_handoffs_waiting"), table_name="handoffs")
    op.create_index(
        "ix_handoffs_waiting", "handoffs", ["rank", "waiting_since", "id"], unique=False, **WHERE_WAITING
    )
    op.create_index("ix_handoffs_agent", "handoffs", ["agent_id"], unique=False, **WHERE_ASSIGNED)
    op.create_index(
        "ix_handoffs_lane",
        "handoffs",
        ["level", "skill", "rank", "waiting_since", "id"],
        unique=False,
        **WHERE_WAITING,
    )
    op.create_index("ix_handoffs_newest", "handoffs", ["waiting_since", "id"], unique=False)
    op.create_index(
        "ix_handoffs_preferred",
        "handoffs",
        ["preferred", "rank", "waiting_since", "id"],
        unique=False,
        **WHERE_WAITING,
    )
    # Each priority has two ranks now, the first for those who were with an agent already.
    op.execute("UPDATE handoffs SET rank = rank * 2 + 1")


def downgrade() -> None:
    op.execute("UPDATE handoffs SET rank = rank / 2")
    op.drop_index("ix_handoffs_preferred", table_name="handoffs")
    op.drop_index("ix_handoffs_newest", table_name="handoffs")
    op.drop_index("ix_handoffs_lane", table_name="handoffs")
    op.drop_index("ix_handoffs_agent", table_name="handoffs")
    op.drop_index("ix_handoffs_waiting", table_name="handoffs")
    op.create_index(
        op.f("ix_handoffs_waiting"), "handoffs", ["rank", "waiting_since"], unique=False, **WHERE_WAITING
    )
    op.drop_index("ix_handoffs_status", table_name="handoffs")
    op.create_index(op.f("ix_handoffs_status"), "handoffs", ["status"], unique=False)
    op.drop_column("handoffs", "version")
    op.drop_column("handoffs", "told_position")
    op.drop_column("handoffs", "first_reply_at")
    op.drop_column("handoffs", "reopened_from")
    op.drop_column("handoffs", "transferred_from")
    op.drop_column("handoffs", "preferred")
    op.drop_column("handoffs", "skill")
    op.drop_column("handoffs", "level")
    op.drop_table("shift_handovers")
    op.drop_table("read_marks")
    op.drop_table("ratings")
    op.drop_table("notes")
    op.drop_table("follow_ups")
    op.drop_table("canned_answers")
    op.drop_table("audit_log")
    op.drop_table("agents")
    op.drop_table("agent_sessions")

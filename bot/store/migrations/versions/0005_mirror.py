"""The mirror's state, webhook ids seen, scopes of tokens, repeated calls, changes of handoffs by time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from handoff.tables import Instant

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mirror_endpoints",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("status", sa.String(length=8), server_default="active", nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("failing", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", Instant(), nullable=True),
        sa.Column("next_at", Instant(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "mirror_lanes",
        sa.Column("endpoint", sa.String(length=100), nullable=False),
        sa.Column("conversation", sa.String(length=100), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("endpoint", "conversation"),
    )
    op.create_index("ix_mirror_lanes_due", "mirror_lanes", ["endpoint", "next_at"], unique=False)
    op.create_table(
        "mirror_dead_letters",
        sa.Column("endpoint", sa.String(length=100), nullable=False),
        sa.Column("conversation", sa.String(length=100), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("endpoint", "conversation", "seq"),
    )
    op.create_table(
        "seen_webhooks",
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("id", sa.String(length=256), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("source", "id"),
    )
    op.create_index(op.f("ix_seen_webhooks_at"), "seen_webhooks", ["at"], unique=False)
    op.create_table(
        "repeats",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), server_default="0", nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("type", sa.String(length=64), server_default="", nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("token", "key"),
    )
    op.create_index(op.f("ix_repeats_at"), "repeats", ["at"], unique=False)
    op.create_table(
        "chatwoot_conversations",
        sa.Column("conversation", sa.String(length=100), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("conversation"),
    )
    op.create_index("ix_chatwoot_conversations_number", "chatwoot_conversations", ["number"], unique=False)
    op.create_table(
        "chatwoot_messages",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("message", sa.BigInteger(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.add_column("tokens", sa.Column("scopes", sa.Text(), server_default="*", nullable=False))
    op.add_column("tokens", sa.Column("revoked_at", Instant(), nullable=True))
    op.add_column("handoffs", sa.Column("updated_at", Instant(), server_default="0", nullable=False))
    op.execute("UPDATE handoffs SET updated_at = COALESCE(closed_at, assigned_at, waiting_since)")
    op.create_index("ix_handoffs_updated_at", "handoffs", ["updated_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_handoffs_updated_at", table_name="handoffs")
    op.drop_column("handoffs", "updated_at")
    op.drop_column("tokens", "revoked_at")
    op.drop_column("tokens", "scopes")
    op.drop_table("chatwoot_messages")
    op.drop_table("chatwoot_conversations")
    op.drop_table("repeats")
    op.drop_table("seen_webhooks")
    op.drop_table("mirror_dead_letters")
    op.drop_table("mirror_lanes")
    op.drop_table("mirror_endpoints")

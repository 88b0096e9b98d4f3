"""The mirror's state, webhook ids seen, scopes of tokens, repeated calls, changes of handoffs by time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from handoff.tables import Instant

revision = "0005"
down_revision = "0002"
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


def downgrade() -> None:
    op.drop_table("seen_webhooks")
    op.drop_table("mirror_dead_letters")
    op.drop_table("mirror_lanes")
    op.drop_table("mirror_endpoints")

"""Queries at a tracking service, and deadlines that are near."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from handoff.tables import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tracking_queries",
        sa.Column("waybill", sa.String(length=20), nullable=False),
        sa.Column("asked_at", Instant(), nullable=True),
        sa.Column("failed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("subscribed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("waybill"),
    )
    with op.batch_alter_table("deadlines") as deadlines:
        deadlines.add_column(sa.Column("near", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index(
        "ix_deadlines_open",
        "deadlines",
        ["due"],
        unique=False,
        sqlite_where=sa.text("met_at IS NULL"),
        postgresql_where=sa.text("met_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_deadlines_open", table_name="deadlines")
    with op.batch_alter_table("deadlines") as deadlines:
        deadlines.drop_column("near")
    op.drop_table("tracking_queries")

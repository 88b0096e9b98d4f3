"""Messages that were not understood, or that staff understood otherwise."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from handoff.tables import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "doubts",
        sa.Column("message", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("intent", sa.String(length=32), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("meant", sa.String(length=32), server_default="", nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("message"),
    )
    op.create_index(op.f("ix_doubts_at"), "doubts", ["at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_doubts_at"), table_name="doubts")
    op.drop_table("doubts")

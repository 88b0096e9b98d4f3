"""WeChat and WeCom: what may still be sent, what went in which answer, shared access tokens, sync cursors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from handoff.tables import Instant

revision = "0006"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("deliveries") as batch:
        batch.add_column(sa.Column("parts", sa.Integer(), server_default="0", nullable=False))
        batch.add_column(sa.Column("answer_to", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("sent_as", sa.String(length=64), nullable=True))
    unsent = sa.text("status IN ('waiting', 'kept')")
    op.create_index("ix_deliveries_message", "deliveries", ["message"], unique=False)
    op.create_index(op.f("ix_deliveries_sent_as"), "deliveries", ["sent_as"], unique=False)
    op.create_index("ix_deliveries_answer_to", "deliveries", ["answer_to"], unique=False)
    op.create_index(
        "ix_deliveries_unsent",
        "deliveries",
        ["conversation", "id"],
        sqlite_where=unsent,
        postgresql_where=unsent,
    )
    op.create_table(
        "quotas",
        sa.Column("conversation", sa.String(length=100), nullable=False),
        sa.Column("grants", sa.JSON(), nullable=False),
        sa.Column("cause", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("conversation"),
    )
    op.create_table(
        "access_tokens",
        sa.Column("account", sa.String(length=100), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("renewing_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_table(
        "wecom_accounts",
        sa.Column("open_kfid", sa.String(length=64), nullable=False),
        sa.Column("cursor", sa.String(length=128), server_default="", nullable=False),
        sa.Column("bell", sa.Text(), server_default="", nullable=False),
        sa.Column("rung_at", Instant(), nullable=False),
        sa.Column("rung", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answered", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("open_kfid"),
    )
    op.create_table(
        "wecom_sessions",
        sa.Column("conversation", sa.String(length=100), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("servicer", sa.String(length=64), server_default="", nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=True),
        sa.Column("changed_by", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("conversation"),
    )


def downgrade() -> None:
    for table in ("wecom_sessions", "wecom_accounts", "access_tokens", "quotas"):
        op.drop_table(table)
    op.drop_index("ix_deliveries_unsent", table_name="deliveries")
    op.drop_index("ix_deliveries_answer_to", table_name="deliveries")
    op.drop_index(op.f("ix_deliveries_sent_as"), table_name="deliveries")
    op.drop_index("ix_deliveries_message", table_name="deliveries")
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_column("sent_as")
        batch.drop_column("answer_to")
        batch.drop_column("parts")

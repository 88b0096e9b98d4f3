"""What channels have taken and is not answered yet, versions of a message, words that no channel took."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from handoff.tables import Instant, Key

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WAITING = sa.text("status = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("conversation", sa.String(length=100), nullable=False),
        sa.Column("batch", sa.String(length=64), server_default="", nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=8), server_default="waiting", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel", "external_id"),
    )
    op.create_index(op.f("ix_inbox_at"), "inbox", ["at"], unique=False)
    for column in ("channel", "conversation"):
        op.create_index(
            f"ix_inbox_waiting_{column}",
            "inbox",
            [column, "id"],
            unique=False,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        )
    op.create_table(
        "moved_chats",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("home", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("channel", "chat"),
    )
    op.add_column("messages", sa.Column("edit_of", sa.BigInteger(), nullable=True))
    op.add_column("messages", sa.Column("undeliverable", sa.Text(), server_default="", nullable=False))
    op.create_index("ix_messages_edit_of", "messages", ["edit_of"], unique=False)
    op.add_column("deliveries", sa.Column("channel", sa.String(length=16), server_default="", nullable=False))
    colon = (
        "strpos(conversation, ':')"
        if op.get_bind().dialect.name == "postgresql"
        else "instr(conversation, ':')"
    )
    op.execute(f"UPDATE deliveries SET channel = substr(conversation, 1, {colon} - 1)")
    op.create_index(
        "ix_deliveries_channel",
        "deliveries",
        ["channel", "id"],
        unique=False,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("ix_messages_at", "messages", ["at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_deliveries_channel", table_name="deliveries")
    op.drop_column("deliveries", "channel")
    op.drop_index("ix_messages_edit_of", table_name="messages")
    op.drop_index("ix_messages_at", table_name="messages")
    op.drop_index("ix_messages_edit_of", table_name="messages")
    op.drop_column("messages", "undeliverable")
    op.drop_column("messages", "edit_of")
    op.drop_table("moved_chats")
    op.drop_table("inbox")

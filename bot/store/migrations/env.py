"""Runs the migrations on the connection that bot/store/migrate.py hands in."""

from alembic import context

import bot.store.tables  # noqa: F401  (fills the metadata)
from handoff.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()

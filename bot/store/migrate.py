"""Brings the database to the newest schema. Alembic is imported only where there is something to do."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import Connection, inspect, text

LOCK = 0x59494441
"""A number of our own that replicas agree on."""
MIGRATIONS = Path(__file__).parent / "migrations"
CHAIN = re.compile(r'^(revision|down_revision) = "(\w+)"', re.MULTILINE)


def head() -> str:
    """The newest revision: the one that no other comes after."""
    files = (MIGRATIONS / "versions").glob("[0-9]*.py")
    named = [pair for path in files for pair in CHAIN.findall(path.read_text("utf-8"))]
    before = {number for key, number in named if key == "down_revision"}
    (newest,) = {number for key, number in named if key == "revision"} - before
    return str(newest)


def current(connection: Connection) -> str | None:
    """The revision of the database; None where it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if found is None else str(found)


def migrate(connection: Connection) -> None:
    """Upgrade to the newest revision inside the caller's transaction; of several replicas one does it."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    if current(connection) == head():
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

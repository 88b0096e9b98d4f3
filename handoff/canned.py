"""Canned answers (常用语): everybody's, and each agent's own; a shortcut finds one at once."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, delete, select, update

from handoff.tables import canned_answers

EVERYBODY = ""
MAX_SHORTCUT = 32


class ShortcutTaken(ValueError):
    """The owner has another answer with this shortcut."""


class NoSuchAnswer(LookupError):
    """The owner has no answer with this id."""


def save(
    connection: Connection, owner: str, shortcut: str, title: str, text: str, id: int | None = None
) -> int:
    """Write an answer, or change one of the owner's; raises ShortcutTaken, NoSuchAnswer and ValueError."""
    shortcut = shortcut.strip().lower()
    if not shortcut or len(shortcut) > MAX_SHORTCUT or not text.strip():
        raise ValueError(f"expected a shortcut of 1 to {MAX_SHORTCUT} characters and a text")
    table = canned_answers
    same = select(table.c.id).where(table.c.owner == owner, table.c.shortcut == shortcut)
    if connection.execute(same).scalar_one_or_none() not in (None, id):
        raise ShortcutTaken(shortcut)
    values = {"shortcut": shortcut, "title": title.strip()[:100], "text": text.strip()}
    if id is None:
        statement = table.insert().values(owner=owner, **values).returning(table.c.id)
        return int(connection.execute(statement).scalar_one())
    changed = connection.execute(
        update(table).where(table.c.id == id, table.c.owner == owner).values(**values)
    )
    if changed.rowcount == 0:
        raise NoSuchAnswer(str(id))
    return id


def remove(connection: Connection, owner: str, id: int) -> None:
    """Remove one of the owner's answers, if it is there."""
    table = canned_answers
    connection.execute(delete(table).where(table.c.id == id, table.c.owner == owner))


def read(connection: Connection, agent: str) -> list[RowMapping]:
    """Everybody's answers and the agent's own, by shortcut."""
    table = canned_answers
    query = select(table).where(table.c.owner.in_((EVERYBODY, agent))).order_by(table.c.shortcut, table.c.id)
    return list(connection.execute(query).mappings())

"""How many words a platform still lets us send to a customer: a ledger, so that it never has to refuse.

A message or a tap of the customer's grants so many for so long. Grants do not add up: each word that is sent
counts against all of them, and what is left is what the best one has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, select, update

from bot.store import tables
from bot.store.upsert import insert

RATIONED = frozenset({"wechat", "wecom"})
"""The channels that count."""
# Statements of every turn are made once: making one costs as much as running it.
QUOTAS = tables.quotas
FOUND = select(QUOTAS.c.grants, QUOTAS.c.cause).where(QUOTAS.c.conversation == bindparam("of"))
LOCKED = FOUND.with_for_update()
SAVED = (
    update(QUOTAS)
    .where(QUOTAS.c.conversation == bindparam("of"))
    .values(grants=bindparam("written"), cause=bindparam("by"))
)


@dataclass(frozen=True)
class Grant:
    """So many words until then."""

    left: int
    until: datetime


Grants = tuple[Grant, ...]


def granted(grants: Grants, now: datetime, new: Grant) -> Grants:
    """The grants after one more; one that has ended, or is outdone in words and time, is dropped."""
    running = tuple(each for each in grants if each.until > now)
    if any(each.left >= new.left and each.until >= new.until for each in running):
        return running
    return (*(each for each in running if each.left > new.left or each.until > new.until), new)


def best(grants: Grants, now: datetime) -> Grant | None:
    """The grant with the most words left now; of equal ones the longer."""
    running = [each for each in grants if each.until > now]
    return max(running, key=lambda each: (each.left, each.until), default=None)


def changed(grants: Grants, by: int) -> Grants:
    """The grants after words were sent (or, with a positive number, not sent after all)."""
    return tuple(Grant(max(0, each.left + by), each.until) for each in grants)


def grant(connection: Connection, now: datetime, conversation: str, new: Grant, cause: str) -> None:
    """Enter what a customer's doing grants; `cause`, its id, grants once."""
    grants, last = _load(connection, conversation)
    if last != cause:
        _save(connection, conversation, granted(grants, now, new), cause)


def spend(connection: Connection, conversation: str, words: int = 1) -> None:
    """Enter words that are about to be sent; a negative number takes them back."""
    grants, last = _load(connection, conversation)
    _save(connection, conversation, changed(grants, -words), last)


def exhaust(connection: Connection, conversation: str) -> None:
    """The platform says that nothing is left, whatever we counted."""
    _save(connection, conversation, (), _load(connection, conversation)[1])


def left(connection: Connection, now: datetime, conversation: str, lock: bool = False) -> Grant | None:
    """What may still be sent; None where nothing may. `lock`: it is about to be spent."""
    return best(_load(connection, conversation, lock)[0], now)


def _load(connection: Connection, conversation: str, lock: bool = True) -> tuple[Grants, str]:
    of = {"of": conversation}
    row = connection.execute(LOCKED if lock else FOUND, of).one_or_none()
    if row is None and lock:
        values = {"conversation": conversation, "grants": [], "cause": ""}
        connection.execute(insert(connection, QUOTAS).values(**values).on_conflict_do_nothing())
        row = connection.execute(LOCKED, of).one()
    if row is None:
        return (), ""
    return tuple(Grant(count, datetime.fromtimestamp(until, UTC)) for count, until in row[0]), row[1]


def _save(connection: Connection, conversation: str, grants: Grants, cause: str) -> None:
    written = [[each.left, each.until.timestamp()] for each in grants]
    connection.execute(SAVED, {"of": conversation, "written": written, "by": cause})

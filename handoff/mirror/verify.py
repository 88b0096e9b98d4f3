"""Whether both sides hold the same handoffs and events, and sending again what is missing there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, select

from handoff import lookup
from handoff.changes import changed_since
from handoff.mirror.events import Target, event_of
from handoff.mirror.overview import resend
from handoff.store import Store
from handoff.tables import events

PAGE = 100


class NotComparable(Exception):
    """The other side does not tell what it holds."""


@dataclass(frozen=True)
class Held:
    """What the other side holds of a handoff: which statuses of ours agree with its own, and how far it is.

    `seq`: the newest event of the conversation that it has with none missing before; None: it cannot tell.
    `keys`: ids of the messages it has, where it tells those; None otherwise.
    """

    handoff: str
    statuses: Sequence[str]
    seq: int | None
    keys: frozenset[str] | None = None


@dataclass(frozen=True)
class Difference:
    """`after`: the events of the conversation behind this `seq` are to be sent again; None: none are."""

    handoff: str
    conversation: str
    what: str
    after: int | None

    def __str__(self) -> str:
        return f"{self.handoff} {self.conversation}: {self.what}"


class Comparable(Target, Protocol):
    """A target that can tell what it holds."""

    async def held(self, ours: Sequence[Mapping[str, Any]], since: datetime, now: datetime) -> list[Held]:
        """What the other side holds; raises NotComparable."""


async def verify(store: Store, target: Comparable, since: datetime, now: datetime) -> list[Difference]:
    """Compare what changed since a moment with what the other side holds; raises NotComparable."""
    ours = await store.read(lambda connection: changed(connection, since))
    theirs = await target.held(ours, since, now)
    # What happened meanwhile is on its way.
    again = {each["id"]: each for each in await store.read(lambda connection: changed(connection, since))}
    settled = [each for each in ours if again[each["id"]]["updated_at"] == each["updated_at"]]
    return await store.read(lambda connection: differences(connection, settled, theirs, target.wants))


def changed(connection: Connection, since: datetime) -> list[dict[str, Any]]:
    """Every handoff that changed since a moment."""
    found: list[dict[str, Any]] = []
    page, cursor = changed_since(connection, since, None, None, PAGE)
    while page:
        found += page
        page, cursor = changed_since(connection, since, None, cursor, PAGE)
    return found


def differences(
    connection: Connection,
    ours: Sequence[Mapping[str, Any]],
    theirs: Sequence[Held],
    wants: Callable[[str], bool],
) -> list[Difference]:
    """What one side holds and the other does not, by handoff."""
    held = {each.handoff: each for each in theirs}
    found = []
    for each in ours:
        there = held.pop(each["id"], None)
        name, conversation = each["id"], each["conversation"]
        if there is None:
            found.append(Difference(name, conversation, "missing there", 0))
            continue
        missing = _missing(connection, conversation, each["seq"], there, wants)
        if missing is not None:
            found.append(Difference(name, conversation, f"events after {missing} missing there", missing))
        elif each["status"] not in there.statuses:
            told = "/".join(there.statuses)
            found.append(Difference(name, conversation, f"{each['status']} here, {told} there", None))
    for handoff in held:
        if not _exists(connection, handoff):
            found.append(Difference(handoff, "", "unknown here", None))
    return found


def _missing(
    connection: Connection, conversation: str, seq: int, there: Held, wants: Callable[[str], bool]
) -> int | None:
    """The `seq` behind which something is missing there."""
    if there.seq is not None:
        return there.seq if there.seq < seq else None
    if there.keys is None:
        return None
    query = select(events).where(events.c.conversation == conversation, events.c.type == "message.created")
    for row in connection.execute(query.order_by(events.c.seq)).mappings():
        event = event_of(row)
        if not event.origin and wants(event.type) and event.webhook_id not in there.keys:
            return event.seq - 1
    return None


def _exists(connection: Connection, handoff: str) -> bool:
    try:
        lookup.get(connection, handoff)
    except lookup.NotFound:
        return False
    return True


def resend_missing(connection: Connection, now: datetime, name: str, found: Sequence[Difference]) -> int:
    """Send again what is missing there; how many conversations."""
    behind: dict[str, int] = {}
    for each in found:
        if each.after is not None:
            behind[each.conversation] = min(each.after, behind.get(each.conversation, each.after))
    for conversation, after in behind.items():
        resend(connection, now, name, conversation, after)
    return len(behind)

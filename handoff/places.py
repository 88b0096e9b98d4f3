"""The place in the queue as the customer knows it: told once, and again only when it changes by much."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, update

from handoff import lookup
from handoff.lookup import Handoff
from handoff.moves import Moves
from handoff.tables import handoffs


def keep_told(connection: Connection, handoff: Handoff) -> Handoff:
    """Keep the place of one who has just begun to wait and is told it now."""
    if handoff.status != "waiting":
        return handoff
    place = lookup.position(connection, handoff.id)
    connection.execute(update(handoffs).where(handoffs.c.id == handoff.id).values(told_position=place))
    return lookup.get(connection, handoff.id)


def tell_moved(moves: Moves, connection: Connection, now: datetime) -> list[Handoff]:
    """Tell those who wait their place where it has changed by much."""
    told: list[Handoff] = []
    for handoff, place in lookup.moved_places(connection):
        moved = moves.move(connection, now, handoff, "waiting", {"told_position": place}, told=False)
        if moved is not None:
            moves.announce(connection, now, moved, "place", place=place)
            told.append(moved)
    return told

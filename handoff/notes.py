"""Internal notes beside a conversation, which the customer never sees; a whisper is a supervisor's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from handoff.agents import Agent
from handoff.tables import notes


def add(
    connection: Connection,
    now: datetime,
    conversation: str,
    handoff: str,
    agent: Agent,
    text: str,
    *,
    whisper: bool = False,
) -> int:
    """Leave a note and return its id."""
    statement = notes.insert().values(
        conversation=conversation,
        handoff=handoff,
        agent=agent.id,
        agent_name=agent.name,
        whisper=whisper,
        text=text,
        at=now,
    )
    return int(connection.execute(statement.returning(notes.c.id)).scalar_one())


def read(connection: Connection, conversation: str, limit: int = 200) -> list[RowMapping]:
    """The last notes of a conversation, oldest first."""
    query = select(notes).where(notes.c.conversation == conversation).order_by(notes.c.id.desc()).limit(limit)
    return list(connection.execute(query).mappings())[::-1]

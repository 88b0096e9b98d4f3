"""How satisfied customers were (满意度): asked once after a matter is settled, 1 to 5 and a word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from handoff import lookup, outbox
from handoff.lookup import Handoff
from handoff.moves import words
from handoff.tables import ratings

ASKED_EVERY = timedelta(days=1)
"""A customer who comes back the same day is not asked twice."""
MAX_WORD = 500


def choices() -> Sequence[str]:
    """The five answers, worst first, so that the first is 1 point."""
    answers: Sequence[str] = words()["ratings"]
    return answers


def ask(connection: Connection, now: datetime, handoff: Handoff) -> bool:
    """Note that the customer is asked now; False where he was asked within a day."""
    lately = select(ratings.c.handoff).where(
        ratings.c.conversation == handoff.conversation, ratings.c.asked_at > now - ASKED_EVERY
    )
    if connection.execute(lately.limit(1)).first():
        return False
    connection.execute(
        ratings.insert().values(
            handoff=handoff.id, conversation=handoff.conversation, agent=handoff.agent_id, asked_at=now
        )
    )
    return True


def answer(connection: Connection, now: datetime, id: str, score: int, word: str = "") -> bool:
    """Keep the customer's rating of a handoff and tell it; False where it was rated before."""
    word = word.strip()[:MAX_WORD]
    rated = connection.execute(
        update(ratings)
        .where(ratings.c.handoff == id, ratings.c.score.is_(None))
        .values(score=score, word=word, answered_at=now)
    )
    if rated.rowcount:
        _tell(connection, now, id, score, word)
    return rated.rowcount > 0


def add_word(connection: Connection, now: datetime, id: str, word: str) -> None:
    """Keep the word that comes after the score, and tell both."""
    row = connection.execute(
        update(ratings)
        .where(ratings.c.handoff == id, ratings.c.score.is_not(None), ratings.c.word == "")
        .values(word=word.strip()[:MAX_WORD])
        .returning(ratings.c.score, ratings.c.word)
    ).one_or_none()
    if row:
        _tell(connection, now, id, *row)


def _tell(connection: Connection, now: datetime, id: str, score: int, word: str) -> None:
    handoff = lookup.get(connection, id)
    agent = {"id": handoff.agent_id, "name": handoff.agent_name}
    data: dict[str, Any] = {"handoff": id, "agent": agent, "score": score, "word": word}
    outbox.add(connection, now, handoff.conversation, "conversation.rated", data)


def of_conversation(connection: Connection, conversation: str) -> list[RowMapping]:
    """What a customer answered, newest first."""
    query = select(ratings).where(ratings.c.conversation == conversation)
    return list(connection.execute(query.order_by(ratings.c.asked_at.desc())).mappings())

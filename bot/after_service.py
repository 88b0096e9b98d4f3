"""After a person's part: the customer's rating, a word to it, and coming back with the same matter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from unicodedata import normalize

from sqlalchemy import Connection

from bot.wording import say
from handoff import ratings
from handoff.queue import Queue
from intents.meaning import Decision, Reply, Turn
from intents.queue_words import queued

SCORE = re.compile(r"([1-5])(?:\s*分)?(?:(?<=分)|$|(?=[\s,，。!！;；]))[\s,，。!！;；]*(.*)", re.DOTALL)
UNSATISFIED = 2
"""So few points or fewer bring the customer back to a person."""


def rated(connection: Connection, turn: Turn) -> Decision | None:
    """The answer to a rating that was asked for; None where the message is none."""
    id = str(turn.conversation.memory.get("rating", ""))
    if not id or turn.conversation.handled_by != "bot" or turn.conversation.forms:
        return None
    score, word = read_rating(turn.meaning.text)
    if not score:
        return None
    if not ratings.answer(connection, turn.now, id, score, word):
        return None
    forget: dict[str, Any] = {"rating": None, "rated": None if word else id}
    if score > UNSATISFIED:
        return Decision((Reply(say("rated")),), memory=forget)
    reply, ask = queued(turn, "dispute")
    return Decision((Reply(say("rated_low")), reply), effects=(ask,), memory=forget)


def read_rating(text: str) -> tuple[int, str]:
    """`5分，很好` → 5 and the word; 0 where there is no rating. One of the offered words counts as well."""
    said = normalize("NFKC", text).strip()
    if said in ratings.choices():
        return ratings.choices().index(said) + 1, ""
    found = SCORE.fullmatch(said)
    return (int(found[1]), found[2].strip()) if found else (0, "")


def come_back(connection: Connection, queue: Queue, turn: Turn, decision: Decision) -> Decision:
    """What is not understood soon after a person's part is a word to the rating, or goes to that person."""
    memory = turn.conversation.memory
    rating = str(memory.get("rated", ""))
    if rating:
        decision = replace(decision, memory={**decision.memory, "rated": None})
    if not decision.missed or turn.conversation.handled_by != "bot" or turn.conversation.forms:
        return decision
    if rating:
        ratings.add_word(connection, turn.now, rating, turn.meaning.text)
        return Decision((Reply(say("rated")),), memory={"rated": None})
    if not _served_lately(memory, turn.now, queue):
        return decision
    reply, ask = queued(turn, "not_understood")
    return Decision((reply,), effects=(ask,))


def _served_lately(memory: Mapping[str, Any], now: datetime, queue: Queue) -> bool:
    served = memory.get("served")
    return isinstance(served, dict) and now - datetime.fromisoformat(served["at"]) <= queue.rules.reopen

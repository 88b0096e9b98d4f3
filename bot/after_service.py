"""After a person's part: the customer's rating with a word, his answer to a follow-up, and coming back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from unicodedata import normalize

from sqlalchemy import Connection

from bot import follow_ups
from bot.cases import closed_among
from bot.facts import load_queue
from bot.follow_ups import REOPENED
from bot.wording import say
from handoff import lookup, ratings
from handoff.queue import Queue
from intents.decide import SAYS_NO_WISH, decide
from intents.meaning import Decision, Reply, Turn, UpdateCase
from intents.queue_words import queued

SCORE = re.compile(say("score_pattern"), re.DOTALL)
SOLVED, UNSOLVED = re.compile(say("solved_pattern")), re.compile(say("unsolved_pattern"))
NO_WISH = {*SAYS_NO_WISH, "inform"}
UNSATISFIED = 2
"""So few points or fewer bring the customer back to a person."""


def decide_after(connection: Connection, queue: Queue, turn: Turn) -> tuple[Turn, Decision]:
    """Decide a message, which may answer what was asked after a person's part."""
    memory = turn.conversation.memory
    alone = turn.conversation.handled_by == "bot" and not turn.conversation.forms
    if not alone or not memory.keys() & {"rating", "rated", "follow_up", "served"}:
        return turn, decide(turn)
    turn = replace(turn, facts=replace(turn.facts, **_queue_facts(connection, turn)))
    decision = _answered(connection, turn) or _rated(connection, turn)
    return turn, decision or _came_back(connection, queue, turn, decide(turn))


def _queue_facts(connection: Connection, turn: Turn) -> dict[str, Any]:
    facts = load_queue(connection, turn.conversation)
    return {"queue_position": facts.queue_position, "waiting": facts.waiting}


def _answered(connection: Connection, turn: Turn) -> Decision | None:
    """The answer to a follow-up; None where the message is none."""
    number, text = str(turn.conversation.memory.get("follow_up", "")), turn.meaning.text
    unsolved = bool(UNSOLVED.search(text))
    if not number or not (unsolved or SOLVED.search(text)):
        return None
    status = "unsatisfied" if unsolved else "satisfied"
    if not follow_ups.answer(connection, turn.now, number, status, text):
        return None
    forget = {"follow_up": None}
    if not unsolved:
        return Decision((Reply(say("follow_up_solved")),), memory=forget)
    orders = _reopened(connection, (number,), f"follow_up.unsatisfied {text}")
    return _to_person(turn, say("follow_up_unsolved", number=number), orders, forget)


def _rated(connection: Connection, turn: Turn) -> Decision | None:
    """The rating that was asked for; None where the message is none. A wish beside it is served."""
    id, text = str(turn.conversation.memory.get("rating", "")), turn.meaning.text
    score, word = read_rating(text) if id else (0, "")
    if not score or not ratings.answer(connection, turn.now, id, score, word):
        return None
    forget = {"rating": None, "rated": None if word else id}
    thanks = Reply(say("rated"))
    if score > UNSATISFIED and word and turn.meaning.intent not in NO_WISH:
        wished = decide(turn)
        return replace(wished, replies=(thanks, *wished.replies), memory={**wished.memory, **forget})
    if score > UNSATISFIED:
        return Decision((thanks,), memory=forget)
    orders = _reopened(connection, lookup.get(connection, id).cases, f"rated {text}")
    return _to_person(turn, say("rated_low"), orders, forget)


def read_rating(text: str) -> tuple[int, str]:
    """`5分，很好` → 5 and the word; 0 where there is no rating. One of the offered words counts as well."""
    said = normalize("NFKC", text).strip()
    if said in ratings.choices():
        return ratings.choices().index(said) + 1, ""
    found = SCORE.fullmatch(said)
    return (int(found["score"]), (found["word"] or found["said"] or "").strip()) if found else (0, "")


def _came_back(connection: Connection, queue: Queue, turn: Turn, decision: Decision) -> Decision:
    """What is not understood soon after a person's part is a word to the rating, or goes to that person."""
    memory = turn.conversation.memory
    if rated := str(memory.get("rated", "")):
        decision = replace(decision, memory={**decision.memory, "rated": None})
    if rated and (decision.missed or turn.meaning.intent in NO_WISH):
        ratings.add_word(connection, turn.now, rated, turn.meaning.text)
        return Decision((Reply(say("rated")),), memory={"rated": None})
    if not decision.missed or not _within(memory.get("served"), turn.now, queue):
        return decision
    reply, ask = queued(turn, "not_understood")
    return Decision((reply,), effects=(ask,))


def _within(served: Any, now: datetime, queue: Queue) -> bool:
    return served is not None and now - datetime.fromisoformat(served["at"]) <= queue.rules.reopen


def _reopened(connection: Connection, numbers: Sequence[str], what: str) -> list[UpdateCase]:
    """The orders that open closed cases again."""
    closed = closed_among(connection, numbers)
    return [
        UpdateCase(number, what, REOPENED[kind], contact=True)
        for number, kind in closed.items()
        if kind in REOPENED
    ]


def _to_person(turn: Turn, sorry: str, orders: Iterable[UpdateCase], forget: dict[str, Any]) -> Decision:
    """Who is not satisfied goes to a person, before others."""
    reply, ask = queued(turn, "dispute")
    return Decision((Reply(sorry), reply), effects=(*orders, ask), memory=forget)

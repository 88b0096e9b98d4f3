"""The human queue in words: asking for a person, asking for the place, and leaving again."""

from __future__ import annotations

import re

from faq.service_hours import desk_open, next_opening
from intents.meaning import AskHuman, Decision, LeaveQueue, Reply, Turn
from intents.wording import wording

say = wording("dialogue")

ASKS_PLACE = re.compile(say("asks_place_pattern"))
LEAVES = re.compile(say("leaves_queue_pattern"))
NEVER_MIND = re.compile(say("never_mind_pattern"))
"""Said right after the place in the queue it is about that, whatever form is open."""
RANKS = ("urgent", "high", "normal")
PRIORITIES = {
    "regulator": "urgent",
    "threat": "urgent",
    "repeat_complaint": "urgent",
    "upset": "high",
    "dispute": "high",
    "complaint": "high",
}
"""By reason (rules: complaints, the human queue); the rest is normal."""


def queued(turn: Turn, reason: str, priority: str = "") -> tuple[Reply, AskHuman]:
    """The reply that tells the place in the queue or the opening hour, and the effect beside it."""
    priority = priority or PRIORITIES.get(reason, "normal")
    phone = turn.meaning.slots.get("phone") or turn.conversation.verified_phone or ""
    ask = AskHuman(reason, priority, phone)
    if not desk_open(turn.now, turn.knowledge.desk):
        opening = next_opening(turn.now, turn.knowledge.desk)
        return Reply(say("closed", opening=opening, phone=masked(phone))), ask
    if turn.facts.queue_position is not None and priority == "normal":
        return Reply(say("already_queued", position=turn.facts.queue_position)), ask
    waiting = turn.facts.waiting
    served_before = RANKS[: RANKS.index(priority) + 1]
    ahead = None if waiting is None else sum(waiting.get(rank, 0) for rank in served_before)
    return Reply(say("queued", reason=reason, ahead=ahead)), ask


def about_queue(turn: Turn) -> Decision | None:
    """The answer to one who waits and asks for the place, or no longer wants to wait."""
    if turn.conversation.handled_by != "queue":
        return None
    forms, text = turn.conversation.forms, turn.meaning.text
    if LEAVES.search(text) or (turn.conversation.memory.get("queued") and NEVER_MIND.fullmatch(text)):
        return Decision((Reply(say("left_queue")),), forms, (LeaveQueue(),))
    position = turn.facts.queue_position
    if position is not None and ASKS_PLACE.search(text):
        return Decision((Reply(say("already_queued", position=position)),), forms)
    return None


def masked(phone: str) -> str:
    """13800138000 → 138****8000."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else phone

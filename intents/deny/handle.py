"""A bare no with no form open: who waits for a person and needs none any more leaves the queue."""

from __future__ import annotations

from intents.meaning import Decision, LeaveQueue, Reply, Turn
from intents.queue_words import NEVER_MIND
from intents.wording import wording

say, dialogue = wording("deny"), wording("dialogue")


def handle(turn: Turn) -> Decision:
    forms, position = turn.conversation.forms, turn.facts.queue_position
    if turn.conversation.handled_by == "queue" and NEVER_MIND.fullmatch(turn.meaning.text):
        return Decision((Reply(dialogue("left_queue")),), forms, (LeaveQueue(),))
    # 没收到, 不对 and the like say something of the matter; nobody loses his place by them.
    if position is not None:
        return Decision((Reply(dialogue("already_queued", position=position)),), forms)
    return Decision((Reply(say("anything")),), forms)

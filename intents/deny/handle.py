"""A bare no with no form open: whoever waits for a person leaves the queue."""

from __future__ import annotations

from intents.meaning import Decision, LeaveQueue, Reply, Turn
from intents.wording import wording

say, dialogue = wording("deny"), wording("dialogue")


def handle(turn: Turn) -> Decision:
    if turn.conversation.handled_by == "queue":
        return Decision((Reply(dialogue("left_queue")),), turn.conversation.forms, (LeaveQueue(),))
    return Decision((Reply(say("anything")),), turn.conversation.forms)

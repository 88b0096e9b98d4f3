"""A bare yes with no form open."""

from __future__ import annotations

from intents.meaning import Decision, Reply, Turn
from intents.wording import wording

say = wording("affirm")


def handle(turn: Turn) -> Decision:
    return Decision((Reply(say("anything")),), turn.conversation.forms)

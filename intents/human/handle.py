"""The customer asks for a person: into the queue, with the form kept as it is."""

from __future__ import annotations

from intents.meaning import Decision, Turn
from intents.queue_words import queued


def handle(turn: Turn) -> Decision:
    """Asking for a person is consent; the place in the queue is said."""
    reply, ask = queued(turn, "requested")
    return Decision((reply,), turn.conversation.forms, (ask,))

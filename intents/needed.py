"""What a turn must know before it is decided."""

from __future__ import annotations

from intents.alarm import alarm
from intents.identity import about_identity
from intents.meaning import Conversation, Meaning
from intents.registry import intents
from intents.wanted import first_wish


def needed_facts(meaning: Meaning, conversation: Conversation) -> frozenset[str]:
    """The facts to load before deciding: those of the wish, of second wishes and of every form open."""
    labels = {
        first_wish(meaning),
        str(conversation.memory.get("offered")),
        *meaning.also,
        *(form.intent for form in conversation.forms),
    }
    known = intents()
    facts = frozenset[str]().union(*(known[label].facts for label in labels if label in known))
    if conversation.memory.get("case") and not conversation.forms:
        facts |= intents()["pickup_change"].facts
    if about_identity(meaning.text):
        facts |= {"shipments"}
    waits = conversation.handled_by == "queue"
    may_ask_human = conversation.misunderstood or any(form.misses for form in conversation.forms)
    return facts | {"queue"} if waits or may_ask_human or alarm(meaning.text) else facts

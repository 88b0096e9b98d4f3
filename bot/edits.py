"""A message that the customer changed after it was sent: kept as a new version, offered as a correction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.wording import say
from intents.meaning import Decision, Reply, Turn

SHOWN = 60
"""Characters of a version that the offer repeats."""


def offer(turn: Turn, before: str) -> Decision:
    """Nothing is changed yet: the open question stays as it is, with one choice more."""
    conversation = turn.conversation
    choices = (say("edit_take"), *choices_of(conversation.memory))
    reply = Reply(say("edit_offer", before=_short(before), after=_short(turn.meaning.text)), choices)
    return Decision((reply,), conversation.forms, memory={"edited": turn.meaning.text})


def taken(memory: Mapping[str, Any], text: str) -> str:
    """What a message says: the offered correction where the customer takes it, else itself."""
    edited = memory.get("edited")
    return edited if isinstance(edited, str) and text.strip() == say("edit_take") else text


def choices_of(memory: Mapping[str, Any]) -> tuple[str, ...]:
    """What was offered last and still is, without an earlier correction."""
    return tuple(each for each in memory.get("choices") or () if each != say("edit_take"))


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"

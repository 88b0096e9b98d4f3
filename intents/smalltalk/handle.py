"""Greeting, thanks, goodbye, praise, a bare insult, asking whether it is a robot."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from intents.meaning import Decision, Reply, Turn
from intents.wording import wording

say = wording("smalltalk")

KINDS: dict[str, re.Pattern[str]] = {
    kind: re.compile(words, re.IGNORECASE)
    for kind, words in yaml.safe_load(Path(__file__).with_name("words.yaml").read_text("utf-8")).items()
}


def handle(turn: Turn) -> Decision:
    text = turn.meaning.text
    kind = next((kind for kind, pattern in KINDS.items() if pattern.search(text)), "hello")
    choices = tuple(map(say, ("book", "track", "complain", "claim", "person"))) if kind == "hello" else ()
    return Decision((Reply(say(kind, company=turn.knowledge.company), choices),), turn.conversation.forms)

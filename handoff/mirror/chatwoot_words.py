"""What agents read in Chatwoot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

_WORDS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("chatwoot.yaml").read_text("utf-8"))
AGENT, SYSTEM = "agent", "system"
TAKEN: str = _WORDS["taken"]
RETURNED: str = _WORDS["returned"]
LONGEST = 100_000
"""Characters of a note; Chatwoot refuses 150,000."""


def note(handoff: Mapping[str, Any], words: Sequence[Mapping[str, Any]]) -> str:
    """The summary of a handoff with what was said before."""
    lines = [f"{each['at']:%m-%d %H:%M} {_who(each)}：{said(each)}" for each in words]
    values = {name: handoff[name] for name in ("reason", "priority", "summary")}
    text: str = _WORDS["note"].format(**values, words="\n".join(lines)[-LONGEST:])
    return text


def said(word: Mapping[str, Any]) -> str:
    """A word with the pictures that came with it."""
    files = [each.get("url") or each.get("name", "") for each in word.get("attachments") or ()]
    return "\n".join(filter(None, [word["text"], *files])) or "…"


def undelivered(reason: str, agent: str = "") -> str:
    """Tells an agent that a word of his did not reach the customer."""
    text: str = _WORDS["undelivered"].format(reason=_WORDS["reasons"][reason].format(agent=agent))
    return text


def _who(word: Mapping[str, Any]) -> str:
    return str(word.get("name") or _WORDS["senders"][word["sender"]])

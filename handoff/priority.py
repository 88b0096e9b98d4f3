"""How urgent a request is; the highest priority is served first, the longest waiting within it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

RANKS = {"urgent": 0, "high": 1, "normal": 2}


@cache
def _by_reason() -> dict[str, str]:
    data: dict[str, str] = yaml.safe_load(Path(__file__).with_name("priority.yaml").read_text("utf-8"))
    return data


def higher(one: str, other: str) -> str:
    """The more urgent of two priorities."""
    return min(one, other, key=RANKS.__getitem__)


def rank_of(priority: str, *, front: bool = False) -> int:
    """The place of a priority in the order of service; `front` for who was with an agent already."""
    return 2 * RANKS[priority] + (0 if front else 1)


def priority_of(reason: str, asked: str = "normal") -> str:
    """The priority of a request: that of its reason, or a higher one asked for."""
    return higher(_by_reason().get(reason, "normal"), asked)


def level_of(priority: str) -> str:
    """The lowest role that a priority calls for: what is urgent goes to a supervisor."""
    return "supervisor" if priority == "urgent" else "agent"

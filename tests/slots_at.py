"""The moment at which the sentences of the slot tests are said: Monday, 23 November 2026, ten o'clock."""

from datetime import datetime
from typing import Any

from intents.slots import find_slots

NOW = datetime.fromisoformat("2026-11-23T10:00:00+08:00")


def slot(name: str, text: str) -> Any:
    """One slot of a sentence, None where it is not said."""
    return find_slots(text, NOW).get(name)

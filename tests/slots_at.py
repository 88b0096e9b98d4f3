"""The moment at which the sentences of the slot tests are said: Monday, 23 November 2026, ten o'clock."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from intents.goods import with_goods
from intents.slots import read

NOW = datetime.fromisoformat("2026-11-23T10:00:00+08:00")


def slots_of(text: str, now: datetime = NOW) -> Mapping[str, Any]:
    """The slots of a sentence by the grammars and the tagger, before anybody knows what it wants."""
    return with_goods(read(text, now)).slots


def slot(name: str, text: str) -> Any:
    """One slot of a sentence, None where it is not said."""
    return slots_of(text).get(name)

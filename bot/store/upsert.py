"""INSERT … ON CONFLICT, as the human side has it too."""

from handoff.upsert import insert

__all__ = ["insert"]

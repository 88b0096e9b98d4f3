"""A cancel with no form open is a no."""

from __future__ import annotations

from intents.deny.handle import handle

__all__ = ["handle"]

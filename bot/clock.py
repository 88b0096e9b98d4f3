"""The one place that reads the clock, from the operating system."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def now(zone: ZoneInfo) -> datetime:
    """The present moment, aware, in the courier's time zone."""
    return datetime.now(zone)

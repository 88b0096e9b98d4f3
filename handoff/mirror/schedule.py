"""When a delivery that failed is tried again: the schedule of Standard Webhooks, 75 hours in all."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

SECOND, MINUTE, HOUR = 1.0, 60.0, 3600.0
RETRIES = (5 * SECOND, 5 * MINUTE, 30 * MINUTE, *(hours * HOUR for hours in (2, 5, 10, 14, 20, 24)))
"""The waits after the first try at once, the second …; after the last the event is a dead letter."""
GIVEN_UP = timedelta(seconds=sum(RETRIES))
"""An endpoint that takes nothing for as long is paused."""
PROBES = (5 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE)
"""The waits of an endpoint that takes nothing at all: one event is tried, until one is taken."""
JITTER = 0.1
"""A wait grows by up to this share, so that many do not come back at one moment; it is never shorter."""
LONGEST = 24 * HOUR
"""As long as this an endpoint may ask us to wait."""


def retry_in(tries: int, retry_after: float | None = None) -> timedelta | None:
    """The wait after the failed try number `tries` (from 1); None where it was the last."""
    if tries > len(RETRIES):
        return None
    return _wait(RETRIES[tries - 1], retry_after)


def probe_in(tries: int, retry_after: float | None = None) -> timedelta:
    """The wait before the next probe of an endpoint that takes nothing, after `tries` of them."""
    return _wait(PROBES[min(tries, len(PROBES) - 1)], retry_after)


def _wait(seconds: float, retry_after: float | None) -> timedelta:
    seconds *= 1 + random.random() * JITTER
    return timedelta(seconds=max(seconds, min(retry_after or 0.0, LONGEST)))


def read_retry_after(header: str, now: datetime) -> float | None:
    """The seconds that `Retry-After` asks for, which names them or a date; None where it says neither."""
    header = header.strip()
    if header.isdecimal() and len(header) < 10:
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except (ValueError, IndexError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())

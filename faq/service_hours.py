"""When parcels are collected and when people sit at the desk; every time is aware and handed in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

WINDOW = timedelta(hours=2)
"""How long a proposed window is, where the hours allow it."""
SHORTEST = timedelta(minutes=30)
"""A remainder of a window shorter than this is no use to a courier."""
GRID_MINUTES = 15
"""Proposed times start on this grid."""
SEARCHED_DAYS = 400


@dataclass(frozen=True, slots=True)
class PickupHours:
    """Daily hours of collection, notice needed, and how far ahead a pickup may be booked."""

    start: time
    end: time
    lead_minutes: int
    max_days_ahead: int
    closed_days: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class DeskHours:
    """When people answer; `days` has the weekdays, Monday = 0.

    `breaks` split the day into shifts, in their order; `work_days` are those on which people make up for
    a holiday (调休上班), whatever weekday they are.
    """

    start: time
    end: time
    days: frozenset[int] = frozenset(range(7))
    closed_days: frozenset[date] = frozenset()
    breaks: tuple[tuple[time, time], ...] = ()
    work_days: frozenset[date] = frozenset()

    @property
    def shifts(self) -> tuple[tuple[time, time], ...]:
        """The spans of a day in which people answer."""
        starts = (self.start, *(end for _, end in self.breaks))
        ends = (*(start for start, _ in self.breaks), self.end)
        return tuple(zip(starts, ends, strict=True))


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time; a point has `end` equal to `start`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class PickupCheck:
    """`window` is the wish cut to what is possible, or the nearest possible where it is not.

    `reason` is empty, or `past`, `too_soon`, `outside_hours`, `closed`, `too_far`.
    """

    ok: bool
    window: Window
    reason: str = ""


def check_pickup(window: Window, now: datetime, hours: PickupHours) -> PickupCheck:
    """Whether a wished pickup time is possible; a window needs only a usable part inside the hours."""
    start, end = window.start.astimezone(now.tzinfo), window.end.astimezone(now.tzinfo)
    wish = Window(start, max(start, end))
    possible = tuple(_possible(now, hours))
    enough = min(SHORTEST, wish.end - wish.start)
    for day in possible:
        cut = Window(max(wish.start, day.start), min(wish.end, day.end))
        if cut.end - cut.start >= enough:
            return PickupCheck(True, cut)
    reason = _reason(wish, now, hours, possible[-1])
    usable = [day for day in possible if _is_usable(day)]
    return PickupCheck(False, _proposal(wish, usable, reason), reason)


def _proposal(wish: Window, usable: list[Window], reason: str) -> Window:
    """The nearest window; where the whole day is impossible, the wished hour of the nearest day.

    Of two days equally near the later one is meant: nobody has packed before the wished day.
    """
    if reason in ("closed", "too_far"):
        wished = wish.start
        day = min(usable, key=lambda day: (abs(day.start.date() - wished.date()), wished > day.start))
        return _nearest(datetime.combine(day.start.date(), wished.timetz()), day)
    proposals = [_nearest(wish.start, day) for day in usable]
    return min(proposals, key=lambda proposal: abs(proposal.start - wish.start))


def next_pickup(now: datetime, hours: PickupHours) -> Window:
    """The first possible window, of about two hours."""
    return _nearest(now, next(day for day in _possible(now, hours) if _is_usable(day)))


def _possible(now: datetime, hours: PickupHours) -> Iterator[Window]:
    """What can still be booked, a window a day, in order; at least one is usable.

    Where no day within `max_days_ahead` is, the first usable one after them counts.
    """
    earliest = now + timedelta(minutes=hours.lead_minutes)
    usable = False
    for ahead in range(SEARCHED_DAYS):
        if usable and ahead > hours.max_days_ahead:
            return
        day = now.date() + timedelta(days=ahead)
        whole = _hours_of(day, now, hours)
        rest = Window(max(whole.start, earliest), whole.end)
        if day not in hours.closed_days and rest.start <= rest.end:
            usable = usable or _is_usable(rest)
            yield rest
    if not usable:
        raise ValueError(f"expected an open day within {SEARCHED_DAYS} days of {now.date()}")


def _is_usable(day: Window) -> bool:
    return day.end - day.start >= SHORTEST


def _hours_of(day: date, now: datetime, hours: PickupHours) -> Window:
    return Window(
        datetime.combine(day, hours.start, now.tzinfo), datetime.combine(day, hours.end, now.tzinfo)
    )


def _nearest(wished: datetime, day: Window) -> Window:
    """The window of about two hours inside a day that starts nearest to a wished time."""
    latest = max(day.start, day.end - WINDOW)
    start = _on_grid(min(max(wished, day.start), latest))
    if day.end - start < SHORTEST:
        start = day.start
    return Window(start, min(start + WINDOW, day.end))


def _on_grid(at: datetime) -> datetime:
    """Up to the next quarter of an hour."""
    over = timedelta(minutes=at.minute % GRID_MINUTES, seconds=at.second, microseconds=at.microsecond)
    return at - over + timedelta(minutes=GRID_MINUTES) if over else at


def _reason(wish: Window, now: datetime, hours: PickupHours, last: Window) -> str:
    """Why no part of a wish is possible; the first that holds."""
    earliest = now + timedelta(minutes=hours.lead_minutes)
    if wish.end < now:
        return "past"
    if wish.start.date() > last.start.date():
        return "too_far"
    if wish.start.date() in hours.closed_days:
        return "closed"
    whole = _hours_of(wish.start.date(), now, hours)
    if wish.start > whole.end or wish.end < whole.start:
        return "outside_hours"
    if now > whole.end and wish.start < now:
        return "outside_hours"
    return "too_soon" if wish.start < earliest + SHORTEST else "outside_hours"


def desk_open(now: datetime, hours: DeskHours) -> bool:
    """Whether people answer now; the closing minute is closed."""
    return _desk_day(now.date(), hours) and any(start <= now.time() < end for start, end in hours.shifts)


def next_opening(now: datetime, hours: DeskHours) -> datetime:
    """When the desk opens next; `now` where it is open."""
    if desk_open(now, hours):
        return now
    days = (now.date() + timedelta(days=ahead) for ahead in range(SEARCHED_DAYS))
    openings = (
        datetime.combine(day, start, now.tzinfo)
        for day in days
        if _desk_day(day, hours)
        for start, _ in hours.shifts
    )
    opening = next((each for each in openings if each > now), None)
    if opening is None:
        raise ValueError(f"expected an open day within {SEARCHED_DAYS} days of {now.date()}")
    return opening


def next_closing(now: datetime, hours: DeskHours) -> datetime:
    """When the desk that is open now closes, be it for a break; one open to `time.max` goes on overnight."""
    end = next(end for start, end in hours.shifts if start <= now.time() < end)
    closing = datetime.combine(now.date(), end, now.tzinfo)
    return closing + time.resolution if end == time.max else closing


def _desk_day(day: date, hours: DeskHours) -> bool:
    if day in hours.closed_days:
        return False
    return day.weekday() in hours.days or day in hours.work_days

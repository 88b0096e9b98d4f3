"""Pickup windows and desk hours: wishes and a clock in, what is possible out."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.service_hours import (
    DeskHours,
    PickupHours,
    Window,
    check_pickup,
    desk_open,
    next_opening,
    next_pickup,
)

CHINA = ZoneInfo("Asia/Shanghai")
HOURS = PickupHours(time(8), time(20), lead_minutes=60, max_days_ahead=7)


def at(text: str) -> datetime:
    """`23 10:00` is a time in November 2026; the 23rd is a Monday."""
    day, clock = text.split()
    return datetime.combine(date(2026, 11, 1), time.fromisoformat(clock), CHINA) + timedelta(int(day) - 1)


def window(text: str) -> Window:
    """`23 10:00 12:00`, `23 10:00` for a point, `23` for the whole day."""
    day, *clocks = text.split()
    start = at(f"{day} {clocks[0] if clocks else '00:00'}")
    end = at(f"{day} {clocks[-1]}") if clocks else start + timedelta(days=1)
    return Window(start, end)


def shown(found: Window) -> str:
    return f"{found.start:%d %H:%M} {found.end:%H:%M}"


@pytest.mark.parametrize(
    ("wish", "now", "possible"),
    [
        ("24 14:00 16:00", "23 10:00", "24 14:00 16:00"),
        ("24 15:00", "23 10:00", "24 15:00 15:00"),
        ("24 20:00", "23 10:00", "24 20:00 20:00"),
        ("24", "23 10:00", "24 08:00 20:00"),
        ("23", "23 10:10", "23 11:10 20:00"),
        ("24 18:00 22:00", "23 10:00", "24 18:00 20:00"),
        ("24 06:00 09:00", "23 10:00", "24 08:00 09:00"),
        ("23 11:00", "23 10:00", "23 11:00 11:00"),
        ("23 10:00 12:00", "23 10:00", "23 11:00 12:00"),
        ("30 09:00", "23 10:00", "30 09:00 09:00"),
        ("23 19:55", "23 18:50", "23 19:55 19:55"),
    ],
)
def test_a_possible_wish_is_kept_or_cut_to_the_hours(wish: str, now: str, possible: str) -> None:
    check = check_pickup(window(wish), at(now), HOURS)
    assert (check.ok, check.reason, shown(check.window)) == (True, "", possible)


@pytest.mark.parametrize(
    ("wish", "now", "reason", "proposed"),
    [
        ("23 21:00", "23 21:00", "outside_hours", "24 08:00 10:00"),
        ("23 10:00", "23 10:00", "too_soon", "23 11:00 13:00"),
        ("23 10:30", "23 10:07", "too_soon", "23 11:15 13:15"),
        ("23 09:00", "23 10:00", "past", "23 11:00 13:00"),
        ("22 15:00 17:00", "23 10:00", "past", "23 11:00 13:00"),
        ("23 09:00", "23 21:00", "past", "24 08:00 10:00"),
        ("23 21:30", "23 10:00", "outside_hours", "23 18:00 20:00"),
        ("24 07:00", "23 10:00", "outside_hours", "24 08:00 10:00"),
        ("24 22:00 23:00", "23 10:00", "outside_hours", "24 18:00 20:00"),
        ("23", "23 19:30", "too_soon", "24 08:00 10:00"),
        ("23", "23 20:30", "outside_hours", "24 08:00 10:00"),
        ("23 18:00 20:00", "23 18:58", "too_soon", "24 08:00 10:00"),
        ("31 09:00", "23 10:00", "too_far", "30 09:00 11:00"),
    ],
)
def test_an_impossible_wish_gets_the_nearest_window_and_the_reason(
    wish: str, now: str, reason: str, proposed: str
) -> None:
    check = check_pickup(window(wish), at(now), HOURS)
    assert (check.ok, check.reason, shown(check.window)) == (False, reason, proposed)


def test_a_closed_day_gives_way_to_the_nearest_open_one() -> None:
    hours = PickupHours(time(8), time(20), 60, 7, frozenset({date(2026, 11, 24)}))
    check = check_pickup(window("24 09:00"), at("23 10:00"), hours)
    assert (check.reason, shown(check.window)) == ("closed", "25 09:00 11:00")


def test_a_holiday_longer_than_the_days_ahead_ends_with_its_first_open_day() -> None:
    closed = frozenset(date(2026, 11, 23) + timedelta(days=ahead) for ahead in range(6))
    hours = PickupHours(time(8), time(20), 60, 3, closed)
    assert shown(next_pickup(at("23 10:00"), hours)) == "29 08:00 10:00"
    assert check_pickup(window("29 15:00"), at("23 10:00"), hours).ok
    assert check_pickup(window("30 15:00"), at("23 10:00"), hours).reason == "too_far"


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("23 10:00", "23 11:00 13:00"),
        ("23 10:01", "23 11:15 13:15"),
        ("23 05:00", "23 08:00 10:00"),
        ("23 18:20", "23 19:30 20:00"),
        ("23 18:45", "24 08:00 10:00"),
        ("23 23:30", "24 08:00 10:00"),
    ],
)
def test_the_first_possible_window_is_of_about_two_hours(now: str, first: str) -> None:
    assert shown(next_pickup(at(now), HOURS)) == first


def test_a_wish_in_another_offset_is_the_same_time() -> None:
    wish = Window(
        datetime.fromisoformat("2026-11-24T07:00:00+00:00"),
        datetime.fromisoformat("2026-11-24T08:00:00+00:00"),
    )
    assert shown(check_pickup(wish, at("23 10:00"), HOURS).window) == "24 15:00 16:00"


moments = st.integers(0, 15 * 24 * 60 * 4).map(
    lambda quarters: at("20 00:00") + timedelta(seconds=15 * quarters)
)
some_hours = st.builds(
    PickupHours,
    st.times(time(6), time(10)),
    st.times(time(16), time(23, 59)),
    st.integers(0, 2000),
    st.integers(0, 10),
    st.frozensets(st.dates(date(2026, 11, 20), date(2026, 12, 5)), max_size=8),
)


@settings(max_examples=300)
@given(moments, st.timedeltas(timedelta(0), timedelta(days=3)), moments, some_hours)
def test_what_is_proposed_is_itself_possible(
    start: datetime, length: timedelta, now: datetime, hours: PickupHours
) -> None:
    proposed = check_pickup(Window(start, start + length), now, hours).window
    again = check_pickup(proposed, now, hours)
    assert (again.ok, again.window) == (True, proposed)
    first = next_pickup(now, hours)
    assert check_pickup(first, now, hours).ok
    assert first.start >= now + timedelta(minutes=hours.lead_minutes)


DESK = DeskHours(time(9), time(18), frozenset(range(5)), frozenset({date(2026, 11, 25)}))


@pytest.mark.parametrize(
    ("now", "is_open", "opening"),
    [
        ("23 09:00", True, "23 09:00"),
        ("23 17:59", True, "23 17:59"),
        ("23 18:00", False, "24 09:00"),
        ("23 08:59", False, "23 09:00"),
        ("24 20:00", False, "26 09:00"),
        ("25 10:00", False, "26 09:00"),
        ("27 18:30", False, "30 09:00"),
        ("28 10:00", False, "30 09:00"),
    ],
)
def test_the_desk_opens_on_its_days_and_hours(now: str, is_open: bool, opening: str) -> None:
    assert desk_open(at(now), DESK) == is_open
    assert next_opening(at(now), DESK) == at(opening)


def test_a_desk_without_days_never_opens() -> None:
    with pytest.raises(ValueError, match="expected an open day"):
        next_opening(at("23 10:00"), DeskHours(time(9), time(18), frozenset()))

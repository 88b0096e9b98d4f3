"""The grammar of times: 明天下午2-4点, 下周三, 25号五点前, 半小时后 → a stretch of time in China."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from intents.slots.clock_patterns import (
    A_BIT,
    ABOUT,
    AFTERNOON,
    DURATION,
    GAP,
    PART,
    PART_AFTER_DAY,
    PARTS,
    RANGE,
    SINGLE,
    START,
    SUFFIX,
    TO,
)
from intents.slots.days import DAY, days_of
from intents.slots.numbers import number

CHINA = ZoneInfo("Asia/Shanghai")
FIRST_HOUR, LAST_HOUR = 8, 20
"""A clock time with no part of day is the next one between these (docs/labels.md)."""
MOST = 20
"""Times read of one message."""
LATEST = time(22)
"""N点后 ends here."""

Kind = Literal["point", "span", "deadline"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of time: `point` has end = start, `deadline` runs from now (or a day's start) to a limit."""

    start: datetime
    end: datetime
    kind: Kind


@dataclass(frozen=True, slots=True)
class Expression:
    """A time as said, at text[begin:stop], not yet tied to a calendar."""

    begin: int
    stop: int
    day: re.Match[str] | None = None
    last_day: re.Match[str] | None = None
    part: str = ""
    clock: re.Match[str] | None = None
    about: bool = False
    before: bool = False
    after: bool = False
    duration: re.Match[str] | None = None

    def completes(self, other: Expression) -> bool:
        """Whether this says the clock or the part of day that `other`, said before, left open."""
        if self.day or self.duration or other.duration or other.clock:
            return False
        return not (self.part and other.part)

    def joined_to(self, other: Expression) -> Expression:
        return replace(self, day=other.day, last_day=other.last_day, part=self.part or other.part)


def find_expressions(text: str) -> list[Expression]:
    """The times said in a text, in order; a story of more than MOST is not followed to its end."""
    found: list[Expression] = []
    at = 0
    while len(found) < MOST:
        match = START.search(text, at)
        if not match:
            break
        expression = _read(text, match.start())
        if expression and expression.stop > expression.begin:
            found.append(expression)
            at = expression.stop
        else:
            at = match.start() + 1
    return found


def _read(text: str, begin: int) -> Expression | None:
    duration = DURATION.match(text, begin)
    if duration and (duration["count"] or duration["half"]) and (duration["direction"] or duration["wait"]):
        return Expression(begin, duration.end(), duration=duration)
    day = DAY.match(text, begin)
    at = day.end() if day else begin
    last_day = None
    if day:
        to = TO.match(text, at)
        last_day = DAY.match(text, to.end()) if to else None
        at = last_day.end() if last_day else at
    part = None
    gap = GAP.match(text, at) if day else None
    for start in (at, gap.end() if gap else at):
        part = (PART_AFTER_DAY if day and start == at else PART).match(text, start)
        clock = _clock(text, part.end() if part else start, bool(day or part))
        if part or clock:
            break
    stop = clock.end() if clock else part.end() if part else at
    if not (day or part or clock):
        return None
    suffix = SUFFIX.match(text, stop)
    before, after = bool(suffix and suffix["before"]), bool(suffix and suffix["after"])
    if before and not clock and text.startswith("前来", stop):  # 下午前来: comes in the afternoon
        suffix, before = None, False
    return Expression(
        begin,
        suffix.end() if suffix else stop,
        day,
        last_day,
        part["part"] if part else "",
        clock,
        clock is not None and clock.re is ABOUT,
        before,
        after,
    )


def _clock(text: str, at: int, anchored: bool) -> re.Match[str] | None:
    """A clock time or range at a position; 一点 that only means a bit is none."""
    for spaces in (0, 1):
        if spaces and text[at : at + 1] != " ":
            break
        for pattern in (RANGE, ABOUT, SINGLE):
            match = pattern.match(text, at + spaces)
            if match and (pattern is not ABOUT or _neighbours(match)):
                bit = not anchored and A_BIT.match(text, match.start())
                return None if bit else match
    return None


def _neighbours(match: re.Match[str]) -> bool:
    first, second = number(match["h1"]), number(match["h2"])
    return first is not None and second == first + 1


def resolve(said: Expression, now: datetime, *, past: bool = False) -> Moment | None:
    """The time that an expression means when said at `now`; `past` looks back for days that only have a name."""
    now = now.astimezone(CHINA).replace(microsecond=0)
    if said.duration:
        return _after_duration(said.duration, now)
    days = days_of(said.day, now.date(), past) if said.day else None
    if said.day and not days:
        return None
    if days and said.last_day:
        last = days_of(said.last_day, now.date() if said.last_day["relative"] else days[0], past)
        days = (days[0], last[1]) if last and last[1] > days[0] else days
    try:
        return _with_limits(said, now, days, _span(said, now, days))
    except OverflowError:  # a year at the end of the calendar
        return None


def _after_duration(match: re.Match[str], now: datetime) -> Moment | None:
    count = number(match["count"]) if match["count"] else Decimal(0)
    if count is None or count > 1000:
        return None
    if match["half"] or match["more"]:
        count += Decimal("0.5")
    minutes = {"小时": 60, "钟头": 60, "分钟": 1, "刻钟": 15}[match["unit"]]
    until = now + timedelta(minutes=float(count * minutes))
    return Moment(now, until, "deadline") if match["direction"] == "内" else Moment(until, until, "point")


def _span(said: Expression, now: datetime, days: tuple[date, date] | None) -> Moment | None:
    if said.clock:
        return _clock_span(said, said.clock, now, days[0] if days else None)
    if said.part:
        first, last = PARTS[said.part]
        day = days[0] if days else now.date()
        span = Moment(_at(day, first), _at(day, last), "span")
        if not days and span.end <= now:
            span = Moment(span.start + timedelta(days=1), span.end + timedelta(days=1), "span")
        return span
    return Moment(_at(days[0], 0), _at(days[1], 0), "span") if days else None


def _with_limits(
    said: Expression, now: datetime, days: tuple[date, date] | None, span: Moment | None
) -> Moment | None:
    """Applies 前 and 后; a length of days (三天内, 月底前) has its limit already."""
    if span is None:
        return None
    if said.day and (said.day["direction"] == "内" or said.day["pair"] == "这两天"):
        return Moment(now, span.end, "deadline")
    if said.before:
        limit = span.end if said.clock or _is_month_end(said) else span.start
        if said.part and not said.clock and PARTS[said.part][0] == 11:
            limit = span.start + timedelta(hours=1)
        start = _at(days[0], 0) if days and (said.clock or said.part) else now
        return Moment(min(start, limit), limit, "deadline")
    if said.after and (said.clock or said.part):
        begin = span.start if said.clock else span.end
        end = datetime.combine(begin.date(), LATEST, CHINA)
        return Moment(begin, max(begin, end), "span")
    return span


def _is_month_end(said: Expression) -> bool:
    return said.day is not None and said.day[0].endswith("月底")


def _clock_span(said: Expression, clock: re.Match[str], now: datetime, day: date | None) -> Moment | None:
    groups = clock.groupdict()
    first = _hour(groups.get("h1") or groups.get("h3") or "")
    minute = _minute(groups.get("m1") or groups.get("c1"))
    half = (groups.get("half") or groups.get("half3") or "").lower()
    part = {"a": "上午", "p": "下午"}.get(half, said.part)
    if first is None or minute is None:
        return None
    bare = not part and 1 <= first <= 11 and not (groups.get("h1") or "").startswith("0")
    start = _next_clock(first, minute, now, day) if bare else _placed(first, minute, part, now, day)
    if not groups.get("h2"):
        return Moment(start, start, "point")
    last, last_minute = _hour(groups["h2"]), _minute(groups.get("m2") or groups.get("c2"))
    if last is None or last_minute is None:
        return None
    last = _with_part(last, groups.get("part2") or part)
    if day is None and not bare:
        start = _placed(first, minute, part, now, now.date())
    end = _at(start.date(), 0) + timedelta(hours=last, minutes=last_minute)
    while end <= start:
        end += timedelta(hours=12)
    shift = timedelta(days=1 if day is None and end <= now else 0)
    return Moment(start + shift, end + shift, "span")


def _next_clock(hour: int, minute: int, now: datetime, day: date | None) -> datetime:
    """三点 with no part of day: the next one between FIRST_HOUR and LAST_HOUR."""
    days = [day] if day else [now.date(), now.date() + timedelta(days=1)]
    choices = [
        _at(each, 0) + timedelta(hours=hours, minutes=minute) for each in days for hours in (hour, hour + 12)
    ]
    open_hours = [each for each in choices if time(FIRST_HOUR) <= each.time() <= time(LAST_HOUR)] or choices
    return next((each for each in open_hours if each > now), open_hours[-1])


def _placed(hour: int, minute: int, part: str, now: datetime, day: date | None) -> datetime:
    """A clock time that is unambiguous; without a day it is the next one."""
    at = _at(day or now.date(), 0) + timedelta(hours=_with_part(hour, part), minutes=minute)
    return at + timedelta(days=1) if day is None and at <= now else at


def _with_part(hour: int, part: str) -> int:
    """The hour of 24 (or a little beyond midnight) that a clock hour means in a part of day."""
    if not part:
        return hour
    begins = PARTS[part][0]
    if begins in AFTERNOON:
        if begins == 18 and (hour == 12 or 1 <= hour <= 4):
            return 24 + hour % 12
        return hour + 12 if hour < 12 else hour
    if begins == 11 and 1 <= hour <= 3:
        return hour + 12
    return 0 if begins == 0 and hour == 12 else hour


def _hour(text: str) -> int | None:
    value = number(text) if text else None
    return int(value) if value is not None and value <= 24 else None


def _minute(text: str | None) -> int | None:
    if not text:
        return 0
    if text in ("半", "一刻", "三刻"):
        return {"半": 30, "一刻": 15, "三刻": 45}[text]
    value = number(text.rstrip("分").lstrip("零〇") or "零")
    return int(value) if value is not None and value < 60 else None


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(), CHINA) + timedelta(hours=hour)

"""Values as a page shows them: times, places, slots, outcomes, and what is masked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

from handoff.console.wording import words
from handoff.summary import masked

STEP = re.compile(r"^([a-z_]+)(?= |$)")


def day_words(at: datetime) -> str:
    """11月23日 周一."""
    return str(words()["date"]).format(month=at.month, day=at.day, weekday=words()["weekdays"][at.weekday()])


def day_time(at: str | datetime, zone: tzinfo | None = None) -> str:
    """11-23 10:05, of a moment or its ISO form."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{moment.astimezone(zone) if zone else moment:%m-%d %H:%M}"


def at_short(at: datetime, now: datetime) -> str:
    """The time of today, the date of another day."""
    local = at.astimezone(now.tzinfo)
    return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%m-%d}"


def waited(since: datetime, now: datetime) -> timedelta:
    return max(now - since, timedelta())


def short_span(span: timedelta) -> str:
    """7′, 2h05′, 3d: how long, in few characters."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes}′"
    return f"{minutes // 60}h{minutes % 60:02}′" if minutes < 24 * 60 else f"{minutes // 1440}d"


def phone(text: str | None) -> str:
    return masked(text or "")


def hide(text: str | None, plain: bool) -> str:
    """A text whose phone numbers are masked unless the agent asked to see them, which is recorded."""
    return (text or "") if plain else masked(text or "")


def place(value: Any) -> str:
    """A place, or an address book's entry, down to the street."""
    if not isinstance(value, Mapping):
        return str(value or "")
    address = value.get("address", value)
    return city(address) if isinstance(address, Mapping) else str(address)


def city(value: Any) -> str:
    """Province, city and district, each said once."""
    if not isinstance(value, Mapping):
        return str(value or words()["unknown"])
    parts = [value.get(key) for key in ("province", "city", "district")]
    return "".join(dict.fromkeys(part for part in parts if part)) or str(words()["unknown"])


def party(value: Any, plain: bool) -> str:
    """Who sends or receives: name and phone masked, no street, unless asked for."""
    if not isinstance(value, Mapping):
        return "—"
    name, number = str(value.get("name") or ""), str(value.get("phone") or "")
    if not plain:
        return " ".join(part for part in (f"{name[:1]}**" if name else "", masked(number)) if part) or "—"
    address = value.get("address")
    detail = city(address) + str(address.get("detail") or "") if isinstance(address, Mapping) else address
    return " ".join(str(part) for part in (name, number, detail) if part) or "—"


def slots(form: Mapping[str, Any], plain: bool) -> Iterator[tuple[str, str]]:
    """What a form knows, each with its name."""
    names = words()["slots"]
    for slot, value in form.items():
        if slot in names and value not in (None, "", [], {}):
            yield names[slot], hide(value_words(value), plain)


def slot_names(missing: Sequence[str]) -> str:
    names = words()["slots"]
    return "、".join(names.get(slot, words()["values"]["other"]) for slot in missing)


def value_words(value: Any) -> str:
    """A slot's value: a place by its names, a time by its span, a kind by its word."""
    if isinstance(value, Mapping):
        if "start" in value:
            return _span(value)
        return "".join(dict.fromkeys(str(part) for part in value.values() if part))
    if isinstance(value, list | tuple):
        return "、".join(value_words(each) for each in value)
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return str(words()["values"].get(value, value) if isinstance(value, str) else value)


def _span(value: Mapping[str, Any]) -> str:
    start, end = day_time(str(value["start"])), str(value.get("end") or "")
    return f"{start}–{end[11:16]}" if end and end != value["start"] else start


def outcome(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What was worked out in a case, each with its name."""
    for key, name in words()["outcome"].items():
        value = found.get(key)
        if value not in (None, "", [], {}) and not isinstance(value, Mapping | list):
            yield name, value_words(value)


def browser_of(user_agent: str) -> str:
    """The browser and the system that a session was opened with, as people call them."""
    found = [
        next((name for sign, name in names.items() if sign in user_agent), "")
        for names in (words()["browsers"], words()["systems"])
    ]
    return " · ".join(name for name in found if name) or str(words()["unknown"])


def who(by: str) -> str:
    return str(words()["senders"].get(by, by))


def what(text: str) -> str:
    """A history line whose first word may be a step or a status of the program."""
    found = STEP.match(text)
    if found is None:
        return text
    key = found[1]
    step = words()["steps"].get(key)
    named = step["name"] if step else words()["case_statuses"].get(key, key)
    return str(named) + text[found.end() :]


FILTERS: Mapping[str, Callable[..., Any]] = {
    "day_time": day_time,
    "phone": phone,
    "hide": hide,
    "place": place,
    "city": city,
    "party": party,
    "slots": slots,
    "slot_names": slot_names,
    "outcome": outcome,
    "who": who,
    "what": what,
}

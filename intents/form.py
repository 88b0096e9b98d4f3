"""Filling a form: what a message gives, which question comes next, and the steps a handler may take."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from faq.divisions import complete
from faq.place import Place
from intents.meaning import Effect, Form, Meaning, Reply, Turn
from intents.registry import SlotSpec

Spec = Mapping[str, SlotSpec]

MAX_WORDS = 60
"""A bare answer longer than this is a story, not a value."""
QUESTION = re.compile(
    r"[?？吗呢么]|多少|几[天点块时]|怎么|什么|哪|能不能|可不可以|行不行|好不好|[能可]否|是不是|多久"
)
NO_NAME = re.compile(r"[要不给我你请帮没想在到是好行快]|可以")
"""How no name begins: 要上楼 is none."""
CLAUSE = re.compile(r"(?<=[?？])|[,，。!！;；]")
"""A question names no choice, what is said beside it does: 要钱？那算了，我去网点自取."""
NUMBER = re.compile(r"\d+(?:\.\d+)?")
ADDS = re.compile(r"^[^,，。]{0,3}[,， ]?(?:再[加寄]|另加|还要寄|还有(?=[一两二三四五六七八九十几\d]))")
"""The beginning of a message that adds something to the form."""
NAMES_DAY = re.compile(r"[今明后天周号日]|星期|礼拜|现在|马上|立[刻即]|小时|分钟|一会|随时|\d[-/.]\d")
TRIM = " ,.;:!?，。；：！？、~～"


@dataclass(frozen=True)
class Ask:
    """Ask for slots; `effects` happen all the same (a demand recorded on the way)."""

    slots: tuple[str, ...]
    replies: tuple[Reply, ...]
    effects: tuple[Effect, ...] = ()
    memory: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Confirm:
    """All is read back and a yes awaited."""

    replies: tuple[Reply, ...]
    effects: tuple[Effect, ...] = ()
    memory: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Close:
    """The form is done with, for better or worse."""

    replies: tuple[Reply, ...]
    effects: tuple[Effect, ...] = ()
    memory: Mapping[str, Any] = field(default_factory=dict)


Step = Ask | Confirm | Close


def fill(form: Form, meaning: Meaning, spec: Spec, skip: Collection[str] = ()) -> tuple[Form, frozenset[str]]:
    """Take every slot that the message gives; returns the form and the names of what changed."""
    slots = dict(form.slots)
    for name, slot in spec.items():
        for source in slot.sources:
            if source in meaning.slots and source not in skip:
                value = meaning.slots[source]
                slots[name] = _laid(slot, slots.get(name), value, meaning.text)
    place = meaning.slots.get("place")
    taken = any("place" in slot.sources for slot in spec.values())
    target = _place_target(form, spec, slots, place) if place and not taken and "place" not in skip else ""
    if target:
        slots[target] = merged(slots.get(target), place)
    for name in form.asked:
        if name in spec and spec[name].choices:
            value = choice(meaning, spec[name])
            if value:
                slots[name] = value
    changed = {name for name, value in slots.items() if form.slots.get(name) != value}
    return replace(form, slots=slots), frozenset(changed)


def read_answer(form: Form, meaning: Meaning, spec: Spec) -> tuple[Form, frozenset[str]]:
    """Take the whole message as the answer to the first open question, where its slot allows that."""
    for name in form.asked:
        if name not in spec or name in form.slots:
            continue
        if not _may_be(spec[name], form, meaning):
            continue
        value = _read(spec[name].read, meaning.text)
        if value is not None:
            return replace(form, slots={**form.slots, name: value}), frozenset({name})
    return form, frozenset()


def _may_be(slot: SlotSpec, form: Form, meaning: Meaning) -> bool:
    """Whether a whole message can be the value: 上海 and 快点 are no names, 不知道 is no article."""
    if slot.read == "name":
        return not meaning.slots and meaning.intent in ("inform", "out_of_scope", form.intent)
    return not slot.sources or meaning.intent not in ("affirm", "deny", "cancel", "smalltalk")


def add_evidence(form: Form, turn: Turn, spec: Spec) -> tuple[Form, bool]:
    """Pictures and files join a form that keeps evidence."""
    if not turn.attachments or "evidence" not in spec:
        return form, False
    evidence = [*form.slots.get("evidence", ()), *(dict(item) for item in turn.attachments)]
    return replace(form, slots={**form.slots, "evidence": evidence}), True


def choice(meaning: Meaning, slot: SlotSpec) -> str:
    """Which value of a choice slot the message names: by its words, or by a bare yes or no."""
    text = meaning.text.strip(TRIM)
    for value, words in slot.choices.items():
        if text in words:
            return value
    if meaning.intent == "affirm" and "yes" in slot.choices:
        return "yes"
    if meaning.intent in ("deny", "cancel") and "no" in slot.choices:
        return "no"
    text = "，".join(clause for clause in CLAUSE.split(text) if not QUESTION.search(clause))
    found = [(word, value) for value, words in slot.choices.items() for word in words if word in text]
    # 不接受 holds 接受: a word inside a longer one that was found too does not count.
    named = {value for word, value in found if not any(word != other and word in other for other, _ in found)}
    return named.pop() if len(named) == 1 else ""


def buttons(slot: SlotSpec) -> tuple[str, ...]:
    """The first word of each value."""
    return tuple(words[0] for words in slot.choices.values())


def missing(form: Form, names: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in names if form.slots.get(name) in (None, "", [], {}))


def _laid(slot: SlotSpec, old: Any, new: Any, text: str) -> Any:
    """A value with the one that stood there: an address is refined, what is added is added."""
    if slot.address:
        return merged(old, new)
    if slot.name == "pickup_time":
        return on_same_day(old, new, text)
    if not slot.adds or not old or not ADDS.search(text):
        return new
    return f"{old}、{new}" if isinstance(old, str) else old + new


def on_same_day(old: Any, new: Any, text: str) -> Any:
    """A new time that names no day (改成下午) is on the day of the old one."""
    if not old or NAMES_DAY.search(text):
        return new
    start, end = (datetime.fromisoformat(new[key]) for key in ("start", "end"))
    moved = datetime.fromisoformat(old["start"]).date() - start.date()
    return {"start": (start + moved).isoformat(), "end": (end + moved).isoformat()}


def reopened(form: Form, meaning: Meaning, spec: Spec) -> Form:
    """The form without the slot that the message calls wrong but gives no new value for (电话写错了)."""
    named = [
        (meaning.text.find(word), -len(word), name)
        for name, slot in spec.items()
        for word in slot.called
        if word in meaning.text
    ]
    wrong = min(named)[2] if named else ""
    return replace(form, slots={name: value for name, value in form.slots.items() if name != wrong})


def merged(old: Any, new: Any) -> dict[str, str]:
    """A part of an address laid over the address that stood there: the finer part of the same area stays."""
    was, now = Place.from_slot(old or {}), Place.from_slot(new)
    if not (now.province or now.city or now.district):
        return replace(was, detail=now.detail).to_slot()
    if now.district and not now.province and was.province:
        inside = [
            place for place in complete(now) if (place.province, place.city) == (was.province, was.city)
        ]
        now = inside[0] if inside else now
    pairs = ((was.province, now.province), (was.city, now.city), (was.district, now.district))
    if any(before and after and before != after for before, after in pairs):
        return now.to_slot()
    return {**was.to_slot(), **now.to_slot()}


def _place_target(form: Form, spec: Spec, slots: Mapping[str, Any], place: Mapping[str, str]) -> str:
    """Whose address a place with no role is: what was asked, the only one open, or the only one there."""
    names = [name for name, slot in spec.items() if slot.address]
    asked = [name for name in names if name in form.asked]
    if asked:
        return next((name for name in asked if not form.slots.get(name)), asked[0])
    still_open = [name for name in names if not slots.get(name)]
    if len(names) == 1:
        return names[0]
    if not still_open:
        readings = complete(Place.from_slot(place)) or (Place.from_slot(place),)
        cities = {(reading.province, reading.city) for reading in readings if reading.city}
        still_open = [name for name in names if _city(slots[name]) in cities]
    return still_open[0] if len(still_open) == 1 else ""


def _city(slot: Mapping[str, str]) -> tuple[str | None, str | None]:
    return slot.get("province"), slot.get("city")


def _read(how: str, text: str) -> Any:
    words = text.strip(TRIM)
    if not words or len(words) > MAX_WORDS:
        return None
    if how == "words":
        return words
    if how == "name":
        return words if len(words) <= 10 and not NUMBER.search(words) and not NO_NAME.match(words) else None
    if how == "number":
        found = NUMBER.search(words)
        return float(found.group()) if found else None
    return None

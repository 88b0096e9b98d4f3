"""Places that are written as they sound, as voice input does: 寄到路州江阳区, 谈城县马头镇, 寄琼来."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache

from faq.divisions import OVERSEAS, Division, divisions
from faq.pinyin import sound, sound_of_spelling
from faq.segment import words
from intents.slots.address_area import STRICT_RIGHT, Area
from intents.slots.address_names import Units

AFTER = re.compile(r"(?:^|[到往至从寄发送邮在回家址成为是,。:;\s])(?=[一-龥]{2})")
TO_OR_FROM = "到往至从寄发"
LONGEST = 4
MOST = 20
"""Places looked for in one message."""
HAN = re.compile(rf"[一-龥]{{0,{LONGEST}}}")
ENDINGS = "县区市旗"
NO_NAME = re.compile(
    r"^[了的件得返咱俺手站账这那哪我你您他她它们不没几一两个点箱是有在要想]|[了的去吧行件着过成给呢吗想得只]$"
)
"""Words that stand behind 到 or 寄 without being a place, whatever they sound like."""


def find_misheard(text: str, found: Sequence[tuple[int, int]]) -> list[Area]:
    """Places outside the spans that were found: a name with its ending, before its town, or on its own."""
    areas: list[Area] = []
    for match in AFTER.finditer(text):
        at = match.end()
        if len(areas) == MOST:
            break
        if sound(text[at : at + 2]) not in _beginnings() or (areas and at < areas[-1].end):
            continue
        limit = min((start for start, end in found if end > at), default=len(text))
        area = _heard(text, at, limit, match[0]) if limit > at + 1 else None
        if area:
            areas.append(area)
    return areas


def is_said_before(text: str, end: int, units: Units) -> int:
    """Where the name of what is above these units begins, written as it sounds and ending at a position."""
    above = {step.short: step.name for unit in units for step in divisions().path(unit) if step.level < 3}
    for name in (*above.values(), *above):
        said = text[max(0, end - len(name)) : end]
        if said != name and sound(said) == sound(name):
            return end - len(name)
    return end


def _heard(text: str, at: int, limit: int, before: str) -> Area | None:
    han = HAN.match(text, at, limit)
    window = han[0] if han else ""
    heard = sound(window).split(" ")
    for length in range(len(window), 1, -1):
        units = _by_sound().get(" ".join(heard[:length]), ())
        said = window[:length]
        fits = [unit for unit in units if _fits(text, at + length, said, unit, before, alone=len(units) == 1)]
        if len(fits) == 1:
            return Area(divisions().place(fits[0]), at, at + length, (fits[0],), at + length, False)
    return None


def _fits(text: str, end: int, said: str, unit: Division, before: str, *, alone: bool) -> bool:
    if said in (unit.name, unit.short) or len(said) not in (len(unit.name), len(unit.short)):
        return False
    if any(text.startswith(town.name, end) for town in divisions().towns_of(unit.code)):
        return True
    if not alone:
        return False
    if len(said) > 2 and said[-1] in ENDINGS:
        return True
    alone_here = bool(before and before in TO_OR_FROM and STRICT_RIGHT.match(text, end))
    return alone_here and not NO_NAME.search(said) and len(words(said)) > 1


@cache
def _by_sound() -> dict[str, Units]:
    """How official and short names of cities and counties of the mainland sound → the units."""
    found: defaultdict[str, list[Division]] = defaultdict(list)
    for unit in divisions().by_code.values():
        if unit.level in (2, 3) and unit.status == "now" and unit.code[:2] not in OVERSEAS:
            for heard in _sounds(unit):
                found[heard].append(unit)
    return {heard: tuple(units) for heard, units in found.items()}


def _sounds(unit: Division) -> set[str]:
    """With and without its ending, by its characters and by its pinyin: some are read otherwise in names (番禺)."""
    short = {sound(unit.short), sound_of_spelling(unit.pinyin, len(unit.short))} - {""}
    whole = {sound(unit.name)} | {f"{heard} {sound(unit.name[len(unit.short) :])}" for heard in short}
    return {heard for heard in short | whole if 1 < len(heard.split(" ")) <= LONGEST}


@cache
def _beginnings() -> frozenset[str]:
    """The first two syllables of each."""
    return frozenset(" ".join(heard.split(" ")[:2]) for heard in _by_sound())

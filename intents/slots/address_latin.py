"""Places in Latin letters: ship to Shanghai; Room 1203, 88 Century Avenue, Pudong District, Shanghai.

What is before the names, as far as it is written like the beginning of an address, is the detail.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import islice

from faq.divisions import Division, divisions
from faq.place import Place
from intents.slots.address_names import Units
from intents.slots.address_words import plain_latin, words

HAS_LATIN = re.compile(r"[A-Za-z]{2}")
WORD = re.compile(
    r"(?<![A-Za-z])(?:(?i:hong kong|inner mongolia)|[A-Za-z]{2,12}['’]?[A-Za-z]{0,6})(?![A-Za-z])"
)
LONGEST = 120
"""Characters of a detail."""
MOST = 200
"""Words looked at in one message."""
LEVEL = re.compile(
    r" ?(?:New (?:Area|District)|Dist(?:rict|\.)?|County|City|Prefecture|Province)\b", re.IGNORECASE
)
GAP = re.compile(r"的|[\s,，.、-]{0,3}")
STREET = re.compile(r"(?: [A-Z]\w+)? (?:Road|Rd|Street|St|Avenue|Ave|Lane)\b")
SHORTEST = 5
"""Letters of a name with no level behind it; shorter ones are too often words."""

NUMBER = r"(?:(?:No\.? ?)?\d+[A-Za-z]?(?:-\d+)*)"
CAPITAL = r"[A-Z][\w'’.-]*"
PIECE = (
    r"(?:(?i:room|rm\.?|unit|flat|apt\.?|apartment|suite|floor|building|bldg\.?|block|tower|gate|door|no\.?|lane|house|shop)"
    r" ?[A-Z]?\d*[A-Z]?(?:-\d+)*"
    r"|\d+(?:F|/F|(?:st|nd|rd|th) [Ff]loor)"
    rf"|{NUMBER}(?: {CAPITAL})+|(?:{CAPITAL} )+(?:\d+|(?:Road|Rd\.?|Street|St\.?|Avenue|Ave\.?|Lane|Plaza|Cent(?:re|er)"
    r"|Mansion|Gardens?|Building|Tower|University|Hospital|Hotel|Village|Town|Park|Square|Mall|Campus|Apartments?)))"
)
DETAIL = re.compile(rf"{PIECE}(?:, ?(?:{PIECE}))*(?=[, ]{{1,2}}$)")


@dataclass(frozen=True, slots=True)
class _Names:
    """Neighbouring names of one place, the narrowest of which is one of `units`."""

    units: Units
    start: int
    end: int
    certain: bool
    """Whether it needs no second name beside it."""


def find_latin(text: str) -> list[tuple[Place, int, int]]:
    """Each place with where it stands, its detail included."""
    if not HAS_LATIN.search(text):
        return []
    chains: list[_Names] = []
    for match in islice(WORD.finditer(text), MOST):
        here = _named(text, match)
        if here is None:
            continue
        both = _joined(text, chains[-1], here) if chains else None
        if both:
            chains[-1] = both
        else:
            chains.append(here)
    floors = [0, *(chain.end for chain in chains)]
    return [
        _place(text, floor, chain)
        for floor, chain in zip(floors, chains, strict=False)
        if chain.certain and len(_largest(chain.units)) == 1
    ]


def _named(text: str, match: re.Match[str]) -> _Names | None:
    if STREET.match(text, match.end()):
        return None
    said = plain_latin(match[0])
    listed = words().latin.get(said)
    level = LEVEL.match(text, match.end())
    units: Units = ()
    if listed:
        units = (min(divisions().shorts[listed], key=lambda each: each.level),)
    elif match[0][0].isupper() and (level or len(said) >= SHORTEST) and said not in words().no_latin:
        units = _by_pinyin().get(said, ())
    if not units:
        return None
    certain = bool(listed or level) or all(_is_city(unit) for unit in _largest(units))
    return _Names(units, match.start(), level.end() if level else match.end(), certain)


def _largest(units: Units) -> Units:
    level = min(unit.level for unit in units)
    return tuple(unit for unit in units if unit.level == level)


def _is_city(unit: Division) -> bool:
    """Whether it is known by its name alone; counties and districts are not."""
    return (unit.level < 3 or unit.kind == "县级市") and unit.short not in words().ask


def _joined(text: str, one: _Names, other: _Names) -> _Names | None:
    """Two neighbours as one place where the one lies in the other: Pudong, Shanghai."""
    gap = GAP.match(text, one.end)
    if gap is None or gap.end() != other.start:
        return None
    units = _under(one.units, other.units) or _under(other.units, one.units)
    return _Names(units, one.start, other.end, True) if units else None


def _under(units: Units, above: Units) -> Units:
    table = divisions()
    return tuple(
        unit for unit in units if any(table.is_under(unit, over) and unit.code != over.code for over in above)
    )


def _place(text: str, floor: int, chain: _Names) -> tuple[Place, int, int]:
    """The place with its detail, which begins behind `floor`, where another place ends."""
    detail = DETAIL.search(text, max(floor, chain.start - LONGEST), chain.start)
    found = divisions().place(_largest(chain.units)[0], detail[0] if detail else "")
    return found, detail.start() if detail else chain.start, chain.end


@cache
def _by_pinyin() -> dict[str, Units]:
    """Pinyin → the units of levels 1 to 3 whose short name sounds so."""
    found: defaultdict[str, list[Division]] = defaultdict(list)
    for unit in divisions().by_code.values():
        if unit.status == "now" and unit.pinyin:
            found[unit.pinyin.removesuffix("xinqu")].append(unit)
    return {name: tuple(units) for name, units in found.items()}

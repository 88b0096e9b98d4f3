"""Every written form of a province, city or county: official, short, former, colloquial, misspelt."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from faq.divisions import Alias, Division, Divisions, divisions
from intents.slots.address_words import words

Units = tuple[Division, ...]
LONG = re.compile(r"(?P<name>[一-鿿]{3,}(?<![左右前后中新园发范验管理]))[区旗]")
"""Long names whose short form is told by nobody's table (堆龙德庆区, 达拉特旗)."""


@dataclass(frozen=True, slots=True)
class Name:
    """What one written form can mean."""

    official: Units = ()
    short: Units = ()
    inside: Units = ()
    """A place inside these units (望京): it names them and stays in the detail."""
    manner: str = "free"
    """free; bounded: words around it are checked; plain: only under a larger place; trap: no place."""


@dataclass(frozen=True)
class Lexicon:
    """All written forms; `lengths` has, by the first two characters, how long a form there can be."""

    names: dict[str, Name]
    lengths: dict[str, tuple[int, ...]]
    letters: dict[str, Division]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """All written forms of the shipped divisions, built once."""
    table = divisions()
    official: dict[str, Units] = dict(table.names)
    short: defaultdict[str, list[Division]] = defaultdict(list)
    inside: defaultdict[str, list[Division]] = defaultdict(list)
    for name, units in table.shorts.items():
        short[name].extend(units)
    for unit in table.by_code.values():
        if unit.short == unit.name and (long := LONG.fullmatch(unit.name)):
            short[long["name"]].append(unit)
    also = [Alias(name, (code,), "short") for name, code in words().also.items()]
    letters: dict[str, Division] = {}
    for alias in (*table.aliases, *table.former, *also):
        _add_alias(table, alias, official, short, inside, letters)
    names = {name: Name(manner="trap") for name in words().traps}
    for name in {*official, *short, *inside}:
        if len(name) >= 2 and name not in names:
            forms = official.get(name, ()), tuple(short.get(name, ())), tuple(inside.get(name, ()))
            names[name] = Name(*forms, _manner(name, *forms))
    lengths: defaultdict[str, set[int]] = defaultdict(set)
    for name in names:
        lengths[name[:2]].add(len(name))
    return Lexicon(
        names, {start: tuple(sorted(sizes, reverse=True)) for start, sizes in lengths.items()}, letters
    )


def _add_alias(
    table: Divisions,
    alias: Alias,
    official: dict[str, Units],
    short: dict[str, list[Division]],
    inside: dict[str, list[Division]],
    letters: dict[str, Division],
) -> None:
    units = [table.by_code[code] for code in alias.codes if code in table.by_code]
    if not units or alias.kind == "region":
        return
    if alias.kind == "abbr-1":
        letters[alias.name] = units[0]
    elif alias.kind == "place" and not units[0].name.startswith(alias.name):
        inside[alias.name].extend(units)
    elif alias.kind == "former":
        if alias.name not in official:
            official[alias.name] = tuple(units)
    else:
        short[alias.name].extend(unit for unit in units if unit not in short[alias.name])


def _manner(name: str, official: Units, short: Units, inside: Units) -> str:
    if name in words().plain or name in words().generic:
        return "plain"
    if official:
        return "bounded" if len(name) == 2 else "free"
    units = short + inside
    if all(unit.code.startswith("71") and unit.level == 3 for unit in units):
        return "plain"
    if name in words().cautious or name in words().also or all(unit.level == 3 for unit in units):
        return "bounded"
    return "free"

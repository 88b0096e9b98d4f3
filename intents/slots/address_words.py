"""The word lists of the address finder, read once from `address.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Words:
    """Each list is explained in the file."""

    plain: frozenset[str]
    cautious: frozenset[str]
    generic: frozenset[str]
    ask: frozenset[str]
    traps: frozenset[str]
    also: Mapping[str, str]
    specialities: re.Pattern[str]
    landmarks: re.Pattern[str]
    persons: re.Pattern[str]
    latin: Mapping[str, str]
    """Names in Latin letters, small, without apostrophes."""
    no_latin: frozenset[str]


@lru_cache(maxsize=1)
def words() -> Words:
    data = yaml.safe_load(Path(__file__).with_name("address.yaml").read_text("utf-8"))
    sets = {key: frozenset(data[key].split()) for key in data if key not in ("also", "latin")}
    return Words(
        plain=sets["plain"],
        cautious=sets["cautious"],
        generic=sets["generic"],
        ask=sets["ask"],
        traps=sets["traps"],
        also=data["also"],
        specialities=_one_of(sets["specialities"]),
        landmarks=_one_of(sets["landmarks"]),
        persons=_one_of(sets["persons"]),
        no_latin=sets["no_latin"],
        latin={plain_latin(name): said for name, said in data["latin"].items()},
    )


def plain_latin(name: str) -> str:
    return name.lower().replace("'", "").replace("’", "")


def _one_of(found: frozenset[str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, found), key=len, reverse=True)))

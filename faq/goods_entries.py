"""The entries of the goods catalogue: the shipped ones, and a courier's own that lie over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import yaml

from faq.faults import Fault

Rule = Literal["allowed", "restricted", "prohibited", "ask"]
RULES: tuple[Rule, ...] = ("allowed", "restricted", "ask", "prohibited")
"""From the mildest to the hardest; of several articles the hardest rule holds."""
FILE = Path(__file__).parent / "data" / "prohibited_goods.yaml"
OVERLAY_KEYS = ("names", "rule", "category", "conditions", "question", "reference", "source")
SOURCES = ("official", "practice")


@dataclass(frozen=True, slots=True)
class Limit:
    """Above `max` of a measure, summed over the names (all of the entry without), the goods are refused."""

    names: frozenset[str]
    measure: str
    max: Decimal
    say: str


@dataclass(frozen=True, slots=True)
class Unless:
    """Words beside the article that make it refused."""

    words: tuple[str, ...]
    say: str


@dataclass(frozen=True)
class Entry:
    """One kind of goods; the keys are explained in data/prohibited_goods.yaml."""

    id: str
    rule: Rule
    names: tuple[str, ...]
    category: str = ""
    heading: int = 0
    alone: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    tricks: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    question: str = ""
    said_yes: tuple[str, ...] = ()
    said_no: tuple[str, ...] = ()
    if_yes: str = ""
    if_no: str = ""
    as_toy: str = "allowed"
    keeps: bool = False
    limits: tuple[Limit, ...] = ()
    unless: tuple[Unless, ...] = ()
    reference: str = ""
    suggest: str = ""


def load_yaml(path: Path) -> Any:
    """A data file of ours; the C loader is six times faster where it is there."""
    return yaml.load(path.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def shipped_entries() -> tuple[Entry, ...]:
    return tuple(_entry(row) for row in load_yaml(FILE)["entries"])


def plurals(words: Iterable[str]) -> tuple[str, ...]:
    """English words in singular and plural: match, matches."""
    return tuple(form for word in words for form in (word, _plural(word)))


def _plural(word: str) -> str:
    if word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    return word[:-1] + "ies" if word.endswith("y") and word[-2] not in "aeiou" else word + "s"


def _entry(row: Mapping[str, Any]) -> Entry:
    prohibited = row["rule"] == "prohibited"
    return Entry(
        id=row["id"],
        rule=row["rule"],
        names=(*(row.get("names") or ()), *plurals(row.get("english") or ())),
        category=row["category"],
        heading=row.get("heading", 0),
        alone=tuple(row.get("alone") or ()),
        endings=tuple(row.get("endings") or ()),
        tricks=tuple(row.get("tricks") or ()),
        conditions=tuple(row.get("conditions") or ()),
        question=row.get("question", ""),
        said_yes=tuple(row.get("said", {}).get("yes", ())),
        said_no=tuple(row.get("said", {}).get("no", ())),
        if_yes=row.get("if_yes", ""),
        if_no=row.get("if_no", ""),
        as_toy=row.get("as_toy", "ask" if prohibited else "allowed"),
        keeps=row.get("keeps", False),
        limits=tuple(
            Limit(
                names=frozenset(limit.get("names") or ()),
                measure=limit["measure"],
                max=Decimal(str(limit["max"])),
                say=limit["say"],
            )
            for limit in row.get("limits") or ()
        ),
        unless=tuple(Unless(tuple(item["words"]), item["say"]) for item in row.get("unless") or ()),
        reference=row.get("reference", ""),
        suggest=row.get("suggest", ""),
    )


def read_goods(
    data: Sequence[Mapping[str, Any]], faults: list[Fault], file: str = "goods.yaml"
) -> tuple[Entry, ...]:
    """Read a courier's goods.yaml; what is wrong is added to `faults` and left out."""
    read: list[Entry] = []
    seen: dict[str, int] = {}
    for number, item in enumerate(data, start=1):
        entry = _overlay_entry(_Item(file, number, item, faults))
        if entry is None:
            continue
        again = [name for name in entry.names if name in seen]
        for name in again:
            faults.append(Fault(file, f"item {number}, key names", f"{name} once; item {seen[name]} has it"))
        seen.update((name, number) for name in entry.names if name not in seen)
        if not again:
            read.append(entry)
    return tuple(read)


def _overlay_entry(item: _Item) -> Entry | None:
    if not item.is_mapping():
        return None
    item.known_keys()
    names = item.texts("names", needed=True)
    rule = item.one_of("rule", RULES)
    item.one_of("source", SOURCES, needed=False)
    entry = Entry(
        id=f"goods.yaml:{item.number}",
        rule=cast(Rule, rule),
        # A name of one character would be found inside others (烟 in 烟台苹果).
        names=tuple(name for name in names if len(name) > 1),
        alone=tuple(name for name in names if len(name) == 1),
        endings=tuple(name for name in names if len(name) == 1),
        category=item.text("category"),
        conditions=item.texts("conditions"),
        question=item.text("question"),
        reference=item.text("reference"),
        as_toy="ask" if rule == "prohibited" else "allowed",
    )
    return entry if names and rule else None


@dataclass(frozen=True)
class _Item:
    """One item of goods.yaml while it is checked."""

    file: str
    number: int
    data: Mapping[str, Any]
    faults: list[Fault]

    def fault(self, key: str, expected: str, found: object) -> None:
        place = f"item {self.number}" + (f", key {key}" if key else "")
        self.faults.append(Fault(self.file, place, expected, "" if found is None else str(found)))

    def is_mapping(self) -> bool:
        if isinstance(self.data, Mapping):
            return True
        self.fault("", "the keys " + ", ".join(OVERLAY_KEYS), self.data)
        return False

    def known_keys(self) -> None:
        for key in self.data:
            if key not in OVERLAY_KEYS:
                self.fault(str(key), "one of the keys " + ", ".join(OVERLAY_KEYS), key)

    def text(self, key: str) -> str:
        value = self.data.get(key)
        if value is None or isinstance(value, str):
            return (value or "").strip()
        self.fault(key, "a text", value)
        return ""

    def texts(self, key: str, needed: bool = False) -> tuple[str, ...]:
        value = self.data.get(key)
        listed = isinstance(value, list) and all(isinstance(one, str) and one.strip() for one in value)
        if listed and (value or not needed):
            return tuple(one.strip() for one in cast(list[str], value))
        if needed or value is not None:
            self.fault(key, "a list of texts", value)
        return ()

    def one_of(self, key: str, choices: Sequence[str], needed: bool = True) -> str:
        value = self.data.get(key)
        if value in choices:
            return str(value)
        if needed or value is not None:
            self.fault(key, " or ".join(choices), value)
        return ""

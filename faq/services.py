"""Special handling, packing, redelivery and self-collection that the courier offers (services.yaml)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from faq.faults import Fault
from faq.table import DECIMAL

SIZE = re.compile(r"([0-9]+)\s*[xX×*]\s*([0-9]+)\s*[xX×*]\s*([0-9]+)")


@dataclass(frozen=True, slots=True)
class Special:
    """A kind of special handling; one that is not offered has a suggestion of what to do instead."""

    name: str
    offered: bool
    fee: Decimal
    per: str
    suggest: str


@dataclass(frozen=True, slots=True)
class Packing:
    """Packing that is sold; `size_cm` are the sides, longest first, where the name gives them."""

    name: str
    fee: Decimal
    per: str
    size_cm: tuple[int, int, int] | None

    @property
    def kind(self) -> str:
        """The name without the sides."""
        return SIZE.sub("", self.name).strip()


@dataclass(frozen=True, slots=True)
class SelfPickup:
    """A place where parcels of an area can be collected by the receiver."""

    area: str
    place: str


@dataclass(frozen=True)
class Services:
    """`redelivery_free` second deliveries cost nothing, a further one `redelivery_fee` yuan."""

    special: tuple[Special, ...] = ()
    packing: tuple[Packing, ...] = ()
    redelivery_free: int = 0
    redelivery_fee: Decimal = Decimal(0)
    self_pickup: tuple[SelfPickup, ...] = ()

    def special_named(self, name: str) -> Special | None:
        return next((service for service in self.special if service.name == name), None)


Named = TypeVar("Named", Special, Packing)


def read_services(data: Mapping[str, Any], faults: list[Fault], file: str = "services.yaml") -> Services:
    """Read services.yaml; what is wrong is added to `faults` and left out."""
    read = _Reader(file, faults)
    read.keys("top level", data, {"special", "packing", "redelivery", "self_pickup"})
    redelivery = data.get("redelivery") or {}
    if not isinstance(redelivery, Mapping):
        read.fault("redelivery", "keys free and fee", redelivery)
        redelivery = {}
    read.keys("redelivery", redelivery, {"free", "fee"})
    special = [_special(read, place, item) for place, item in read.items(data, "special")]
    packing = [_packing(read, place, item) for place, item in read.items(data, "packing")]
    self_pickup = [_self_pickup(read, place, item) for place, item in read.items(data, "self_pickup")]
    return Services(
        special=read.unique("special", special),
        packing=read.unique("packing", packing),
        redelivery_free=read.count("redelivery, key free", redelivery.get("free", 0)),
        redelivery_fee=read.money("redelivery, key fee", redelivery.get("fee")) or Decimal(0),
        self_pickup=tuple(point for point in self_pickup if point.area and point.place),
    )


def _special(read: _Reader, place: str, item: Mapping[str, Any]) -> Special:
    read.keys(place, item, {"name", "offered", "fee", "per", "suggest"})
    offered = item.get("offered")
    if not isinstance(offered, bool):
        read.fault(f"{place}, key offered", "true or false", offered)
    return Special(
        name=read.text(f"{place}, key name", item.get("name"), needed=True),
        offered=offered is True,
        fee=read.money(f"{place}, key fee", item.get("fee")) or Decimal(0),
        per=read.text(f"{place}, key per", item.get("per")),
        suggest=read.text(f"{place}, key suggest", item.get("suggest")),
    )


def _packing(read: _Reader, place: str, item: Mapping[str, Any]) -> Packing:
    read.keys(place, item, {"name", "fee", "per"})
    name = read.text(f"{place}, key name", item.get("name"), needed=True)
    size = SIZE.search(name)
    sides = sorted((int(side) for side in size.groups()), reverse=True) if size else None
    return Packing(
        name=name,
        fee=read.money(f"{place}, key fee", item.get("fee")) or Decimal(0),
        per=read.text(f"{place}, key per", item.get("per")),
        size_cm=(sides[0], sides[1], sides[2]) if sides else None,
    )


def _self_pickup(read: _Reader, place: str, item: Mapping[str, Any]) -> SelfPickup:
    read.keys(place, item, {"area", "place"})
    return SelfPickup(
        area=read.text(f"{place}, key area", item.get("area"), needed=True),
        place=read.text(f"{place}, key place", item.get("place"), needed=True),
    )


@dataclass(frozen=True)
class _Reader:
    """Takes values out of the file; each that is wrong becomes a fault and an empty value."""

    file: str
    faults: list[Fault]

    def fault(self, place: str, expected: str, found: object) -> None:
        self.faults.append(Fault(self.file, place, expected, "" if found is None else str(found)))

    def keys(self, place: str, data: Mapping[str, Any], known: set[str]) -> None:
        for key in data:
            if key not in known:
                self.fault(place, "one of the keys " + ", ".join(sorted(known)), key)

    def items(self, data: Mapping[str, Any], key: str) -> list[tuple[str, Mapping[str, Any]]]:
        value = data.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(key, "a list", value)
            return []
        found = []
        for index, item in enumerate(value, start=1):
            if isinstance(item, Mapping):
                found.append((f"{key} item {index}", item))
            else:
                self.fault(f"{key} item {index}", "keys and values", item)
        return found

    def text(self, place: str, value: object, needed: bool = False) -> str:
        if isinstance(value, str) and value.strip():
            return value.strip()
        if needed or value not in (None, ""):
            self.fault(place, "a text", value)
        return ""

    def money(self, place: str, value: object) -> Decimal | None:
        """Yuan as text or a whole number; a YAML float has already lost digits, so it must be quoted."""
        if value is None:
            return None
        text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if DECIMAL.fullmatch(text):
            return Decimal(text)
        self.fault(place, 'yuan as text, such as "10.00"', value)
        return None

    def count(self, place: str, value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self.fault(place, "a whole number from 0", value)
        return 0

    def unique(self, key: str, items: list[Named]) -> tuple[Named, ...]:
        """The named ones, each name once."""
        seen: dict[str, Named] = {}
        for item in items:
            if item.name in seen:
                self.fault(key, "each name once", item.name)
            elif item.name:
                seen[item.name] = item
        return tuple(seen.values())

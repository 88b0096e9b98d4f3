"""Which packing to offer for goods, from what the courier sells, with tips for the customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from faq.services import Packing, Services

FILE = Path(__file__).parent / "data" / "packaging.yaml"


@dataclass(frozen=True, slots=True)
class PackingAdvice:
    """`kind` as in data/packaging.yaml; `packing` and `support` are None where none suits or is needed."""

    kind: str
    packing: Packing | None
    support: Packing | None
    tips: tuple[str, ...]

    @property
    def offers(self) -> tuple[Packing, ...]:
        return tuple(offer for offer in (self.packing, self.support) if offer is not None)


@cache
def _data() -> Mapping[str, Any]:
    data: Mapping[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return data


def advise(
    goods: str, size_cm: Sequence[Decimal] | None, weight_kg: Decimal | None, services: Services
) -> PackingAdvice:
    """The smallest box that takes one piece of `size_cm` with cushioning, else one by weight in kg."""
    data, kind = _data(), _kind(goods)
    tips: tuple[str, ...] = tuple(kind["tips"])
    boxes = sorted((box for box in services.packing if box.size_cm), key=_volume)
    packing = _named(services, kind.get("packing"))
    if packing is None and boxes:
        packing = _by_size(boxes, size_cm, kind["cushion_cm"]) if size_cm else _by_weight(boxes, weight_kg)
        if packing is None and (size_cm or weight_kg is not None):
            tips = (*tips, data["oversize_tip"])
    heavy = weight_kg is not None and weight_kg >= Decimal(kind.get("support_kg", "Infinity"))
    support = _named(services, kind.get("support")) if heavy else None
    return PackingAdvice(kind["id"], packing, support, tips)


def needs_advice(goods: str, size_cm: Sequence[Decimal] | None, weight_kg: Decimal) -> bool:
    """Whether goods are so fragile, heavy or long that the customer is told how to pack them."""
    limits = _data()["bulky"]
    longest = max(size_cm) if size_cm else Decimal(0)
    bulky = weight_kg > Decimal(limits["over_kg"]) or longest > Decimal(limits["over_cm"])
    return bulky or bool(_kind(goods).get("always_told"))


def _kind(goods: str) -> Mapping[str, Any]:
    data = _data()
    found = (kind for kind in data["kinds"] if any(word in goods for word in kind["words"]))
    kind: Mapping[str, Any] = next(found, data["otherwise"])
    return kind


def _volume(box: Packing) -> int:
    long, middle, short = box.size_cm or (0, 0, 0)
    return long * middle * short


def _named(services: Services, name: str | None) -> Packing | None:
    return next((one for one in services.packing if name and one.name.startswith(name)), None)


def _by_size(boxes: Sequence[Packing], size_cm: Sequence[Decimal], cushion_cm: int) -> Packing | None:
    needed = [side + 2 * cushion_cm for side in sorted(size_cm, reverse=True)]
    fitting = (
        box
        for box in boxes
        if all(side <= room for side, room in zip(needed, box.size_cm or (), strict=True))
    )
    return next(fitting, None)


def _by_weight(boxes: Sequence[Packing], weight_kg: Decimal | None) -> Packing | None:
    if weight_kg is None:
        return None
    steps = zip(boxes, _data()["kg_by_box"], strict=False)
    return next((box for box, most in steps if weight_kg <= Decimal(most)), None)

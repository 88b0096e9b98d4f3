"""What the order costs: freight by our own network or EMS, special handling, insurance."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from faq.insurance import premium
from faq.price import Quote, quote
from faq.services import Packing
from intents.meaning import Form, Turn
from intents.pickup_booking.addresses import place_of
from intents.pickup_booking.goods import check_goods
from intents.pickup_booking.packing import packing_of
from intents.pickup_booking.words import say

PIECE = "件"
"""Packing with this unit in services.yaml is charged for each piece."""


def order_price(form: Form, turn: Turn) -> Quote | None:
    """The price of the order as it stands; None where no rate is known for its route."""
    slots, knowledge = form.slots, turn.knowledge
    origin, destination = place_of(form, "origin"), place_of(form, "destination")
    size, volume = slots.get("size_cm"), slots.get("volume_m3")
    return quote(
        knowledge.rates,
        knowledge.billing,
        origin,
        destination,
        Decimal(str(slots["weight_kg"])),
        carrier="own" if knowledge.areas.check(destination).deliver else "EMS",
        size_cm=[Decimal(str(side)) for side in size] if size else None,
        pieces=int(slots.get("pieces") or 1),
        volume_m3=Decimal(str(volume)) if volume else None,
        extras=_extras(form, turn),
    )


def order_outcome(form: Form, turn: Turn) -> dict[str, Any]:
    """What a case keeps of the checks and the price of its order."""
    price, goods = order_price(form, turn), check_goods(form, turn.knowledge)
    covered = turn.knowledge.areas.check(place_of(form, "destination")).deliver
    checked = {
        "conditions": list(goods.all_conditions),
        "goods_check": goods.outcome(),
        "area_check": {"covered": covered, "alternative": "" if covered else "EMS"},
        "branch": _branch(form, turn),
    }
    if price is None:
        return checked
    return {
        "carrier": price.carrier,
        "fee": f"{price.total:.2f}",
        "chargeable_kg": f"{price.chargeable_kg:f}",
        "days": price.days,
        **checked,
        "quote": price.breakdown(),
    }


def _branch(form: Form, turn: Turn) -> dict[str, str] | None:
    """The branch whose couriers collect the order."""
    branch = turn.knowledge.branches.serving(place_of(form, "origin"))
    return {"code": branch.code, "name": branch.name, "phone": branch.phone} if branch else None


def _fee(packing: Packing, form: Form) -> Decimal:
    """What is sold by the piece is needed for each piece."""
    return packing.fee * int(form.slots.get("pieces") or 1) if packing.per == PIECE else packing.fee


def breakdown(price: Quote) -> str:
    parts = [say("freight", chargeable=price.chargeable_kg, freight=price.freight)]
    parts += [say("extra", name=name, fee=fee) for name, fee in price.extras]
    return "，".join(parts)


def _extras(form: Form, turn: Turn) -> list[tuple[str, Decimal]]:
    wished = [turn.knowledge.services.special_named(name) for name in form.slots.get("special", ())]
    extras = [(service.name, service.fee) for service in wished if service and service.fee]
    extras += [(each.kind, _fee(each, form)) for each in packing_of(form, turn) if each.fee]
    insured = form.slots.get("insured_value")
    if insured:
        extras.append((say("premium_name"), premium(Decimal(str(insured))).fee))
    return extras

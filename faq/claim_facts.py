"""What a claim rests on: the waybill's facts, the network's finding, and what the customer said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TypedDict, Unpack

import yaml

from faq.service_promise import promised_by, total_delay_day, zone_of
from faq.shipment import CHINA, Finding, Shipment

CAUSES = Path(__file__).parent / "data" / "claim_causes.yaml"
LOST = frozenset({"lost", "loss"})


@dataclass(frozen=True)
class ClaimFacts:
    """Money in yuan, weights in kg, days in China; None is "not known"."""

    posted_on: date | None
    claimed_on: date
    factor: str
    """As claimed: `delay`, `loss`, `damage`, `mismatch`."""
    extent: str = ""
    """`total`, `partial`, or not said."""
    by: str = ""
    """Mismatch: `name` (other goods), `quantity` (fewer, or lighter), or not said."""
    fee: Decimal | None = None
    """Freight actually paid, without surcharges."""
    fee_paid_by: str = "sender"
    insured: bool = False
    """保价 bought and paid for."""
    insured_amount: Decimal | None = None
    weight_kg: Decimal | None = None
    """Actual weight; 0 is unknown."""
    weight_confirmed: bool = True
    """False where only the customer said it."""
    value_total: Decimal | None = None
    value_lost: Decimal | None = None
    count_total: int | None = None
    count_missing: int | None = None
    weight_total: Decimal | None = None
    weight_missing: Decimal | None = None
    goods_spoilt: bool = False
    """The delay took value from the contents."""
    promised_on: date | None = None
    total_delay_on: date | None = None
    """The last day of the total-delay limit."""
    delivered_on: date | None = None
    late: bool | None = None
    """The promise was missed, to the minute; None: by `promised_on`."""
    found_lost: bool = False
    """The network has found the parcel to be lost."""
    found_ours: bool = False
    """The network has found that it happened in its hands, not through the packing."""
    signed_and_gone: bool = False
    """Signed for, and the courier had left before anything was said."""
    cause: str = ""
    """`customer_fault`, `goods_nature`, `force_majeure`; `customer_side` where that is still to be decided;
    `weather` is only noted."""
    packed_by: str = ""
    """`customer` or `courier`."""
    claimant: str = "sender"
    """`sender`, `beneficiary`, `receiver`, `unknown`."""
    queried_within_year: bool = False
    special_agreement: bool = False
    product: str = "domestic"

    @property
    def missed_promise(self) -> bool | None:
        """Whether it came, or is, later than promised; None where no promise is known."""
        if self.late is not None or self.promised_on is None:
            return self.late
        return (self.delivered_on or self.claimed_on) > self.promised_on

    @property
    def mismatch_by(self) -> str:
        """As said; otherwise all of it wrong is other goods (`name`), and a part is fewer (`quantity`)."""
        return self.by or ("name" if self.extent == "total" else "quantity")


class Said(TypedDict, total=False):
    """What the customer said, or the ledger knows, beside the shipment; as in ClaimFacts."""

    claimant: str
    extent: str
    by: str
    weight_kg: Decimal | None
    value_total: Decimal | None
    value_lost: Decimal | None
    count_total: int | None
    count_missing: int | None
    weight_total: Decimal | None
    weight_missing: Decimal | None
    goods_spoilt: bool
    noted_at_door: bool
    """It was noted on the slip, or told to the courier, before he left."""
    queried_within_year: bool
    special_agreement: bool


def facts_from_shipment(
    shipment: Shipment, factor: str, claimed_on: date, **said: Unpack[Said]
) -> ClaimFacts:
    """The facts of a claim about a shipment; what the network has found goes before what is said.

    With a `claimed_on` that has a time of day, the promise is compared to the minute.
    """
    finding = shipment.finding
    values = _values(shipment, finding, said)
    weight = shipment.weight_kg or None
    promised = promised_by(shipment)
    return ClaimFacts(
        posted_on=_day(shipment.shipped_at),
        claimed_on=_in_china(claimed_on),
        factor=factor,
        extent=(finding.extent if finding else "") or said.get("extent", ""),
        by=said.get("by", ""),
        fee=shipment.fee,
        fee_paid_by=shipment.fee_paid_by,
        insured=shipment.insured,
        insured_amount=shipment.insured_value,
        weight_kg=weight or said.get("weight_kg"),
        weight_confirmed=weight is not None,
        value_total=values[0],
        value_lost=values[1],
        count_total=said.get("count_total") or sum(item.quantity for item in shipment.declared) or None,
        count_missing=said.get("count_missing"),
        weight_total=said.get("weight_total") or weight,
        weight_missing=said.get("weight_missing"),
        goods_spoilt=said.get("goods_spoilt", False),
        promised_on=_last_day(promised),
        total_delay_on=_total_delay_on(shipment, promised),
        delivered_on=_day(shipment.signed_at),
        late=_late(shipment, promised, claimed_on),
        found_lost=bool(finding and finding.result in LOST) or shipment.status == "lost",
        found_ours=finding is not None and _causes()["findings"].get(finding.cause) != "packing",
        signed_and_gone=shipment.signed_at is not None
        and finding is None
        and not said.get("noted_at_door", False),
        cause=_cause(shipment, factor),
        packed_by=shipment.packed_by,
        claimant=said.get("claimant", "sender"),
        queried_within_year=said.get("queried_within_year", False),
        special_agreement=said.get("special_agreement", False),
        product=shipment.product,
    )


@cache
def _causes() -> Mapping[str, Mapping[str, str]]:
    causes: Mapping[str, Mapping[str, str]] = yaml.safe_load(CAUSES.read_text("utf-8"))
    return causes


def _values(shipment: Shipment, finding: Finding | None, said: Said) -> tuple[Decimal | None, Decimal | None]:
    """Value of the contents and of what is lost: as found, as said, or as declared at posting."""
    found_total = finding.value_total if finding else None
    found_lost = finding.value_lost if finding else None
    total = _first(found_total, said.get("value_total"), _declared_value(shipment))
    return total, _first(found_lost, said.get("value_lost"))


def _first(*values: Decimal | None) -> Decimal | None:
    return next((value for value in values if value is not None), None)


def _declared_value(shipment: Shipment) -> Decimal | None:
    values = [item.quantity * item.unit_value for item in shipment.declared if item.unit_value is not None]
    return sum(values, Decimal(0)) if values and len(values) == len(shipment.declared) else None


def _in_china(at: date) -> date:
    return at.astimezone(CHINA).date() if isinstance(at, datetime) else at


def _day(at: datetime | None) -> date | None:
    return at.astimezone(CHINA).date() if at else None


def _last_day(limit: datetime | None) -> date | None:
    """The day that ends with a limit; 00:00 is the end (24:00) of the day before."""
    return _day(limit - timedelta.resolution) if limit else None


def _total_delay_on(shipment: Shipment, promised: datetime | None) -> date | None:
    """The waybill's own limit, otherwise the standard's days after the promise."""
    if shipment.total_delay_at:
        return _last_day(shipment.total_delay_at)
    promised_on = _last_day(promised)
    posted_on = _day(shipment.shipped_at) or promised_on
    return total_delay_day(promised_on, zone_of(shipment), posted_on) if promised_on and posted_on else None


def _late(shipment: Shipment, promised: datetime | None, claimed_on: date) -> bool | None:
    if promised is None:
        return None
    if shipment.signed_at:
        return shipment.signed_at > promised
    return claimed_on > promised if isinstance(claimed_on, datetime) else None


def _cause(shipment: Shipment, factor: str) -> str:
    """An exemption, by the finding; a late or missing parcel without one, by what was reported last."""
    if shipment.finding and shipment.finding.cause:
        found = _causes()["findings"].get(shipment.finding.cause, "")
        return "" if found == "packing" else found
    reasons = [event.reason for event in shipment.events if event.reason]
    if factor in ("delay", "loss") and reasons:
        return _causes()["events"].get(reasons[-1], "")
    return ""

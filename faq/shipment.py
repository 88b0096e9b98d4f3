"""A parcel as the network reports it; the JSON form is the one of the HTTP contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from faq.place import Place

CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Party:
    name: str
    phone: str
    address: Place


@dataclass(frozen=True)
class Event:
    at: datetime
    code: str
    place: str
    text: str
    reason: str = ""
    courier_phone: str = ""


@dataclass(frozen=True)
class Finding:
    """The network's investigation: `result` lost, damaged, mismatch …; `extent` total or partial."""

    result: str
    extent: str
    cause: str
    value_total: Decimal | None
    value_lost: Decimal | None


@dataclass(frozen=True)
class Declared:
    name: str
    quantity: int
    unit_value: Decimal | None


@dataclass(frozen=True)
class Shipment:
    """Money in yuan, weight in kg. `events` are in order of time."""

    waybill: str
    sender: Party
    receiver: Party
    origin: Place
    destination: Place
    product: str
    shipped_at: datetime | None
    promised_at: datetime | None
    signed_at: datetime | None
    signed_by: str
    goods: str
    pieces: int
    weight_kg: Decimal | None
    fee: Decimal | None
    fee_paid_by: str
    insurance_fee: Decimal
    insured_value: Decimal | None
    declared: tuple[Declared, ...]
    packed_by: str
    total_delay_at: datetime | None
    free_redeliveries_left: int | None
    arbitration: str
    finding: Finding | None
    status: str
    events: tuple[Event, ...]
    agreement: str = ""
    """A special agreement on compensation with the customer (A.3), in words; empty where there is none."""
    fetched_at: datetime | None = None
    """When a tracking service told all this; None where the network reports it by itself."""

    @property
    def insured(self) -> bool:
        """保价 counts only where its fee was paid (A.3.2 b)."""
        return self.insured_value is not None and self.insurance_fee > 0

    @property
    def last_event(self) -> Event | None:
        return self.events[-1] if self.events else None

    def is_party(self, phone: str | None) -> bool:
        """Whether a phone that the channel has proved belongs to the sender or the receiver."""
        return phone is not None and phone in (self.sender.phone, self.receiver.phone)


def read_instant(value: str) -> datetime:
    """An ISO time; a date alone is the end of that day, and no offset means China's."""
    at = datetime.fromisoformat(value)
    if len(value) == len("2026-11-23"):
        at = datetime.combine(at, time(23, 59, 59))
    return at if at.tzinfo else at.replace(tzinfo=CHINA)


def _place(given: Mapping[str, str] | str | None) -> Place:
    """By its parts, or as it is written."""
    return Place(detail=given) if isinstance(given, str) else Place.from_slot(given or {})


def shipment_from_json(waybill: str, data: Mapping[str, Any]) -> Shipment:
    """Build a shipment from the contract's JSON; absent keys are unknown."""

    def when(key: str) -> datetime | None:
        value = data.get(key)
        return read_instant(value) if value else None

    def money(key: str, source: Mapping[str, Any] = data) -> Decimal | None:
        value = source.get(key)
        return None if value is None or value == "" else Decimal(str(value))

    def party(key: str) -> Party:
        value = data.get(key) or {}
        return Party(value.get("name") or "", value.get("phone") or "", _place(value.get("address")))

    finding = data.get("finding")
    events = [
        Event(
            at=read_instant(event["at"]),
            code=event["code"],
            place=event.get("place") or "",
            text=event.get("text") or "",
            reason=event.get("reason") or "",
            courier_phone=event.get("courier_phone") or "",
        )
        for event in data.get("events") or []
    ]
    return Shipment(
        waybill=waybill,
        sender=party("sender"),
        receiver=party("receiver"),
        origin=_place(data.get("origin")),
        destination=_place(data.get("destination")),
        product=data.get("product") or "domestic",
        shipped_at=when("shipped_at"),
        promised_at=when("promised_at") or when("promised_by"),
        signed_at=when("signed_at"),
        signed_by=data.get("signed_by") or "",
        goods=data.get("goods") or "",
        pieces=int(data.get("pieces") or 1),
        weight_kg=money("weight_kg"),
        fee=money("fee"),
        fee_paid_by=data.get("fee_paid_by") or "sender",
        insurance_fee=money("insurance_fee") or Decimal(0),
        insured_value=money("insured_value"),
        declared=tuple(
            Declared(item.get("name") or "", int(item.get("quantity") or 1), money("unit_value", item))
            for item in data.get("declared") or []
        ),
        packed_by=data.get("packed_by") or "",
        total_delay_at=when("total_delay_at"),
        free_redeliveries_left=data.get("free_redeliveries_left"),
        arbitration=data.get("arbitration") or "",
        finding=None
        if not finding
        else Finding(
            result=finding.get("result") or "",
            extent=finding.get("extent") or "",
            cause=finding.get("cause") or "",
            value_total=money("value_total", finding),
            value_lost=money("value_lost", finding),
        ),
        status=data.get("status") or "",
        events=tuple(sorted(events, key=lambda event: event.at)),
        agreement=data.get("agreement") or "",
        fetched_at=when("fetched_at"),
    )

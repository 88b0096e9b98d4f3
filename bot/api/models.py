"""The bodies of the company API; fields as in the HTTP contract, more are kept as they are."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from faq.shipment import read_instant


def _money(value: str | int | float) -> str:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number < TOO_MUCH:
        raise ValueError("expected a decimal number such as 12.50")
    return f"{number:f}"


def _instant(value: str) -> str:
    read_instant(value)
    return value


TOO_MUCH = 10**9
"""No amount of yuan and no weight in kg is as large; it is a mistake in the sender's system."""
Money = Annotated[str | int | float, AfterValidator(_money)]
Instant = Annotated[str, AfterValidator(_instant)]
Short = Annotated[str, StringConstraints(max_length=100)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9-]{5,20}$")]
Waybill = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{8,20}$")]
EventCode = Literal[
    "collected",
    "in_transit",
    "arrived",
    "out_for_delivery",
    "failed_delivery",
    "signed",
    "problem",
    "returned",
    "lost",
    "damaged",
    "shortage",
]


class Open(BaseModel):
    """More fields may come and are kept."""

    model_config = ConfigDict(extra="allow")


class EventBody(Open):
    at: Instant
    code: EventCode
    place: str = ""
    text: str = ""
    reason: str | None = None
    courier_phone: str | None = None


class PlaceBody(Open):
    province: str | None = None
    city: str | None = None
    district: str | None = None
    detail: str | None = None


class PartyBody(Open):
    name: str | None = None
    phone: str | None = None
    address: PlaceBody | str | None = None


class DeclaredBody(Open):
    name: str | None = None
    quantity: Annotated[int, Field(ge=0)] | None = None
    unit_value: Money | None = None


class FindingBody(Open):
    result: str | None = None
    extent: str | None = None
    cause: str | None = None
    value_total: Money | None = None
    value_lost: Money | None = None


class ShipmentBody(Open):
    sender: PartyBody | None = None
    receiver: PartyBody | None = None
    origin: PlaceBody | str | None = None
    destination: PlaceBody | str | None = None
    product: Literal["domestic", "hk_mo_tw", "international"] = "domestic"
    shipped_at: Instant | None = None
    promised_at: Instant | None = None
    promised_by: Instant | None = None
    signed_at: Instant | None = None
    signed_by: str | None = None
    goods: str | None = None
    pieces: Annotated[int, Field(ge=1)] | None = None
    weight_kg: Money | None = None
    fee: Money | None = None
    fee_paid_by: Literal["sender", "receiver"] | None = None
    insurance_fee: Money | None = None
    insured_value: Money | None = None
    declared: list[DeclaredBody] | None = None
    packed_by: Literal["customer", "courier"] | None = None
    total_delay_at: Instant | None = None
    free_redeliveries_left: int | None = None
    arbitration: str | None = None
    agreement: str | None = None
    finding: FindingBody | None = None
    status: str | None = None
    events: list[EventBody] = Field(default_factory=list)


class EventsBody(BaseModel):
    events: list[EventBody]


class KnownAddress(Open):
    name: str | None = None
    phone: str | None = None
    address: PlaceBody | None = None


class CustomerBody(Open):
    name: str = ""
    returning: bool = True
    address_book: list[KnownAddress] = Field(default_factory=list)
    usual_goods: list[str] = Field(default_factory=list)


class Agent(BaseModel):
    id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    name: Annotated[str, StringConstraints(max_length=100)] = ""


class AssignBody(BaseModel):
    agent: Agent


class WordBody(BaseModel):
    text: Annotated[str, StringConstraints(pattern=r"\S", max_length=4000)]
    agent: Agent | None = None


class IntentBody(BaseModel):
    intent: str


class ReturnBody(BaseModel):
    note: str = ""


class DeadlineBody(BaseModel):
    name: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    due: AwareDatetime


class HistoryBody(BaseModel):
    at: AwareDatetime
    by: Short = ""
    what: str = ""


class CaseCustomer(Open):
    name: str | None = None
    phone: Phone | None = None


class CaseBody(Open):
    kind: Literal["pickup", "inquiry", "complaint", "claim", "delivery_change"]
    status: str
    conversation: Short = ""
    customer: CaseCustomer = CaseCustomer()
    waybill: Annotated[str, StringConstraints(max_length=20)] = ""
    priority: Literal["normal", "high", "urgent"] = "normal"
    form: dict[str, Any] = Field(default_factory=dict)
    outcome: dict[str, Any] = Field(default_factory=dict)
    deadlines: list[DeadlineBody] = Field(default_factory=list)
    owner: Short = ""
    contacts: Annotated[int, Field(ge=1)] = 1
    opened_at: AwareDatetime | None = None
    history: list[HistoryBody] = Field(default_factory=list)
    external_id: Annotated[str, StringConstraints(max_length=128)] | None = None


class CaseChange(BaseModel):
    status: str
    by: Short = ""
    text: str = ""


class StepBody(BaseModel):
    by: Short = ""
    text: str = ""
    total: Money | None = None

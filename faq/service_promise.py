"""What the courier owes by when, and how long a customer may ask; periods in data/service_promise.yaml.

Instants go in aware and come out in China's time. A period in calendar days does not count the day of the
event and ends with the last second of its last day; weekends and holidays move nothing.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from faq.dated import DatedValues, read_dated
from faq.service_hours import DeskHours, next_closing, next_opening
from faq.shipment import CHINA, Shipment

FILE = Path(__file__).parent / "data" / "service_promise.yaml"
DAY_END = time(23, 59, 59)
TAIWAN = "台湾省"


@cache
def _periods() -> DatedValues:
    return read_dated(FILE)


def promise_value(name: str, day: date) -> int:
    """A period of the file in force on a day, in its own unit; raises NoValueInForce."""
    return int(_periods().value_on(name, day))


# A.5.2: the claim form is answered within 24 hours; day and night, to the minute.
def claim_answer_due(submitted: datetime) -> datetime:
    """When the answer to a complete, submitted claim form is due."""
    return _hours_after(submitted, "claim_answer")


# A.5.3: from that answer (not from the form) to the plan, 30 calendar days; international 60.
def claim_decision_due(answered: datetime, product: str = "domestic") -> datetime:
    """When the decision is due; `product` is `domestic`, `hk_mo_tw` or `international`."""
    return _end_of_day(answered, claim_decision_days(product, _china(answered).date()))


def claim_decision_days(product: str, day: date) -> int:
    """The calendar days of A.5.3 for a product."""
    return promise_value(f"claim_decision_{product}", day)


# A.5.4: paid within 7 calendar days of the agreement; a holiday does not put it off.
def claim_payment_due(agreed: datetime) -> datetime:
    """By when the agreed sum is paid."""
    return _end_of_day(agreed, promise_value("claim_payment", _china(agreed).date()))


def complaint_answer_due(at: datetime) -> datetime:
    """When the first answer to a complaint is due: 24 hours."""
    return _hours_after(at, "complaint_answer")


def email_answer_due(received: datetime) -> datetime:
    """When a letter or e-mail is answered at the latest: 24 hours."""
    return _hours_after(received, "email_answer")


# Inquiries: within 20 minutes. Only minutes in which people sit at the desk count.
def inquiry_due(at: datetime, desk: DeskHours) -> datetime:
    """By when a person answers an inquiry; a desk whose end is time.max stays open overnight."""
    if desk.start >= desk.end:
        raise ValueError(f"expected a desk that opens before it closes, found {desk.start} to {desk.end}")
    at = _china(at)
    left = timedelta(minutes=promise_value("inquiry_answer", at.date()))
    while True:
        opening = next_opening(at, desk)
        closing = next_closing(opening, desk)
        if opening + left <= closing:
            return opening + left
        left -= closing - opening
        at = closing


def follow_up_due(closed: datetime) -> datetime:
    """When the customer is asked whether a closed case is really solved (回访): a day later."""
    at = _china(closed)
    return at + timedelta(days=promise_value("follow_up", at.date()))


# A.4: a claim within one year of the day of posting, that day not counted.
def last_claim_day(posted: date) -> date:
    """The last day on which a claim may be made; until its end."""
    return _years_on(posted, promise_value("claim_window", posted))


# 操作标准(二)2: a parcel may be asked about for one year.
def last_query_day(posted: date) -> date:
    """The last day on which a parcel may be asked about; until its end."""
    return _years_on(posted, promise_value("query_window", posted))


def query_valid(shipped: date, today: date) -> bool:
    """Whether a parcel may still be asked about today."""
    return today <= last_query_day(shipped)


def zone_of(shipment: Shipment) -> str:
    """`same_city`, `domestic`, `hk_mo`, `tw` or `international`: what the standard tells apart."""
    origin, destination = shipment.origin, shipment.destination
    if shipment.product == "hk_mo_tw":
        return "tw" if TAIWAN in (origin.province, destination.province) else "hk_mo"
    if shipment.product == "international":
        return "international"
    same = origin.city and (origin.province, origin.city) == (destination.province, destination.city)
    return "same_city" if same else "domestic"


def promised_by(shipment: Shipment) -> datetime | None:
    """The promise on the waybill; without one, the standard's hours; None where it has none either."""
    if shipment.promised_at or shipment.shipped_at is None:
        return shipment.promised_at
    zone = zone_of(shipment)
    if zone not in ("same_city", "domestic"):
        return None
    return shipment.shipped_at + timedelta(hours=promise_value(f"promise_{zone}", shipment.shipped_at.date()))


# A.2 b: undelivered when the total-delay limit is over is lost; on its last day it is still late.
def total_delay_day(promised: date, zone: str, posted: date) -> date:
    """The last day of the total-delay limit for a waybill that names none, by the value of its posting."""
    return promised + timedelta(days=promise_value(f"total_delay_{zone}", posted))


def _china(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"expected an aware time, found {at}")
    return at.astimezone(CHINA)


def _hours_after(at: datetime, name: str) -> datetime:
    at = _china(at)
    return at + timedelta(hours=promise_value(name, at.date()))


def _end_of_day(at: datetime, days: int) -> datetime:
    return datetime.combine(_china(at).date() + timedelta(days=days), DAY_END, CHINA)


def _years_on(day: date, years: int) -> date:
    """The same date; 29 February becomes 28 where the year has none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)

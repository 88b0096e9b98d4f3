"""What is due when: the worked deadlines, desk time, and the year in which a parcel may be asked about."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.dated import NoValueInForce
from faq.service_hours import DeskHours, desk_open
from faq.service_promise import (
    claim_answer_due,
    claim_decision_due,
    claim_payment_due,
    complaint_answer_due,
    email_answer_due,
    follow_up_due,
    inquiry_due,
    last_claim_day,
    last_query_day,
    promise_value,
    promised_by,
    query_valid,
    total_delay_day,
    zone_of,
)
from faq.shipment import CHINA, Shipment, shipment_from_json

FILE = Path(__file__).parent / "data" / "claim_examples.json"
WORKED = {each["id"]: each for each in json.loads(FILE.read_text("utf-8"))["times"]}
NINE_TO_SIX = DeskHours(time(9), time(18))
WEEKDAYS = DeskHours(time(9), time(18), frozenset(range(5)), frozenset({date(2026, 10, 1)}))
DAY_AND_NIGHT = DeskHours(time.min, time.max)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


def test_a_claim_form_is_answered_within_24_hours_to_the_minute() -> None:
    example = WORKED["T01"]
    due = claim_answer_due(datetime.fromisoformat(example["received"]))
    assert due == datetime.fromisoformat(example["reply_due"])


@pytest.mark.parametrize(
    ("example", "product"),
    [("T02", "domestic"), ("T03", "hk_mo_tw"), ("T04", "international")],
)
def test_a_claim_is_decided_within_calendar_days_of_the_answer(example: str, product: str) -> None:
    worked = WORKED[example]
    due = claim_decision_due(datetime.fromisoformat(worked["replied"]), product)
    assert due.isoformat() == f"{worked['plan_due_day']}T23:59:59+08:00"


def test_a_claim_is_paid_within_7_calendar_days_of_the_agreement() -> None:
    example = WORKED["T05"]
    due = claim_payment_due(at(f"{example['agreed']}T10:00"))
    assert due.isoformat() == f"{example['pay_due_day']}T23:59:59+08:00"


def test_an_inquiry_is_answered_after_20_minutes_where_the_desk_never_closes() -> None:
    example = WORKED["T06"]
    due = inquiry_due(datetime.fromisoformat(example["received"]), DAY_AND_NIGHT)
    assert due == datetime.fromisoformat(example["answer_due"])


def test_a_letter_is_answered_within_24_hours() -> None:
    example = WORKED["T07"]
    due = email_answer_due(datetime.fromisoformat(example["received"]))
    assert due == datetime.fromisoformat(example["reply_due"])


LAST_DAYS = [("T08", "2026-11-23"), ("T09", "2025-02-28"), ("T10", "2026-11-21")]


@pytest.mark.parametrize(("example", "last"), LAST_DAYS)
@pytest.mark.parametrize("window", [last_query_day, last_claim_day])
def test_a_parcel_may_be_asked_about_until_the_same_date_a_year_on(
    window: Callable[[date], date], example: str, last: str
) -> None:
    worked: dict[str, Any] = WORKED[example]
    assert worked.get("contract", worked)["last_query_day"] == last
    assert window(date.fromisoformat(worked["posted"])).isoformat() == last


def test_the_day_after_the_last_day_is_too_late() -> None:
    posted = date(2025, 11, 23)
    assert query_valid(posted, date(2026, 11, 23))
    assert not query_valid(posted, date(2026, 11, 24))


def test_a_complaint_is_answered_within_24_hours_also_over_a_weekend() -> None:
    assert complaint_answer_due(at("2026-11-21T16:30")) == at("2026-11-22T16:30")


def test_a_closed_case_is_followed_up_a_day_later() -> None:
    assert follow_up_due(at("2026-11-23T16:30")) == at("2026-11-24T16:30")


@pytest.mark.parametrize(
    ("desk", "asked", "due"),
    [
        (NINE_TO_SIX, "2026-11-23T10:00", "2026-11-23T10:20"),
        (NINE_TO_SIX, "2026-11-23T17:40", "2026-11-23T18:00"),
        (NINE_TO_SIX, "2026-11-23T17:50", "2026-11-24T09:10"),
        (NINE_TO_SIX, "2026-11-23T18:00", "2026-11-24T09:20"),
        (NINE_TO_SIX, "2026-11-23T07:00", "2026-11-23T09:20"),
        (WEEKDAYS, "2026-11-20T17:55", "2026-11-23T09:15"),
        (WEEKDAYS, "2026-09-30T20:00", "2026-10-02T09:20"),
    ],
)
def test_only_minutes_of_the_open_desk_count(desk: DeskHours, asked: str, due: str) -> None:
    assert inquiry_due(at(asked), desk) == at(due)


def test_a_desk_that_closes_before_it_opens_is_an_error() -> None:
    with pytest.raises(ValueError, match="opens before it closes"):
        inquiry_due(at("2026-11-23T10:00"), DeskHours(time(18), time(9)))


def test_a_period_runs_in_chinas_time_whatever_the_zone_of_the_instant() -> None:
    late_evening_in_utc = datetime.fromisoformat("2026-11-30T17:00:00+00:00")
    assert claim_payment_due(late_evening_in_utc) == datetime(2026, 12, 8, 23, 59, 59, tzinfo=CHINA)


def test_a_time_without_a_zone_is_an_error() -> None:
    with pytest.raises(ValueError, match="aware"):
        claim_answer_due(at("2026-11-23T10:00").replace(tzinfo=None))


def test_an_unknown_product_is_an_error() -> None:
    with pytest.raises(NoValueInForce, match="claim_decision_lunar"):
        claim_decision_due(at("2026-11-23T10:00"), "lunar")


def test_the_year_of_a_query_stands_in_the_data() -> None:
    assert promise_value("query_window", date(2026, 11, 23)) == 1


def shipment(**data: Any) -> Shipment:
    return shipment_from_json("300100000001", data)


HANGZHOU = {"province": "浙江省", "city": "杭州市"}
SHANGHAI = {"province": "上海市", "city": "上海市"}
TAIPEI = {"province": "台湾省", "city": "台北市"}


@pytest.mark.parametrize(
    ("product", "destination", "zone"),
    [
        ("domestic", HANGZHOU, "same_city"),
        ("domestic", SHANGHAI, "domestic"),
        ("domestic", {}, "domestic"),
        ("hk_mo_tw", {"province": "香港特别行政区"}, "hk_mo"),
        ("hk_mo_tw", TAIPEI, "tw"),
        ("international", {}, "international"),
    ],
)
def test_the_zone_follows_from_product_and_places(
    product: str, destination: dict[str, str], zone: str
) -> None:
    assert zone_of(shipment(product=product, origin=HANGZHOU, destination=destination)) == zone


def test_two_unknown_places_are_not_the_same_city() -> None:
    assert zone_of(shipment()) == "domestic"


def test_the_promise_of_the_waybill_goes_before_the_standard() -> None:
    sent = shipment(shipped_at="2026-11-16T10:00", promised_at="2026-11-18T18:00")
    assert promised_by(sent) == at("2026-11-18T18:00")


def test_without_a_promise_the_standards_hours_count_from_collection() -> None:
    assert promised_by(shipment(shipped_at="2026-11-16T10:00")) == at("2026-11-19T10:00")
    within = shipment(shipped_at="2026-11-16T10:00", origin=HANGZHOU, destination=HANGZHOU)
    assert promised_by(within) == at("2026-11-17T10:00")


def test_abroad_and_uncollected_no_promise_is_known() -> None:
    assert promised_by(shipment(shipped_at="2026-11-16T10:00", product="international")) is None
    assert promised_by(shipment()) is None


@pytest.mark.parametrize(
    ("zone", "last"),
    [("same_city", 23), ("domestic", 27), ("hk_mo", 27), ("tw", 30), ("international", 30)],
)
def test_total_delay_ends_days_after_the_promised_day(zone: str, last: int) -> None:
    assert total_delay_day(date(2026, 11, 20), zone, date(2026, 11, 18)) == date(2026, 11, last)


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31), timezones=st.just(CHINA))  # noqa: DTZ001


@given(MOMENTS, st.sampled_from([NINE_TO_SIX, WEEKDAYS, DAY_AND_NIGHT]))
@settings(max_examples=200)
def test_an_inquiry_is_never_due_in_less_than_20_minutes_and_always_at_the_desk(
    asked: datetime, desk: DeskHours
) -> None:
    due = inquiry_due(asked, desk)
    assert due - asked >= timedelta(minutes=20)
    assert desk_open(due - timedelta.resolution, desk)


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_a_year_has_365_or_366_days(posted: date) -> None:
    assert last_claim_day(posted) - posted in (timedelta(365), timedelta(366))

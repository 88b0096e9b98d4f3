"""Why a parcel is late, by what the network reported, and what the customer is told."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from faq.delay_cause import FILE, cause_event, delay_cause, explanation, late, remedy, told_cause
from faq.shipment import Shipment, shipment_from_json

PROMISED = "2026-11-20T18:00:00+08:00"
BEFORE = datetime.fromisoformat("2026-11-20T18:00:00+08:00")
NOW = datetime.fromisoformat("2026-11-23T10:00:00+08:00")


def parcel(*reasons: str, signed_at: str = "", promised_at: str = PROMISED) -> Shipment:
    """A parcel with one event a reason, a day apart from 18 November on."""
    events = [
        {"at": f"2026-11-{18 + index}T08:00:00+08:00", "code": "problem", "reason": reason, "text": reason}
        for index, reason in enumerate(reasons)
    ]
    return shipment_from_json(
        "300100000001", {"promised_at": promised_at, "signed_at": signed_at, "events": events}
    )


def test_a_late_parcel_that_was_refused_is_told_so_and_asks_what_to_do() -> None:
    assert told_cause(parcel("refused"), NOW) == (
        "unknown",
        "收件人拒收了这票快件。",
        "请寄件人告诉我再送一次，还是退回。",
    )


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("weather", "objective"),
        ("traffic", "objective"),
        ("force_majeure", "objective"),
        ("staff", "human"),
        ("phone_unreachable", "information"),
        ("wrong_address", "information"),
        ("out_of_area", "out_of_area"),
        ("refused", "unknown"),
    ],
)
def test_each_reason_has_its_cause(reason: str, cause: str) -> None:
    assert delay_cause(parcel(reason), NOW) == cause


def test_no_reason_and_a_missed_promise_is_our_own_doing() -> None:
    assert delay_cause(parcel(), NOW) == "human"


def test_no_reason_inside_the_promise_is_unknown() -> None:
    assert delay_cause(parcel(), BEFORE) == "unknown"


def test_what_stands_in_the_way_now_goes_before_what_did() -> None:
    assert delay_cause(parcel("weather", "phone_unreachable", ""), NOW) == "information"


def test_what_is_not_yet_is_not_known() -> None:
    assert delay_cause(parcel("weather", "", "", "", "", "", "staff"), NOW) == "objective"


def test_the_event_of_the_cause_keeps_the_networks_own_words() -> None:
    event = cause_event(parcel("weather", ""), NOW)
    assert event is not None
    assert event.text == "weather"
    assert cause_event(parcel("", ""), NOW) is None


@pytest.mark.parametrize(
    ("shipment", "is_late"),
    [
        (parcel(), True),
        (parcel(signed_at="2026-11-20T18:00:00+08:00"), False),
        (parcel(signed_at="2026-11-20T18:01:00+08:00"), True),
        (parcel(promised_at=""), False),
        (parcel(promised_at="2026-11-23"), False),
    ],
)
def test_late_is_past_the_promise_and_not_signed_for_by_then(shipment: Shipment, is_late: bool) -> None:
    assert late(shipment, NOW) is is_late


def test_the_minute_of_the_promise_is_in_time() -> None:
    assert not late(parcel(), BEFORE)


@pytest.mark.parametrize("cause", ["objective", "human", "information", "out_of_area", "unknown"])
def test_every_cause_is_explained_and_has_a_way_on(cause: str) -> None:
    assert explanation(cause).endswith("。")
    assert remedy(cause).endswith("。")


def test_a_known_reason_is_explained_more_closely() -> None:
    assert "天气" in explanation("objective", "weather")
    assert "天气" not in explanation("objective", "traffic")
    assert explanation("unknown", "refused") != explanation("unknown")
    assert explanation("unknown", "eaten by a dog") == explanation("unknown")


@pytest.mark.parametrize("topic", ["explanation", "explanation_of_reason", "remedy"])
def test_no_sentence_makes_up_a_date(topic: str) -> None:
    sentences = "".join(yaml.safe_load(Path(FILE).read_text("utf-8"))[topic].values())
    assert re.findall(r"\d|今天|明天|后天|小时", sentences) == []

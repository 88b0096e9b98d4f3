"""What an agent reads first: two lines with the wish, the waybills, the form, the cases and the last words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.priority import higher, priority_of
from handoff.summary import summarise


def said(*texts: str) -> list[dict[str, Any]]:
    return [{"sender": "customer", "text": text} for text in texts]


def test_a_conversation_is_told_in_two_lines() -> None:
    messages = [
        *said("我要寄两箱书到杭州", "昨天那个 300100000026 到哪了"),
        {"sender": "bot", "text": "在北京，明天送到。"},
        *said("转人工"),
    ]
    form = {
        "intent": "pickup_booking",
        "slots": {
            "goods": "书",
            "pieces": 2,
            "destination": {"province": "浙江省", "city": "杭州市"},
            "pickup_time": {"start": "2026-11-24T15:00:00+08:00", "end": "2026-11-24T15:00:00+08:00"},
        },
        "missing": ["origin"],
    }
    assert summarise(messages, form, ["PU20261123-00001"], "human") == (
        "转人工；运单 300100000026；正在办理 寄件预约"
        "（物品 书，件数 2，寄到 浙江省杭州市，取件 11-24 15:00，待补充 寄自）；案件 PU20261123-00001\n"
        "客户说：我要寄两箱书到杭州 / 昨天那个 300100000026 到哪了 / 转人工"
    )


def test_only_the_last_three_words_of_the_customer_are_told() -> None:
    assert summarise(said("一", "二", "三", "四"), None, [], "faq").splitlines()[1] == "客户说：二 / 三 / 四"


def test_pictures_alone_are_no_words() -> None:
    assert summarise(said("", ""), None, [], "complaint") == "投诉\n客户说：（没有文字）"


def test_a_waybill_said_long_ago_or_only_in_the_form_is_told() -> None:
    form = {"intent": "claim", "slots": {"waybills": ["ANE300123456789"], "factor": "loss"}, "missing": []}
    first = summarise(said("查 300100000026", *"好好好好"), form, [], "claim").splitlines()[0]
    assert first == "理赔；运单 300100000026 ANE300123456789；正在办理 理赔（原因 遗失）"


@pytest.mark.parametrize(
    ("text", "waybill"),
    [
        ("单号 3001-2345-6789", "300123456789"),
        ("ane 3001 2345 6789 到了吗", "ANE300123456789"),
        ("查３００１２３４５６７８９", "300123456789"),
        ("YD13812345678", "YD13812345678"),
        ("单号300123456789电话13800138000", "300123456789"),
    ],
)
def test_a_waybill_is_known_however_it_is_written(text: str, waybill: str) -> None:
    assert summarise(said(text), None, [], "tracking_query").splitlines()[0] == f"查件；运单 {waybill}"


@pytest.mark.parametrize(
    "text", ["CP20261116-00023", "13800138000", "+86 138 0013 8000", "330102199003071234", "我是会员12345"]
)
def test_what_is_no_waybill_is_not_told_as_one(text: str) -> None:
    assert summarise(said(text), None, [], "tracking_query").splitlines()[0] == "查件"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("13800138000", "138****8000"),
        ("138 0013 8000", "138**** 8000"),
        ("138-0013-8000", "138****-8000"),
        ("打13800138000 3点前", "打138****8000 3点前"),
        ("１３８００１３８０００", "138****8000"),
        ("0571-88886666", "0571-****6666"),
        ("330102199003071234", "330102****1234"),
        ("电话+8613800138000急", "电话+86138****8000急"),
    ],
)
def test_personal_numbers_are_masked(text: str, masked: str) -> None:
    assert summarise(said(text), None, [], "human").splitlines()[1] == f"客户说：{masked}"


def test_a_number_is_masked_also_where_the_words_are_cut_within_it() -> None:
    assert "1380013" not in summarise(said("急" * 52 + "13800138000"), None, [], "human")


def test_a_phone_in_the_form_is_masked() -> None:
    form = {"intent": "pickup_booking", "slots": {"phone": "13800138000"}, "missing": []}
    assert "电话 138****8000" in summarise([], form, [], "human")


@given(
    st.lists(
        st.one_of(
            st.text(max_size=80),
            st.sampled_from(["13800138000", "300123456789", "\n我\r\n急 \u2028", "１３９"]),
        ),
        max_size=6,
    )
)
def test_there_are_always_two_lines_and_no_whole_phone(texts: list[str]) -> None:
    told = summarise(said(*texts), {"intent": "claim", "slots": {"goods": "\n".join(texts)}}, [], "claim")
    assert len(told.splitlines()) == 2
    assert not re.search(r"(?<![0-9A-Za-z])1[3-9][0-9]{9}(?![0-9A-Za-z])", told)


@pytest.mark.parametrize(
    ("reason", "priority"),
    [
        ("regulator", "urgent"),
        ("threat", "urgent"),
        ("repeat_complaint", "urgent"),
        ("upset", "high"),
        ("dispute", "high"),
        ("complaint", "high"),
        ("requested", "normal"),
        ("not_understood", "normal"),
        ("form_failed", "normal"),
        ("rule", "normal"),
    ],
)
def test_each_reason_has_its_priority(reason: str, priority: str) -> None:
    assert priority_of(reason) == priority


def test_a_priority_asked_for_raises_and_never_lowers() -> None:
    assert priority_of("requested", "high") == "high"
    assert priority_of("regulator", "normal") == "urgent"
    assert higher("normal", "high") == "high"

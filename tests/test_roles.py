"""What a place, a time, a sum or a count is for, by the whole message."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.roles import with_roles
from intents.slots import read
from intents.understand import understand
from tests.slots_at import NOW


def slots(text: str) -> dict[str, Any]:
    return dict(understand(text, NOW).slots)


@pytest.mark.parametrize(
    ("text", "origin", "destination"),
    [
        ("我要寄三箱脐橙到沈阳，明天下午来收，上门地址赣州市章贡区红旗大道86号", "赣州市", "沈阳市"),
        ("想寄一箱苹果到郑州，明天上午能来取吗", None, "郑州市"),
        ("整个师傅过来把货拉走呗，我搁佳木斯前进区呢，往牡丹江发", "佳木斯市", "牡丹江市"),
        ("大前天从丽江寄去拉萨的鲜花饼，今天到得了吗", "丽江市", "拉萨市"),
        ("在运输途中的件，别发兰州了，改发天水秦州区", None, "天水市"),
        ("我的件卡在武汉三天了，什么时候能到长沙", None, "长沙市"),
    ],
)
def test_two_places_are_told_apart(text: str, origin: str | None, destination: str) -> None:
    found = slots(text)
    assert found.get("origin", {}).get("city") == origin
    assert found["destination"]["city"] == destination


@pytest.mark.parametrize(
    ("text", "pickup", "sent"),
    [
        ("荔枝正在摘，能不能今晚八点半来高州根子镇收，一共六箱发南京", "2026-11-23T20:30:00+08:00", None),
        ("我前天寄去香港的书几时能到", None, "2026-11-21"),
        ("上周四从青岛发的海鲜，今天能到西宁不", None, "2026-11-19"),
        ("派件员上午十点就点了签收，我根本没见着", None, None),
    ],
)
def test_a_time_is_for_the_pickup_or_tells_when_it_was_sent(
    text: str, pickup: str | None, sent: str | None
) -> None:
    found = slots(text)
    assert found.get("pickup_time", {}).get("start") == pickup
    assert found.get("ship_date") == sent


@pytest.mark.parametrize(
    ("text", "sums"),
    [
        ("电话里报的是18，上门却收了我30块运费", {"fee": 30}),
        ("多收的12块退给我", {"amount": 12}),
        ("运费付了65，花瓶碎了赔我800", {"fee": 65, "amount": 800}),
        ("保价3000的显卡丢了，我要赔3500", {"insured_value": 3000, "amount": 3500}),
        ("我的瓷器碎了，千万要赔我", {}),
        ("东西丢了，我打了100遍电话，赔我", {}),
    ],
)
def test_a_sum_is_freight_worth_or_demand(text: str, sums: dict[str, float]) -> None:
    found = slots(text)
    assert {name: found[name] for name in ("fee", "amount", "insured_value") if name in found} == sums


def test_a_corrected_part_of_an_address_waits_for_what_it_mends() -> None:
    assert slots("地址写错了，应该是12号楼3单元")["place"] == {"detail": "12号楼3单元"}


@settings(max_examples=80)
@given(
    st.lists(
        st.sampled_from(
            ["从北京", "到上海", "明天三点", "寄", "运费18块", "赔我300", "两箱", "了", "，", "上周五"]
        ),
        max_size=12,
    )
)
def test_every_role_holds_what_one_mention_says(parts: list[str]) -> None:
    reading = read("".join(parts), NOW)
    placed = with_roles(reading, ("pickup_booking",))
    for mention in reading.mentions:
        for role in mention.values:
            assert role not in placed.slots or any(
                other.values.get(role) == placed.slots[role] for other in reading.mentions
            )

"""Whole messages: every slot that is said, and no other."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.goods import with_goods
from intents.slots import read
from tests.slots_at import NOW, slots_of

HANGZHOU = {"province": "浙江省", "city": "杭州市"}
SHANGHAI = {"province": "上海市", "city": "上海市"}
TOMORROW_MORNING = {"start": "2026-11-24T09:00:00+08:00", "end": "2026-11-24T12:00:00+08:00"}
TOMORROW_AT_THREE = {"start": "2026-11-24T15:00:00+08:00", "end": "2026-11-24T15:00:00+08:00"}

MESSAGES: list[tuple[str, dict[str, Any]]] = [
    (
        "明天下午三点来西湖区文三路90号取件,寄到上海",
        {
            "pickup_time": TOMORROW_AT_THREE,
            "origin": {"district": "西湖区", "detail": "文三路90号"},
            "destination": SHANGHAI,
        },
    ),
    (
        "寄个快递，从杭州余杭区文一西路969号到成都武侯区人民南路20号",
        {
            "origin": {**HANGZHOU, "district": "余杭区", "detail": "文一西路969号"},
            "destination": {
                "province": "四川省",
                "city": "成都市",
                "district": "武侯区",
                "detail": "人民南路20号",
            },
        },
    ),
    (
        "我要寄快递，书3公斤一箱，杭州西湖区文三路90号到上海浦东新区张杨路500号",
        {
            "goods": "书",
            "weight_kg": 3,
            "pieces": 1,
            "origin": {**HANGZHOU, "district": "西湖区", "detail": "文三路90号"},
            "destination": {**SHANGHAI, "district": "浦东新区", "detail": "张杨路500号"},
        },
    ),
    (
        "哦随便问问，还是寄成都。明天上午来取，13800138003，姓孙",
        {
            "destination": {"province": "四川省", "city": "成都市"},
            "pickup_time": TOMORROW_MORNING,
            "phone": "13800138003",
            "name": "孙",
        },
    ),
    ("几天能到啊？收件人老刘13900139003，不保价", {"receiver_name": "老刘", "receiver_phone": "13900139003"}),
    ("茶叶两公斤，一箱", {"goods": "茶叶", "weight_kg": 2, "pieces": 1}),
    (
        "明天下午取，13800138401曹操",
        {
            "pickup_time": {"start": "2026-11-24T13:00:00+08:00", "end": "2026-11-24T18:00:00+08:00"},
            "phone": "13800138401",
            "name": "曹操",
        },
    ),
    (
        "ANE300123456851丢了 皮鞋600块 没保价 怎么赔",
        {"waybills": ["ANE300123456851"], "goods": "皮鞋", "amount": 600},
    ),
    (
        "索赔申告单：单号ANE300123456851；寄件人鲁肃；13800138220；索赔因素：丢失；内件：皮鞋1双；价值600元；未保价；"
        "收款人鲁肃，支付宝13800138220。提交",
        {
            "waybills": ["ANE300123456851"],
            "name": "鲁肃",
            "phone": "13800138220",
            "goods": "皮鞋",
            "amount": 600,
        },
    ),
    (
        "我的件300123456789外包装破了,里面杯子碎了",
        {"waybills": ["300123456789"], "goods": "杯子"},
    ),
    (
        "物品：电子配件，2件，合计12kg，60*40*30，保价3000，目的地：西安雁塔区",
        {
            "goods": "电子配件",
            "pieces": 2,
            "weight_kg": 12,
            "size_cm": [60, 40, 30],
            "insured_value": 3000,
            "destination": {"province": "陕西省", "city": "西安市", "district": "雁塔区"},
        },
    ),
    (
        "300123456789昨天寄的，运费18，多收了我5块",
        {"waybills": ["300123456789"], "ship_date": "2026-11-22", "fee": 18, "amount": 5},
    ),
    ("帮我把收件人电话改成13900139000", {"receiver_phone": "13900139000"}),
    ("你好", {}),
    ("转人工", {}),
    ("", {}),
]


@pytest.mark.parametrize(("text", "slots"), MESSAGES)
def test_a_message_gives_all_its_slots_and_no_more(text: str, slots: dict[str, Any]) -> None:
    assert slots_of(text) == slots


def test_a_traditional_text_keeps_its_goods_and_names_as_typed() -> None:
    slots = slots_of("我叫陳曉東,兩箱茶葉寄到臺北")
    assert (slots["name"], slots["goods"], slots["pieces"]) == ("陳曉東", "茶葉", 2)


def test_the_detail_of_an_address_stays_as_typed() -> None:
    assert slots_of("新地址:臺中市西屯區文心路二段99號")["destination"]["detail"] == "文心路二段99號"


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "明天下午三点",
        "杭州西湖区文三路90号",
        "两箱苹果,3公斤",
        "我姓王",
        "单号300123456789",
        "保价两千",
        "60*40*30",
    ],
)
def test_a_message_of_values_alone_is_known_as_one(text: str) -> None:
    assert with_goods(read(text, NOW)).only_values


@pytest.mark.parametrize(
    "text", ["查300123456789", "寄到上海", "两箱苹果要寄", "取消明天的", "你好", "白酒能寄吗", ""]
)
def test_a_message_with_a_wish_is_more_than_values(text: str) -> None:
    assert not with_goods(read(text, NOW)).only_values


WORDS = st.sampled_from(
    [
        "明天",
        "下午",
        "三点",
        "到",
        "寄",
        "取",
        "件",
        "箱",
        "两",
        "3",
        "公斤",
        "块",
        "13800138000",
        "300123456789",
        "ANE",
        "上海",
        "西湖区",
        "90号",
        "保价",
        "赔",
        "收件人",
        "王",
        "先生",
        "茶叶",
        "碎了",
        "运费",
        "*",
        "60",
        "-",
        ":",
        "前",
        "后",
        "半",
        "周三",
        "25号",
        "月",
        "改成",
        "不是",
        "的",
        "了",
        "，",
        "。",
        "\n",
        "姓",
        "找",
        "能寄吗",
        "少了",
        ",",
        "1",
        "0",
        "一",
    ]
)


@settings(max_examples=300)
@given(st.lists(WORDS, max_size=14).map("".join))
def test_no_mixture_of_the_trades_words_breaks_a_finder(text: str) -> None:
    assert isinstance(slots_of(text), dict)


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_no_text_breaks_a_finder(text: str) -> None:
    reading = read(text, NOW)
    assert len(reading.rest) <= 4 * len(text) + 60
    assert "" not in reading.slots


@settings(max_examples=100)
@given(st.lists(WORDS, max_size=10).map("".join))
def test_a_name_and_an_article_stand_in_the_text(text: str) -> None:
    slots = slots_of(text)
    assert all(slots[name] in read_back(text) for name in ("name", "goods") if name in slots)


def read_back(text: str) -> str:
    from intents.normalise import tidy

    return tidy(text)

"""Sums and what each is for."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.slots_at import slot, slots_of


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("赔我3千5", 3500),
        ("茶壶一个320,送来碎了,赔我", 320),
        ("买的时候4800,我就要3000", 3000),
        ("弄坏的相机三千二,赔", 3200),
        ("赔我3000", 3000),
        ("丢了怎么赔我,值600块", 600),
        ("赔我一千二", 1200),
        ("最少赔我八百吧", 800),
        ("我要求赔偿人民币6,300元", 6300),
        ("金额:¥1,680.00", 1680),
        ("损失大概1500", 1500),
        ("货值两千三,没保价", 2300),
        ("价值1.2万的相机丢了", 12000),
        ("皮鞋600块,丢了怎么赔", 600),
        ("多收了我12块", 12),
        ("多收我九块八,退回来", 9.8),
        ("退我差价十块", 10),
        ("手机屏碎了赔我3000", 3000),
        ("买的时候三千九,你们只赔一百?", 3900),
        ("值八百,你们得赔我一千", 1000),
        ("一共两千二,每件成本55,麻烦赔", 2200),
        ("三千蚊,赔返畀我", 3000),
        ("酒洒了,赔我400好吗", 400),
        ("3500元", 3500),
        ("按发票一千六给我赔", 1600),
        ("运费多扣了十二块,退回来", 12),
        ("两百五十块零钱也要赔,赔我250.5元", 250.5),
        ("我要四万八", 48000),
        ("退我运费18块", 18),
        ("快递遗失,要求赔偿0.8万", 8000),
        ("索赔金额:人民币壹仟贰佰元整", 1200),
    ],
)
def test_the_sum_that_is_asked_for_or_lost(text: str, yuan: float) -> None:
    assert slot("amount", text) == yuan


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("保价两千", 2000),
        ("保2000", 2000),
        ("保3000要交几块", 3000),
        ("要保价三千", 3000),
        ("3000块保价", 3000),
        ("保价金额是1万", 10000),
        ("声明价值500元", 500),
        ("保了两千,手机屏碎了", 2000),
        ("给我那单加保价八百", 800),
        ("保价5000寄台相机到深圳", 5000),
        ("保价加到8000", 8000),
        ("按六千保", 6000),
        ("insured for 3000", 3000),
    ],
)
def test_the_insured_value(text: str, yuan: float) -> None:
    assert slot("insured_value", text) == yuan


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("运费花了28", 28),
        ("运费是18块5", 18.5),
        ("邮费付了二十三", 23),
        ("快递费30元", 30),
        ("28块的运费", 28),
        ("我运费付了十二块", 12),
        ("运费45元,丢了", 45),
        ("运费28元一并退还", 28),
    ],
)
def test_the_freight_that_was_paid(text: str, yuan: float) -> None:
    assert slot("fee", text) == yuan
    assert slot("amount", text) is None


@pytest.mark.parametrize(
    "text",
    [
        "不保价",
        "没保价",
        "寄到新疆多少钱",
        "首重8块续重2块吗",
        "保价费3块",
        "赔5倍",
        "退一赔三",
        "十二块能寄到吉林不",
        "磕掉一块漆",
        "我们一块走",
        "手机尾号0039",
        "赔两件衣服",
        "三百件",
        "一点都不贵",
        "108太少了",
        "三天了还没到",
    ],
)
def test_other_numbers_are_no_sum(text: str) -> None:
    slots = slots_of(text)
    assert not {"amount", "insured_value", "fee"} & set(slots)


@settings(max_examples=100)
@given(st.decimals(min_value=Decimal("10"), max_value=Decimal("99999.99"), places=2))
def test_a_sum_in_digits_is_read_as_written(yuan: Decimal) -> None:
    assert slot("amount", f"赔我{yuan}元") == float(yuan)


def test_a_lump_is_no_yuan() -> None:
    assert slot("amount", "里面是五块石头,赔钱!") is None


@pytest.mark.parametrize(("text", "fee"), [("退我运费,付了26", 26), ("快递费是我付的18块", 18)])
def test_freight_is_named_apart_from_its_sum(text: str, fee: int) -> None:
    assert slot("fee", text) == fee

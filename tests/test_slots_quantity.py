"""Weights, sizes, volumes and numbers of parcels."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.slots_at import slot


@pytest.mark.parametrize(
    ("text", "kg"),
    [
        ("3公斤", 3),
        ("三公斤半", 3.5),
        ("两斤半", 1.25),
        ("半公斤", 0.5),
        ("半斤", 0.25),
        ("二十来斤", 10),
        ("十几公斤", 10),
        ("5kg左右", 5),
        ("2.5KG", 2.5),
        ("800克", 0.8),
        ("500g", 0.5),
        ("三斤二两", 1.6),
        ("八两", 0.4),
        ("1吨", 1000),
        ("一吨半", 1500),
        ("一百二十斤", 60),
        ("一百二斤", 60),
        ("重量大概是6.5公斤", 6.5),
        ("俩公斤的书", 2),
        ("不到一斤", 0.5),
        ("不是3公斤,是5公斤", 5),
        ("原来说3公斤,实际5公斤", 5),
        ("十來公斤", 10),
        ("三点五公斤", 3.5),
        ("0.3 kg", 0.3),
    ],
)
def test_a_weight_is_in_kilograms(text: str, kg: float) -> None:
    assert slot("weight_kg", text) == kg


@pytest.mark.parametrize(
    "text", ["两箱书", "两天了", "首重1公斤多少钱", "少了3公斤", "5G手机", "三两天能到", "两千块"]
)
def test_what_is_no_weight_of_the_parcel(text: str) -> None:
    assert slot("weight_kg", text) is None


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("60乘40乘30", [60, 40, 30]),
        ("长1米5宽60高40", [150, 60, 40]),
        ("1米2乘60乘40", [120, 60, 40]),
        ("长两米半,宽一米,高80", [250, 100, 80]),
        ("长2米宽1米高1", [200, 100, 100]),
        ("60*40*30cm", [60, 40, 30]),
        ("60×40×30", [60, 40, 30]),
        ("60x40x30厘米", [60, 40, 30]),
        ("60 X 40 X 30", [60, 40, 30]),
        ("六十乘四十乘三十", [60, 40, 30]),
        ("长60宽40高30", [60, 40, 30]),
        ("长60cm,宽40cm,高30cm", [60, 40, 30]),
        ("长 1.2米 宽0.8米 高0.5米", [120, 80, 50]),
        ("0.6*0.4*0.3米", [60, 40, 30]),
        ("600*400*300mm", [60, 40, 30]),
        ("30.5*20*10公分", [30.5, 20, 10]),
        ("长宽高都是四十", [40, 40, 40]),
    ],
)
def test_a_size_is_in_centimetres(text: str, sides: list[float]) -> None:
    assert slot("size_cm", text) == sides


@pytest.mark.parametrize(
    ("text", "cubic"),
    [
        ("半方", 0.5),
        ("0.3立方", 0.3),
        ("两方货", 2),
        ("1.5m³", 1.5),
        ("三个立方", 3),
        ("0.2立方米", 0.2),
        ("一方半", 1.5),
    ],
)
def test_a_volume_is_in_cubic_metres(text: str, cubic: float) -> None:
    assert slot("volume_m3", text) == cubic


@pytest.mark.parametrize("text", ["第三方", "四面八方", "一方面", "三方协议", "对方没收到"])
def test_other_words_with_fang_are_no_volume(text: str) -> None:
    assert slot("volume_m3", text) is None


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("两箱", 2),
        ("两箱茅台酒", 2),
        ("一箱", 1),
        ("3件,20公斤", 3),
        ("共5包", 5),
        ("就1个", 1),
        ("三个包裹", 3),
        ("十袋大米", 10),
        ("两票货", 2),
        ("3 bags", 3),
        ("2 boxes", 2),
        ("仨包裹", 3),
        ("原来两箱现在三箱", 3),
        ("是三箱不是两箱", 3),
        ("还有一件,一共三件", 3),
        ("件数:4", 4),
        ("书3公斤一箱", 1),
        ("四个大箱子", 4),
        ("有十几箱", 10),
    ],
)
def test_a_number_of_parcels(text: str, pieces: int) -> None:
    assert slot("pieces", text) == pieces


@pytest.mark.parametrize(
    "text",
    [
        "寄个快递",
        "少了两件衣服",
        "两件棉衣",
        "一件事",
        "这件还没到",
        "一个小时",
        "三个人来抬",
        "第一个",
        "先约一个吧",
        "两台电脑",
        "少了一箱",
    ],
)
def test_what_is_no_number_of_parcels(text: str) -> None:
    assert slot("pieces", text) is None


@settings(max_examples=100)
@given(
    st.decimals(min_value=Decimal("0.1"), max_value=Decimal("999"), places=1),
    st.sampled_from(["公斤", "kg", "千克"]),
)
def test_a_weight_in_digits_is_read_as_written(kg: Decimal, unit: str) -> None:
    assert slot("weight_kg", f"大概{kg}{unit}的书") == float(kg)


@settings(max_examples=100)
@given(st.lists(st.integers(1, 300), min_size=3, max_size=3), st.sampled_from(["*", "x", "乘", "×"]))
def test_a_size_in_digits_is_read_as_written(sides: list[int], by: str) -> None:
    assert slot("size_cm", by.join(map(str, sides)) + "cm") == sides


def test_what_really_is_counts() -> None:
    assert slot("weight_kg", "之前报的3公斤其实有12公斤") == 12
    assert slot("pieces", "寄的10件书只收到7件") is None


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("长宽高170/80/35公分", "size_cm", [170, 80, 35]),
        ("长宽高分别是120、60、15厘米", "size_cm", [120, 60, 15]),
        ("差不多半方", "volume_m3", 0.5),
        ("还是只认寄件那一方", "volume_m3", None),
        ("三袋子小米", "pieces", 3),
        ("大概零点六个立方", "volume_m3", 0.6),
        ("每箱8斤总重32斤", "weight_kg", 16),
        ("一箱二十斤的样子,加一块儿八十斤", "weight_kg", 40),
        ("寄一箱20斤苹果", "weight_kg", 10),
    ],
)
def test_measures_in_more_writings(text: str, name: str, value: object) -> None:
    assert slot(name, text) == value

"""Freight, transit time, insurance and packing: routes and weights in, amounts out."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.faults import Fault
from faq.insurance import insurance_terms, premium
from faq.packaging import advise, needs_advice
from faq.place import Place
from faq.price import Billing, Quote, Rates, chargeable_kg, quote, read_rates
from faq.services import Packing, Services
from faq.transit_time import transit_time

ROOT = Path(__file__).parent.parent
HEADER = "carrier,from_province,from_city,to_province,to_city,first_kg,first,add_per_kg,days\n"
TABLE = f"""{HEADER}\
own,浙江省,,上海市,,1,11.00,3.00,2-3
own,浙江省,杭州市,上海市,,1,10.00,2.00,1-2
own,浙江省,杭州市,浙江省,,1,9.00,1.80,1-2
own,浙江省,杭州市,浙江省,杭州市,1,8.00,1.50,1-1
own,,,广东省,,3,20.00,2.50,3-5
own,浙江省,杭州市,湖北省,仙桃市,1,13.00,5.00,2-3
EMS,浙江省,,西藏自治区,,0.5,20.00,18.005,7-9
"""
BY_KG = Billing(Decimal(1), Decimal(6000))
BY_HALF_KG = Billing(Decimal("0.5"), Decimal(6000))
HANGZHOU = Place("浙江省", "杭州市", "西湖区", "文三路90号")
NINGBO = Place("浙江省", "宁波市")
SHANGHAI = Place("上海市", "上海市", "浦东新区")


def read(text: str) -> tuple[Rates, list[str]]:
    faults: list[Fault] = []
    rates = read_rates(csv.DictReader(StringIO(text)), faults)
    return rates, [str(fault) for fault in faults]


@pytest.fixture(scope="module")
def rates() -> Rates:
    found, faults = read(TABLE)
    assert faults == []
    return found


def shipped_rates() -> Rates:
    found, faults = read((ROOT / "data" / "rates.csv").read_text("utf-8"))
    assert faults == []
    return found


def given_quotes() -> list[dict[str, Any]]:
    data = json.loads((ROOT / "tests" / "data" / "quote_examples.json").read_text("utf-8"))
    return list(data["quotes"])


def place_of(example: dict[str, Any]) -> Place:
    from faq.divisions import divisions

    table = divisions()
    return table.place(table.by_code[example["to"]])


@pytest.mark.parametrize("step", ["1", "0.5"])
@pytest.mark.parametrize(
    "example", given_quotes(), ids=lambda quoted: f"{quoted['to_name']}-{quoted['actual_kg']}"
)
def test_the_given_quotes_come_out_exactly(example: dict[str, Any], step: str) -> None:
    found = quote(
        shipped_rates(),
        Billing(Decimal(step), Decimal(6000)),
        HANGZHOU,
        place_of(example),
        Decimal(example["actual_kg"]),
        size_cm=[Decimal(side) for side in example["size_cm"] or []],
    )
    assert found is not None
    assert {"chargeable_kg": str(found.chargeable_kg), "freight": str(found.freight)} == example[
        f"contract_round_{step}kg"
    ]


@pytest.mark.parametrize(
    ("weight", "size", "pieces", "cubic_metres", "billing", "charged"),
    [
        ("0.8", None, 1, None, BY_KG, "1"),
        ("2", None, 1, None, BY_KG, "2"),
        ("2.01", None, 1, None, BY_KG, "3"),
        ("2.01", None, 1, None, BY_HALF_KG, "2.5"),
        ("1", "60 40 30", 1, None, BY_KG, "12"),
        ("1", "60 40 30", 3, None, BY_KG, "36"),
        ("40", "60 40 30", 3, None, BY_KG, "40"),
        ("1", "20 20 15.1", 1, None, BY_KG, "2"),
        ("1", None, 2, "0.5", BY_KG, "84"),
        ("1", "60 40 30", 1, "0.5", BY_KG, "12"),
        ("100", None, 1, None, BY_HALF_KG, "100"),
        ("0", None, 1, None, BY_KG, "0"),
    ],
)
def test_the_larger_of_weight_and_volume_is_charged_and_rounded_up(
    weight: str, size: str | None, pieces: int, cubic_metres: str | None, billing: Billing, charged: str
) -> None:
    sides = [Decimal(side) for side in size.split()] if size else None
    volume = Decimal(cubic_metres) if cubic_metres else None
    assert str(chargeable_kg(Decimal(weight), sides, pieces, billing, volume)) == charged


@given(
    st.decimals("0", "200", places=2),
    st.lists(st.integers(1, 200), min_size=3, max_size=3),
    st.integers(1, 9),
    st.sampled_from([Decimal("0.1"), Decimal("0.5"), Decimal(1), Decimal(3)]),
)
def test_rounding_up_never_loses_and_never_adds_a_whole_step(
    weight: Decimal, sides: list[int], pieces: int, step: Decimal
) -> None:
    volume_kg = Decimal(sides[0] * sides[1] * sides[2] * pieces) / 6000
    heavier = max(weight, volume_kg)
    size = [Decimal(side) for side in sides]
    charged = chargeable_kg(weight, size, pieces, Billing(step, Decimal(6000)))
    assert heavier <= charged < heavier + step
    assert charged % step == 0


def test_a_weight_below_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="weight from 0"):
        chargeable_kg(Decimal(-1), None, 1, BY_KG)


@pytest.mark.parametrize(
    ("origin", "destination", "carrier", "first"),
    [
        (HANGZHOU, SHANGHAI, "own", "10.00"),
        (NINGBO, SHANGHAI, "own", "11.00"),
        (HANGZHOU, NINGBO, "own", "9.00"),
        (HANGZHOU, Place("浙江省", "杭州市"), "own", "8.00"),
        (NINGBO, Place("广东省", "深圳市"), "own", "20.00"),
        (HANGZHOU, Place("湖北省", "", "仙桃市"), "own", "13.00"),
        (HANGZHOU, Place("西藏自治区", "阿里地区"), "EMS", "20.00"),
        (HANGZHOU, Place("西藏自治区", "阿里地区"), "own", None),
        (NINGBO, HANGZHOU, "own", None),
        (Place(), Place(), "own", None),
    ],
)
def test_the_finest_rate_row_wins(
    rates: Rates, origin: Place, destination: Place, carrier: str, first: str | None
) -> None:
    rate = rates.find(origin, destination, carrier)
    assert (rate and str(rate.first)) == first


def quoted(rates: Rates, weight: str, **options: Any) -> Quote:
    found = quote(rates, BY_KG, HANGZHOU, SHANGHAI, Decimal(weight), **options)
    assert found is not None
    return found


def test_services_and_packing_come_on_top_of_the_freight(rates: Rates) -> None:
    found = quoted(rates, "2.1", extras=[("送货上楼", Decimal("10.00")), ("小号纸箱", Decimal("3.00"))])
    assert (found.freight, found.total) == (Decimal("14.00"), Decimal("27.00"))
    assert found.breakdown() == {
        "carrier": "own",
        "chargeable_kg": "3",
        "first_kg": "1",
        "first": "10.00",
        "add_per_kg": "2.00",
        "freight": "14.00",
        "extras": [{"name": "送货上楼", "fee": "10.00"}, {"name": "小号纸箱", "fee": "3.00"}],
        "total": "27.00",
        "days": "1-2",
    }


def test_the_total_is_rounded_half_up_once(rates: Rates) -> None:
    lhasa = Place("西藏自治区", "拉萨市")
    found = quote(
        rates, BY_HALF_KG, HANGZHOU, lhasa, Decimal(1), carrier="EMS", extras=[("保价费", Decimal("0.0025"))]
    )
    assert found is not None
    # 20 + 0.5 × 18.005 = 29.0025; with 0.0025 it is 29.005, which rounds up.
    assert (found.freight, found.total) == (Decimal("29.00"), Decimal("29.01"))


def test_less_than_the_first_weight_costs_the_first_weight() -> None:
    rates, _ = read(f"{HEADER}own,,,广东省,,3,20.00,2.50,3-5\n")
    found = quote(rates, BY_KG, HANGZHOU, Place("广东省"), Decimal("0.4"))
    assert found is not None
    assert (found.freight, found.chargeable_kg) == (Decimal("20.00"), Decimal(3))


def test_a_route_without_a_rate_has_no_quote(rates: Rates) -> None:
    assert quote(rates, BY_KG, NINGBO, HANGZHOU, Decimal(1)) is None


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("SF,浙江省,,上海市,,1,10.00,2.00,1-2", "column carrier: expected own or EMS, found 'SF'"),
        (
            "own,浙江,,上海市,,1,10.00,2.00,1-2",
            "column from_province: expected the official name, such as 浙江省, 杭州市, 西湖区, found '浙江'",
        ),
        (
            "own,浙江省,南京市,上海市,,1,10.00,2.00,1-2",
            "column from_city: expected the official name, such as 浙江省, 杭州市, 西湖区, found '南京市'",
        ),
        (
            "own,,杭州市,上海市,,1,10.00,2.00,1-2",
            "column from_province: expected the province of 杭州市",
        ),
        (
            "own,浙江省,,上海市,,0,10.00,2.00,1-2",
            "column first_kg: expected kilograms above 0, such as 1, found '0'",
        ),
        (
            "own,浙江省,,上海市,,1,十元,2.00,1-2",
            "column first: expected yuan, such as 12.00, found '十元'",
        ),
        (
            "own,浙江省,,上海市,,1,10.00,-2,1-2",
            "column add_per_kg: expected yuan, such as 2.00, found '-2'",
        ),
        ("own,浙江省,,上海市,,1,10.00,2.00,2", "column days: expected days from-to, such as 1-2, found '2'"),
        (
            "own,浙江省,,上海市,,1,10.00,2.00,3-2",
            "column days: expected days from-to, such as 1-2, found '3-2'",
        ),
    ],
)
def test_a_bad_rate_row_is_told_with_row_and_column(row: str, fault: str) -> None:
    good = "own,浙江省,,江苏省,,1,10.00,2.00,1-2"
    rates, faults = read(f"{HEADER}{good}\n{row}\n")
    assert faults == [f"rates.csv: row 3, {fault}"]
    assert len(rates) == 1


def test_a_route_that_stands_twice_is_told() -> None:
    row = "own,浙江省,,江苏省,,1,10.00,2.00,1-2\n"
    _, faults = read(HEADER + row + row)
    assert faults == [
        "rates.csv: row 3, column carrier: expected a route once; row 2 has the same one, found 'own'"
    ]


def test_every_fault_of_a_row_is_told_at_once() -> None:
    _, faults = read(f"{HEADER}SF,浙江,,上海,,x,y,z,?\n")
    assert len(faults) == 7


def test_the_transit_time_gives_the_days_of_arrival(rates: Rates) -> None:
    found = transit_time(rates, HANGZHOU, SHANGHAI)
    assert found is not None
    assert (found.days, found.arrival(date(2026, 11, 30))) == ("1-2", (date(2026, 12, 1), date(2026, 12, 2)))
    same_city = transit_time(rates, HANGZHOU, Place("浙江省", "杭州市"))
    assert same_city is not None
    assert same_city.days == "1"
    assert transit_time(rates, NINGBO, HANGZHOU) is None


@pytest.mark.parametrize(
    ("value", "fee", "manual"),
    [
        ("0", "0.00", False),
        ("100", "1.00", False),
        ("201", "1.01", False),
        ("2000", "10.00", False),
        ("20000", "100.00", False),
        ("20000.01", "100.00", True),
    ],
)
def test_insuring_costs_a_share_of_the_value_and_a_person_confirms_the_largest(
    value: str, fee: str, manual: bool
) -> None:
    found = premium(Decimal(value))
    assert (found.fee, found.manual) == (Decimal(fee), manual)


def test_no_insurance_terms_before_their_first_day() -> None:
    with pytest.raises(LookupError):
        insurance_terms(date(2025, 12, 31))


BOXES = Services(
    packing=(
        Packing("文件封", Decimal(0), "件", None),
        Packing("大号纸箱 60x50x50", Decimal("10.00"), "件", (60, 50, 50)),
        Packing("小号纸箱 30x20x20", Decimal("3.00"), "件", (30, 20, 20)),
        Packing("木架加固", Decimal("30.00"), "件", None),
    )
)


@pytest.mark.parametrize(
    ("goods", "size", "weight", "offers"),
    [
        ("合同", None, "0.2", ["文件封"]),
        ("衣服", "28 18 18", "2", ["小号纸箱 30x20x20"]),
        ("玻璃杯", "28 18 18", "2", ["大号纸箱 60x50x50"]),
        ("玻璃杯", None, "2", ["小号纸箱 30x20x20"]),
        ("花瓶", "40 30 30", "12", ["大号纸箱 60x50x50", "木架加固"]),
        ("行李", "120 60 50", "20", []),
        ("衣服", None, None, []),
    ],
)
def test_a_fitting_box_is_offered(
    goods: str, size: str | None, weight: str | None, offers: list[str]
) -> None:
    sides = [Decimal(side) for side in size.split()] if size else None
    advice = advise(goods, sides, Decimal(weight) if weight else None, BOXES)
    assert [offer.name for offer in advice.offers] == offers
    assert advice.tips


@pytest.mark.parametrize(
    ("goods", "size", "weight", "told"),
    [
        ("衣服", None, "20", False),
        ("衣服", None, "20.5", True),
        ("衣服", "120 10 10", "2", True),
        ("衣服", "100 50 50", "2", False),
        ("玻璃杯", None, "2", True),
    ],
)
def test_bulky_and_fragile_goods_are_told_how_to_be_packed(
    goods: str, size: str | None, weight: str, told: bool
) -> None:
    sides = [Decimal(side) for side in size.split()] if size else None
    assert needs_advice(goods, sides, Decimal(weight)) == told

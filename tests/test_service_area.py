"""areas.csv: what a row covers, and what is told of a bad one."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

from faq.faults import Fault
from faq.place import Place
from faq.service_area import NOT_COVERED, Areas, Coverage, read_areas

HEADER = "province,city,district,town,pickup,deliver,ems\n"
TABLE = f"""{HEADER}\
浙江省,,,,yes,yes,yes
浙江省,舟山市,嵊泗县,花鸟乡,no,no,yes
北京市,,,,no,yes,yes
吉林省,,,,no,yes,yes
上海市,,,,yes,yes,yes
上海市,上海市,崇明区,,no,yes,yes
西藏自治区,,,,no,yes,yes
西藏自治区,阿里地区,,,no,no,yes
湖北省,,仙桃市,,no,no,no
广东省,东莞市,,长安镇,no,no,yes
广东省,东莞市,,,yes,yes,yes
重庆市,,两江新区,,yes,yes,no
香港特别行政区,,,,no,yes,no
"""


def read(text: str) -> tuple[Areas, list[str]]:
    faults: list[Fault] = []
    areas = read_areas(csv.DictReader(StringIO(text)), faults)
    return areas, [str(fault) for fault in faults]


@pytest.fixture(scope="module")
def areas() -> Areas:
    found, faults = read(TABLE)
    assert faults == []
    return found


@pytest.mark.parametrize(
    ("place", "offered"),
    [
        (Place("浙江省", "杭州市", "西湖区", "文三路90号"), "pickup deliver ems"),
        (Place("浙江省", "舟山市", "嵊泗县", "菜园镇1号"), "pickup deliver ems"),
        (Place("浙江省", "舟山市", "嵊泗县", "花鸟乡灯塔路1号"), "ems"),
        (Place("浙江省", "舟山市", "嵊泗县", "花鸟岛"), "ems"),
        (Place("浙江省"), "pickup deliver ems"),
        (Place(district="义乌市"), "pickup deliver ems"),
        (Place(district="朝阳区"), "deliver ems"),
        (Place("上海市", "上海市", "崇明区"), "deliver ems"),
        (Place("上海市", "上海市", "浦东新区"), "pickup deliver ems"),
        (Place("上海市"), "pickup deliver ems"),
        (Place("西藏自治区", "阿里地区", "噶尔县"), "ems"),
        (Place("西藏自治区", "拉萨市"), "deliver ems"),
        (Place("湖北省", "", "仙桃市", "沔阳大道5号"), ""),
        (Place("广东省", "东莞市", "", "长安镇振安路1号"), "ems"),
        (Place("广东省", "东莞市", "", "虎门镇1号"), "pickup deliver ems"),
        (Place("重庆市", "重庆市", "渝北区"), "pickup deliver"),
        (Place("香港特别行政区", "", "湾仔区"), "deliver"),
        (Place("浙江省", "杭州市", "新设区"), "pickup deliver ems"),
    ],
)
def test_the_finest_row_wins(areas: Areas, place: Place, offered: str) -> None:
    found = areas.check(place)
    flags = {"pickup": found.pickup, "deliver": found.deliver, "ems": found.ems}
    assert (" ".join(name for name, given in flags.items() if given), found.named) == (offered, True)


@pytest.mark.parametrize(
    "place",
    [
        Place("甘肃省", "兰州市"),
        Place("广东省", "广州市"),
        Place(district="西湖区"),
        Place(detail="文三路90号"),
        Place(),
    ],
)
def test_what_has_no_row_or_no_certain_reading_is_not_covered(areas: Areas, place: Place) -> None:
    assert areas.check(place) == NOT_COVERED


def test_of_a_province_that_is_not_covered_the_parts_that_are_can_be_named() -> None:
    areas, _ = read(f"{HEADER}新疆维吾尔自治区,乌鲁木齐市,,,no,yes,yes\n")
    xinjiang = Place("新疆维吾尔自治区")
    assert not areas.check(xinjiang).deliver
    assert areas.parts_of(xinjiang, "deliver") == ("新疆维吾尔自治区乌鲁木齐市",)
    assert areas.parts_of(xinjiang, "pickup") == ()


def test_a_row_without_a_province_is_the_whole_country() -> None:
    found, faults = read(HEADER + ",,,,no,yes,no\n")
    assert (found.check(Place("甘肃省")), faults) == (Coverage(False, True, False, True), [])


def test_a_unit_under_a_province_may_stand_in_either_column() -> None:
    found, faults = read(HEADER + "湖北省,仙桃市,,,yes,yes,no\n")
    assert (found.check(Place(district="仙桃市")).pickup, faults) == (True, [])


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (
            "浙江,,,,yes,yes,no",
            "areas.csv: row 2, column province: expected the official name of a province, such as 浙江省,"
            " found '浙江'",
        ),
        (
            "浙江省,苏州市,,,yes,yes,no",
            "areas.csv: row 2, column city: expected the official name of a city in 浙江省, found '苏州市'",
        ),
        (
            "浙江省,杭州市,西湖,,yes,yes,no",
            "areas.csv: row 2, column district: expected the official name of a district in 杭州市,"
            " such as 西湖区, found '西湖'",
        ),
        (
            "浙江省,舟山市,嵊泗县,花鸟镇,yes,yes,no",
            "areas.csv: row 2, column town: expected the official name of a town in 嵊泗县, found '花鸟镇'",
        ),
        ("浙江省,,,,y,yes,no", "areas.csv: row 2, column pickup: expected yes or no, found 'y'"),
        ("浙江省,,,,yes,,no", "areas.csv: row 2, column deliver: expected yes or no"),
        ("浙江省,,,,yes,yes,否", "areas.csv: row 2, column ems: expected yes or no, found '否'"),
        (",杭州市,,,yes,yes,no", "areas.csv: row 2, column province: expected the province of 杭州市"),
        (
            "浙江省,舟山市,,花鸟乡,yes,yes,no",
            "areas.csv: row 2, column district: expected the district of 花鸟乡",
        ),
    ],
)
def test_a_bad_row_is_told_with_its_column_and_what_was_expected(row: str, fault: str) -> None:
    areas, faults = read(f"{HEADER}{row}\n")
    assert (len(areas), faults) == (0, [fault])


def test_every_fault_is_told_at_once() -> None:
    _, faults = read(HEADER + "浙江,,,,y,yes,no\n浙江省,,,,yes,no,maybe\n")
    assert len(faults) == 3


def test_a_place_named_twice_is_a_fault() -> None:
    _, faults = read(HEADER + "浙江省,,,,yes,yes,no\n浙江省,,,,no,yes,no\n")
    assert faults == [
        "areas.csv: row 3, column province: expected a place once; row 2 names it too, found '浙江省'"
    ]

"""The table of divisions: lookups, completion of partial places, towns."""

from __future__ import annotations

import pytest

from faq.divisions import complete, divisions, town_of
from faq.place import Place


def readings(**parts: str) -> list[str]:
    return [str(place) for place in complete(Place(**parts))]


def test_the_table_has_the_provinces_cities_and_counties() -> None:
    levels = [unit.level for unit in divisions().by_code.values()]
    assert (levels.count(1), levels.count(2), levels.count(3)) == (34, 392, 3332)


def test_every_unit_stands_under_a_known_parent() -> None:
    table = divisions()
    assert [unit for unit in table.by_code.values() if unit.parent and unit.parent not in table.by_code] == []


def test_the_table_is_built_once() -> None:
    assert divisions() is divisions()


def test_towns_are_cut_out_of_their_county_only() -> None:
    names = [town.name for town in divisions().towns_of("330922")]
    assert names == ["菜园镇", "嵊山镇", "洋山镇", "五龙乡", "黄龙乡", "枸杞乡", "花鸟乡"]


def test_all_towns_are_found_by_their_parents() -> None:
    table = divisions()
    parents = [unit.code for unit in table.by_code.values() if unit.level > 1]
    assert sum(len(table.towns_of(code)) for code in parents) == 41557


@pytest.mark.parametrize(
    ("partial", "expected"),
    [
        ({"district": "义乌市"}, ["浙江省金华市义乌市"]),
        ({"district": "朝阳区"}, ["北京市朝阳区", "吉林省长春市朝阳区"]),
        ({"district": "朝阳区", "city": "北京市"}, ["北京市朝阳区"]),
        ({"district": "西湖区", "province": "浙江省"}, ["浙江省杭州市西湖区"]),
        ({"district": "仙桃市"}, ["湖北省仙桃市"]),
        ({"province": "湖北省", "district": "仙桃市"}, ["湖北省仙桃市"]),
        ({"district": "渝北区"}, ["重庆市渝北区"]),
        ({"district": "江北区"}, ["浙江省宁波市江北区", "重庆市江北区"]),
        ({"district": "长宁"}, ["上海市长宁区", "四川省宜宾市长宁县"]),
        ({"city": "东莞市", "detail": "长安镇"}, ["广东省东莞市长安镇"]),
        ({"city": "杭州市"}, ["浙江省杭州市"]),
        ({"province": "上海市"}, ["上海市"]),
        ({"province": "新疆维吾尔自治区"}, ["新疆维吾尔自治区"]),
        ({"province": "香港特别行政区"}, ["香港特别行政区"]),
        ({"province": "香港特别行政区", "city": "香港特别行政区"}, ["香港特别行政区"]),
        ({"district": "湾仔区"}, ["香港特别行政区湾仔区"]),
        ({"district": "苏州工业园区"}, ["江苏省苏州市苏州工业园区"]),
        ({"province": "北京市", "city": "上海市"}, []),
        ({"city": "杭州市", "district": "朝阳区"}, []),
        ({"district": "没有区"}, []),
        ({"detail": "文三路90号"}, []),
        ({}, []),
    ],
)
def test_a_partial_place_has_all_its_full_readings(partial: dict[str, str], expected: list[str]) -> None:
    assert readings(**partial) == expected


def test_taiwan_counts_only_where_nothing_in_the_mainland_has_the_name() -> None:
    assert readings(district="大同区") == ["黑龙江省大庆市大同区"]
    assert readings(province="台湾省", district="大同区") == ["台湾省台北市大同区"]
    assert len(readings(district="信义区")) == 2


def test_completion_keeps_the_detail() -> None:
    assert complete(Place(district="义乌市", detail="稠州北路699号")) == (
        Place("浙江省", "金华市", "义乌市", "稠州北路699号"),
    )


def test_a_municipality_is_both_province_and_city() -> None:
    assert complete(Place(province="重庆市")) == (Place("重庆市", "重庆市"),)


def test_a_merged_district_names_its_successor() -> None:
    place = Place("重庆市", "重庆市", "渝北区", "新溉大道1号")
    assert divisions().successors(place) == (Place("重庆市", "重庆市", "两江新区", "新溉大道1号"),)
    assert divisions().successors(Place("浙江省", "杭州市", "西湖区")) == ()


@pytest.mark.parametrize(
    ("place", "town"),
    [
        (Place("浙江省", "舟山市", "嵊泗县", "花鸟乡灯塔路1号"), "花鸟乡"),
        (Place("浙江省", "舟山市", "嵊泗县", "花鸟岛灯塔路1号"), "花鸟乡"),
        (Place("浙江省", "舟山市", "嵊泗县", "海滨中路1号"), ""),
        (Place("浙江省", "杭州市", "西湖区", "文新街道古墩路77号"), "文新街道"),
        (Place("浙江省", "杭州市", "西湖区", "文新路77号"), ""),
        (Place("广东省", "东莞市", "", "长安镇振安路1号"), "长安镇"),
        (Place("广东省", "东莞市", "", "虎门"), "虎门镇"),
        (Place(district="嵊泗县", detail="花鸟乡"), "花鸟乡"),
        (Place("湖北省", "", "仙桃市", "沔城回族镇1号"), "沔城回族镇"),
        (Place("浙江省", "杭州市", "西湖区", ""), ""),
        (Place(detail="花鸟乡"), ""),
    ],
)
def test_the_town_is_the_one_that_the_detail_starts_with(place: Place, town: str) -> None:
    assert town_of(place) == town

"""services.yaml and branches.csv: what is read, and what is told of a bad row."""

from __future__ import annotations

import csv
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml

from faq.branches import Branches, read_branches
from faq.faults import Fault
from faq.place import Place
from faq.prohibited_goods import read_goods
from faq.services import Services, read_services

DATA = Path(__file__).parent.parent / "data"
HEADER = "code,name,province,city,district,phone,hours\n"


def services(data: dict[str, Any]) -> tuple[Services, list[str]]:
    faults: list[Fault] = []
    return read_services(data, faults), [str(fault) for fault in faults]


def branches(text: str) -> tuple[Branches, list[str]]:
    faults: list[Fault] = []
    return read_branches(csv.DictReader(StringIO(text)), faults), [str(fault) for fault in faults]


def test_the_shipped_demo_courier_has_no_faults_and_says_that_it_is_a_demo() -> None:
    offered, service_faults = services(yaml.safe_load((DATA / "services.yaml").read_text("utf-8")))
    found, branch_faults = branches((DATA / "branches.csv").read_text("utf-8"))
    goods_faults: list[Fault] = []
    read_goods(yaml.safe_load((DATA / "goods.yaml").read_text("utf-8")), goods_faults)
    assert service_faults + branch_faults + goods_faults == []
    assert (offered.redelivery_free, offered.redelivery_fee) == (1, Decimal("5.00"))
    assert len(found.all) == 12
    files = ["README.md", "services.yaml", "goods.yaml"]
    assert ["demo data" in (DATA / file).read_text("utf-8").lower() for file in files] == [True] * 3


def test_special_handling_is_found_by_its_name() -> None:
    offered, faults = services(
        {
            "special": [
                {"name": "冷链", "offered": False, "suggest": "邮政极速鲜"},
                {"name": "送货上楼", "offered": True, "fee": "10.00", "per": "票"},
            ],
            "packing": [{"name": "中号纸箱 50x30x40", "fee": "6.00", "per": "件"}],
            "self_pickup": [{"area": "浙江省杭州市西湖区", "place": "杭州西湖文三网点"}],
        }
    )
    assert faults == []
    cold, upstairs = offered.special_named("冷链"), offered.special_named("送货上楼")
    assert cold is not None
    assert upstairs is not None
    assert (cold.offered, cold.suggest) == (False, "邮政极速鲜")
    assert (upstairs.offered, upstairs.fee, upstairs.per) == (True, Decimal("10.00"), "票")
    assert offered.special_named("夜间派送") is None
    assert offered.packing[0].size_cm == (50, 40, 30)
    assert offered.self_pickup[0].place == "杭州西湖文三网点"


def test_every_fault_of_services_yaml_is_told() -> None:
    offered, faults = services(
        {
            "special": [
                {"name": "冷链", "offered": "no"},
                {"name": "冷链", "offered": False},
                {"offered": True, "fee": 10.5},
            ],
            "packing": "纸箱",
            "redelivery": {"free": -1, "fee": "五元"},
            "self_pickup": [{"area": "浙江省"}, 7],
            "colour": "red",
        }
    )
    assert faults == [
        "services.yaml: top level: expected one of the keys packing, redelivery, self_pickup, special, "
        "found 'colour'",
        "services.yaml: special item 1, key offered: expected true or false, found 'no'",
        "services.yaml: special item 3, key name: expected a text",
        "services.yaml: special item 3, key fee: expected yuan as text, such as \"10.00\", found '10.5'",
        "services.yaml: packing: expected a list, found '纸箱'",
        "services.yaml: self_pickup item 2: expected keys and values, found '7'",
        "services.yaml: self_pickup item 1, key place: expected a text",
        "services.yaml: special: expected each name once, found '冷链'",
        "services.yaml: redelivery, key free: expected a whole number from 0, found '-1'",
        "services.yaml: redelivery, key fee: expected yuan as text, such as \"10.00\", found '五元'",
    ]
    assert offered == Services(special=offered.special)


TABLE = f"""{HEADER}\
HZ001,文三网点,浙江省,杭州市,西湖区,0571-55500001,08:00-20:00
HZ002,未来科技城网点,浙江省,杭州市,余杭区,0571-55500002,08:00-20:00
NB001,宁波网点,浙江省,宁波市,,0574-55500001,
XT001,仙桃网点,湖北省,,仙桃市,0728-5550001,08:00-18:00
"""


@pytest.mark.parametrize(
    ("place", "serving", "all_in"),
    [
        (Place("浙江省", "杭州市", "余杭区", "文一西路1号"), "HZ002", ["HZ002"]),
        (Place("浙江省", "杭州市", "桐庐县"), "HZ001", []),
        (Place("浙江省", "杭州市"), "HZ001", ["HZ001", "HZ002"]),
        (Place("浙江省", "宁波市", "海曙区"), "NB001", []),
        (Place("浙江省"), None, ["HZ001", "HZ002", "NB001"]),
        (Place("湖北省", "", "仙桃市"), "XT001", ["XT001"]),
        (Place("北京市", "北京市", "朝阳区"), None, []),
        (Place(), None, []),
    ],
)
def test_a_place_is_served_by_the_branch_of_its_district_or_city(
    place: Place, serving: str | None, all_in: list[str]
) -> None:
    found, faults = branches(TABLE)
    branch = found.serving(place)
    assert faults == []
    assert (branch and branch.code) == serving
    assert [branch.code for branch in found.in_place(place)] == all_in


def test_every_fault_of_branches_csv_is_told_with_row_and_column() -> None:
    found, faults = branches(
        f"{HEADER}"
        "HZ001,文三网点,浙江省,杭州市,西湖区,0571-55500001,08:00-20:00\n"
        "HZ001,另一网点,浙江省,杭州市,西湖区,,\n"
        ",无号网点,浙江,杭州市,西湖区,电话,八点到八点\n"
    )
    assert [branch.name for branch in found.all] == ["文三网点"]
    assert faults == [
        "branches.csv: row 3, column code: expected each code once, found 'HZ001'",
        "branches.csv: row 4, column province: expected the official name, such as 浙江省, 杭州市, 西湖区, "
        "found '浙江'",
        "branches.csv: row 4, column code: expected a text",
        "branches.csv: row 4, column phone: expected a telephone number, such as 0571-55500001, found '电话'",
        "branches.csv: row 4, column hours: expected hours, such as 08:00-20:00, found '八点到八点'",
    ]

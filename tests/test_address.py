"""Places in customers' sentences: what is found, by official names, and what it is for.

In the tables 从 is an origin, 到 a destination, 在 a place with no role; parts stand in the order province,
city, district, detail, and _ is a part that was neither said nor implied.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.divisions import divisions
from intents.slots.address import ELSEWHERE, MOST, FoundPlace, find_places
from intents.slots.address_names import lexicon

ROLES = {"origin": "从", "destination": "到", "": "在"}


def shown(found: FoundPlace) -> str:
    place = found.place
    parts = [part or "_" for part in (place.province, place.city, place.district, place.detail)]
    return f"{ROLES[found.role]} {' '.join(parts)}".rstrip("_ ")


def places(text: str) -> list[str]:
    return [shown(found) for found in find_places(text) if found.role != ELSEWHERE]


OFFICIAL_NAMES = [
    ("浙江省杭州市西湖区", ["在 浙江省 杭州市 西湖区"]),
    ("浙江杭州", ["在 浙江省 杭州市"]),
    ("义乌", ["在 浙江省 金华市 义乌市"]),
    ("余杭", ["在 浙江省 杭州市 余杭区"]),
    ("顺德大良", ["在 广东省 佛山市 顺德区 大良"]),
    ("浦东", ["在 上海市 上海市 浦东新区"]),
    ("魔都", ["在 上海市 上海市"]),
    ("内蒙", ["在 内蒙古自治区"]),
    ("乌市", ["在 新疆维吾尔自治区 乌鲁木齐市"]),
    ("延边延吉", ["在 吉林省 延边朝鲜族自治州 延吉市"]),
    ("湘西吉首", ["在 湖南省 湘西土家族苗族自治州 吉首市"]),
    ("恩施州恩施市", ["在 湖北省 恩施土家族苗族自治州 恩施市"]),
    ("仙桃", ["在 湖北省 _ 仙桃市"]),
    ("神农架", ["在 湖北省 _ 神农架林区"]),
    ("石河子", ["在 新疆维吾尔自治区 _ 石河子市"]),
    ("海南陵水", ["在 海南省 _ 陵水黎族自治县"]),
    ("香港湾仔", ["在 香港特别行政区 _ 湾仔区"]),
    ("澳门", ["在 澳门特别行政区"]),
    ("台湾台北市信义区", ["在 台湾省 台北市 信义区"]),
    ("重庆市", ["在 重庆市 重庆市"]),
    ("上海市上海市徐汇区", ["在 上海市 上海市 徐汇区"]),
    ("东莞虎门", ["在 广东省 东莞市 _ 虎门"]),
    ("儋州那大镇", ["在 海南省 儋州市 _ 那大镇"]),
    ("嘉峪关新城镇", ["在 甘肃省 嘉峪关市 _ 新城镇"]),
    ("苏州工业园区", ["在 江苏省 苏州市 苏州工业园区"]),
    ("合肥市经开区", ["在 安徽省 合肥市 合肥经济技术开发区"]),
    ("渝北区", ["在 重庆市 重庆市 渝北区"]),
    ("宣武区", ["在 北京市 北京市 西城区"]),
    ("吴江市", ["在 江苏省 苏州市 吴江区"]),
    ("襄樊", ["在 湖北省 襄阳市"]),
    ("青岛市南区", ["在 山东省 青岛市 市南区"]),
    ("济南市中区", ["在 山东省 济南市 市中区"]),
    ("大兴安岭加格达奇", ["在 黑龙江省 大兴安岭地区 加格达奇区"]),
    ("杭洲", ["在 浙江省 杭州市"]),
    ("乌鲁木其", ["在 新疆维吾尔自治区 乌鲁木齐市"]),
    ("广东省-深圳市-福田区-华强北路1001号", ["在 广东省 深圳市 福田区 华强北路1001号"]),
    ("上海 浦东新区 张杨路 500号", ["在 上海市 上海市 浦东新区 张杨路 500号"]),
]

SHARED_NAMES = [
    ("朝阳区", ["在 _ _ 朝阳区"]),
    ("寄到鼓楼区", ["到 _ _ 鼓楼区"]),
    ("西湖区文三路90号", ["在 _ _ 西湖区 文三路90号"]),
    ("城关区", ["在 _ _ 城关区"]),
    ("桥西区裕华东路", ["在 河北省 _ 桥西区 裕华东路"]),
    ("江北区", ["在 _ _ 江北区"]),
    ("长宁", ["在 _ _ 长宁"]),
    ("吉林", ["在 吉林省"]),
    ("海南", ["在 海南省"]),
    ("西安", ["在 陕西省 西安市"]),
    ("大同", ["在 山西省 大同市"]),
    ("寄到中山", ["到 广东省 中山市"]),
    ("北京朝阳", ["在 北京市 北京市 朝阳区"]),
    ("吉林省吉林市", ["在 吉林省 吉林市"]),
    ("浙江西湖区", ["在 浙江省 杭州市 西湖区"]),
    ("南通通州", ["在 江苏省 南通市 通州区"]),
    ("大连中山区人民路15号", ["在 辽宁省 大连市 中山区 人民路15号"]),
    ("我在南京,鼓楼区中山路1号来取", ["从 江苏省 南京市 鼓楼区 中山路1号"]),
    ("北京的,朝阳区建国路88号", ["在 北京市 北京市 朝阳区 建国路88号"]),
    ("光谷软件园A1栋", ["在 湖北省 武汉市 _ 光谷软件园A1栋"]),
    ("住望京", ["在 北京市 北京市 朝阳区 望京"]),
]

DETAILS = [
    ("杭州西湖区文三路90号", ["在 浙江省 杭州市 西湖区 文三路90号"]),
    ("成都武侯区人民南路20号3幢501", ["在 四川省 成都市 武侯区 人民南路20号3幢501"]),
    ("北京朝阳区望京SOHO T1", ["在 北京市 北京市 朝阳区 望京SOHO T1"]),
    ("文一西路969号", ["在 _ _ _ 文一西路969号"]),
    ("12号楼3单元401", ["在 _ _ _ 12号楼3单元401"]),
    ("改成88号2单元", ["到 _ _ _ 88号2单元"]),
    ("南京路100号", ["在 _ _ _ 南京路100号"]),
    ("北京朝阳公园南路1号院", ["在 北京市 北京市 _ 朝阳公园南路1号院"]),
    ("上海静安寺", ["在 上海市 上海市 _ 静安寺"]),
    ("杭州萧山机场", ["在 浙江省 杭州市 萧山区 萧山机场"]),
    ("寄到北京大学", ["到 北京市 北京市 _ 北京大学"]),
    (
        "海淀区中关村大街27号中关村大厦1208室 王先生 13900001111",
        ["在 北京市 北京市 海淀区 中关村大街27号中关村大厦1208室"],
    ),
    ("浙江省杭州市西湖区文三路90号张三13800138000", ["在 浙江省 杭州市 西湖区 文三路90号"]),
    ("徐汇区虹桥路1号港汇恒隆", ["在 上海市 上海市 徐汇区 虹桥路1号港汇恒隆"]),
    ("金水区花园路59号", ["在 河南省 郑州市 金水区 花园路59号"]),
    (
        "松江区九亭镇沪亭北路99弄15号602,下午三点",
        ["在 上海市 上海市 松江区 九亭镇沪亭北路99弄15号602"],
    ),
    ("寄到文三路90号2公斤", ["到 _ _ _ 文三路90号"]),
    ("香港中环皇后大道中1号", ["在 香港特别行政区 _ _ 中环皇后大道中1号"]),
]

ROLES_SAID = [
    ("从杭州西湖区文三路90号寄", ["从 浙江省 杭州市 西湖区 文三路90号"]),
    ("寄到乌鲁木齐", ["到 新疆维吾尔自治区 乌鲁木齐市"]),
    ("书去苏州,杭州西湖区文三路90号", ["到 江苏省 苏州市", "在 浙江省 杭州市 西湖区 文三路90号"]),
    ("寄到上海,南京路100号", ["到 上海市 上海市 _ 南京路100号"]),
    ("杭州到北京几天", ["从 浙江省 杭州市", "到 北京市 北京市"]),
    ("义乌寄广州一箱衣服", ["从 浙江省 金华市 义乌市", "到 广东省 广州市"]),
    ("从德清发长兴", ["从 浙江省 湖州市 德清县", "到 浙江省 湖州市 长兴县"]),
    ("魔都发帝都", ["从 上海市 上海市", "到 北京市 北京市"]),
    ("从沪到京多少钱", ["从 上海市 上海市", "到 北京市 北京市"]),
    (
        "明天下午三点来滨江区江南大道200号取件,寄到上海",
        ["从 浙江省 杭州市 滨江区 江南大道200号", "到 上海市 上海市"],
    ),
    ("我在余杭区文一西路969号,下午来取", ["从 浙江省 杭州市 余杭区 文一西路969号"]),
    ("到人民广场取件", ["从 _ _ _ 人民广场"]),
    ("去静安取件", ["从 上海市 上海市 静安区"]),
    ("我是上海的,想寄点东西到北京", ["从 上海市 上海市", "到 北京市 北京市"]),
    ("有两箱书发杭州", ["到 浙江省 杭州市"]),
    ("去西安多少钱一公斤", ["到 陕西省 西安市"]),
    ("给浙江绍兴柯桥的客户发两件布料", ["到 浙江省 绍兴市 柯桥区"]),
    ("寄给在南通的妈妈", ["到 江苏省 南通市"]),
    ("上海浦东新区张杨路500号 王五收", ["到 上海市 上海市 浦东新区 张杨路500号"]),
    ("地址改成文二路391号", ["到 _ _ _ 文二路391号"]),
    ("收件地址改为上海市徐汇区漕溪北路18号", ["到 上海市 上海市 徐汇区 漕溪北路18号"]),
    ("取件地址换成滨江区长河路351号", ["从 浙江省 杭州市 滨江区 长河路351号"]),
    ("帮我拦截退回杭州", ["到 浙江省 杭州市"]),
    ("别送上海了,改送到苏州吧", ["到 江苏省 苏州市"]),
    ("不是寄到北京,是寄到南京", ["到 江苏省 南京市"]),
    ("把收货地址从杭州改成宁波", ["到 浙江省 宁波市"]),
    ("能不能寄到拉萨", ["到 西藏自治区 拉萨市"]),
    ("漠河给送不", ["到 黑龙江省 大兴安岭地区 漠河市"]),
    ("新疆包邮吗", ["到 新疆维吾尔自治区"]),
    ("嵊泗有网点没", ["在 浙江省 舟山市 嵊泗县"]),
    ("余杭网点电话多少", ["在 浙江省 杭州市 余杭区"]),
    ("杭州西湖区文三路90号", ["在 浙江省 杭州市 西湖区 文三路90号"]),
    ("发货地是广州白云区,目的地成都", ["从 广东省 广州市 白云区", "到 四川省 成都市"]),
]

BLOCKS = [
    (
        "收件人:李四\n电话:13900139000\n地址:上海市浦东新区张杨路500号",
        ["到 上海市 上海市 浦东新区 张杨路500号"],
    ),
    (
        "寄件人:张三 13800138000 浙江省杭州市余杭区文一西路969号\n"
        "收件人:李四 13900139000 成都市武侯区人民南路20号",
        ["从 浙江省 杭州市 余杭区 文一西路969号", "到 四川省 成都市 武侯区 人民南路20号"],
    ),
    ("收件人李女士13900139000上海市浦东新区张杨路500号", ["到 上海市 上海市 浦东新区 张杨路500号"]),
    (
        "所在地区:浙江省 杭州市 西湖区\n详细地址:文三路90号3幢501",
        ["在 浙江省 杭州市 西湖区 文三路90号3幢501"],
    ),
    (
        "所在地区:浙江省杭州市西湖区文新街道,详细地址:古墩路77号",
        ["在 浙江省 杭州市 西湖区 文新街道古墩路77号"],
    ),
    ("省份:广东省 城市:深圳市 区县:南山区 地址:科技园南路1号", ["在 广东省 深圳市 南山区 科技园南路1号"]),
]

NO_PLACE = [
    "我的快递卡在武汉了",
    "快递到了杭州转运中心",
    "在武汉不动了三天了",
    "我的件到杭州了吗",
    "包裹昨天就到南京了,今天怎么还没派",
    "一直在合肥中转",
    "为什么我的件从杭州转到了武汉",
    "网上显示已到达石家庄",
    "已到达【深圳宝安网点】",
    "杭州西湖网点态度太差",
    "我要投诉朝阳区的快递员",
    "青岛啤酒能寄吗",
    "北京烤鸭能寄吗",
    "四川特产能寄到国外吗",
    "寄点绍兴黄酒",
    "哈密瓜10斤",
    "新疆和田玉镯",
    "中山装能寄吗",
    "三明治可以寄吗",
    "大同小异",
    "大理石台面",
    "出海口味道",
    "确定日期",
    "今天等了一天",
    "通道堵住了",
    "合作愉快",
    "公安局寄来的文件",
    "开封了还能退吗",
    "东方明珠模型",
    "海尔冰箱能寄吗",
    "中国银行卡",
    "京东快递怎么查",
    "我姓张,收件人李海宁",
    "联系人:王安吉 13800138000",
    "江浙沪包邮吗",
    "偏远地区加钱吗",
    "你们公司在哪",
    "从公司寄到家里",
    "我在人民路",
    "两台电脑寄三台",
    "",
]


@pytest.mark.parametrize(("text", "expected"), OFFICIAL_NAMES)
def test_names_are_given_in_full_and_imply_what_stands_above_them(text: str, expected: list[str]) -> None:
    assert places(text) == expected


@pytest.mark.parametrize(("text", "expected"), SHARED_NAMES)
def test_a_name_that_several_share_is_never_guessed(text: str, expected: list[str]) -> None:
    assert places(text) == expected


@pytest.mark.parametrize(("text", "expected"), DETAILS)
def test_the_detail_is_as_typed_and_ends_in_time(text: str, expected: list[str]) -> None:
    assert places(text) == expected


@pytest.mark.parametrize(("text", "expected"), ROLES_SAID)
def test_the_words_around_a_place_say_what_it_is_for(text: str, expected: list[str]) -> None:
    assert places(text) == expected


@pytest.mark.parametrize(("text", "expected"), BLOCKS)
def test_a_pasted_block_is_read_by_its_headings(text: str, expected: list[str]) -> None:
    assert places(text) == expected


@pytest.mark.parametrize("text", NO_PLACE)
def test_where_a_parcel_is_and_names_of_other_things_are_no_place(text: str) -> None:
    assert places(text) == []


def test_a_place_tells_where_it_stands_in_the_text() -> None:
    (found,) = find_places("麻烦到义乌稠州北路699号取件")
    assert (found.start, found.end) == (3, 13)


def test_every_official_name_of_a_city_is_found_in_a_sentence() -> None:
    table = divisions()
    cities = [
        unit for unit in table.by_code.values() if unit.level == 2 and unit.code[:2] not in ("81", "82")
    ]
    missed = [
        unit.name
        for unit in cities
        if [found.place for found in find_places(f"寄到{unit.name}多少钱")] != [table.place(unit)]
    ]
    assert missed == []


def test_every_county_is_found_below_its_city() -> None:
    table = divisions()
    counties = [unit for unit in table.by_code.values() if unit.level == 3]
    missed = []
    for unit in counties:
        city = table.by_code[unit.parent].name
        if [found.place for found in find_places(f"寄到{city}{unit.name}")] != [table.place(unit)]:
            missed.append(city + unit.name)
    assert missed == []


WORDS = [
    *sorted(lexicon().names)[::7],
    "从",
    "到",
    "寄",
    "在",
    "路",
    "90号",
    "3幢",
    "501",
    "取件",
    "收件人:",
    ",",
    " ",
    "\n",
    "了",
]


@settings(max_examples=150)
@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=12))
def test_any_text_is_read_without_failing_and_spans_lie_inside_it(words: list[str]) -> None:
    text = "".join(words)
    spans = [(found.start, found.end) for found in find_places(text)]
    assert all(0 <= start < end <= len(text) for start, end in spans)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("how much to send 3kg to Xi'an", ["到 陕西省 西安市"]),
        ("ship it from Shenzhen to Hong Kong", ["从 广东省 深圳市", "到 香港特别行政区"]),
        ("寄到CHENGDU多少钱", ["到 四川省 成都市"]),
        ("a xiantao of tea", []),
    ],
)
def test_places_are_also_named_in_latin_letters(text: str, expected: list[str]) -> None:
    assert places(text) == expected


def test_a_message_of_nothing_but_places_is_not_read_to_its_end() -> None:
    assert len(find_places("从北京到上海," * 200)) <= MOST


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("成都武候区浆洗街8号", "在 四川省 成都市 武侯区 浆洗街8号"),
        ("寄到长沙岳鹿区麓山南路", "到 湖南省 长沙市 岳麓区 麓山南路"),
        ("合肥属山区望江西路200号", "在 安徽省 合肥市 蜀山区 望江西路200号"),
        ("番禺市桥街大北路", "在 广东省 广州市 番禺区 市桥街大北路"),
        ("九江八里湖新区", "在 江西省 九江市 _ 八里湖新区"),
    ],
)
def test_a_district_that_is_written_as_it_sounds_is_read_after_its_city(text: str, found: str) -> None:
    assert places(text) == [found]

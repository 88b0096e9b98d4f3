"""Weights, sizes, volumes and the number of parcels (labels `weight_kg`, `size_cm`, `volume_m3`, `pieces`)."""

from __future__ import annotations

import re
from decimal import Decimal

from intents.slots.numbers import BEGINS, NUMBER, json_number, number
from intents.slots.spans import MARKS, Found

CENTIMETRES = {"mm": Decimal("0.1"), "毫米": Decimal("0.1"), "m": Decimal(100), "米": Decimal(100)}
LENGTH_UNIT = r"(?:cm|CM|Cm|厘米|公分|mm|MM|毫米|米|[mM](?![a-zA-Z]))"
TENTHS = r"(?:(?<=米)|(?<=[mM]))(?:[1-9](?![\d.])|[一二三四五六七八九半])"
"""What stands behind the metres of 1米2."""
BY = r"\s?[xX*×✕✖乘]以?\s?"
METRES, TOO_LONG = ("米", "m", "M"), 10
SIZE = re.compile(
    rf"{BEGINS}(?P<a>{NUMBER})\s?(?P<ua>{LENGTH_UNIT})?(?P<xa>{TENTHS})?{BY}"
    rf"(?P<b>{NUMBER})\s?(?P<ub>{LENGTH_UNIT})?(?P<xb>{TENTHS})?{BY}"
    rf"(?P<c>{NUMBER})\s?(?P<uc>{LENGTH_UNIT})?(?P<xc>{TENTHS})?"
    rf"|{BEGINS}(?P<h>{NUMBER})\s?(?P<uh>{LENGTH_UNIT})?(?P<xh>{TENTHS})?长[ ,、;]*(?P<i>{NUMBER})\s?(?P<ui>{LENGTH_UNIT})?(?P<xi>{TENTHS})?宽"
    rf"[ ,、;]*(?P<j>{NUMBER})\s?(?P<uj>{LENGTH_UNIT})?(?P<xj>{TENTHS})?(?:高|厚)"
    rf"|长宽高(?:分别|大概|大约|是|为|有|约|:| )*(?P<k>{NUMBER})\s?(?P<uk>{LENGTH_UNIT})?(?P<xk>{TENTHS})?[、,，/ ]{{1,2}}"
    rf"(?P<l>{NUMBER})\s?(?P<ul>{LENGTH_UNIT})?(?P<xl>{TENTHS})?[、,，/ ]{{1,2}}"
    rf"(?P<m>{NUMBER})\s?(?P<um>{LENGTH_UNIT})?(?P<xm>{TENTHS})?"
    rf"|长宽高(?:都|各|均)(?:是|为|有)?(?P<g>{NUMBER})\s?(?P<ug>{LENGTH_UNIT})?"
    rf"|长(?:度|是|为|:|大概|约| )*(?P<d>{NUMBER})\s?(?P<ud>{LENGTH_UNIT})?(?P<xd>{TENTHS})?[ ,、;]*宽(?:度|是|为|:|大概|约| )*(?P<e>{NUMBER})\s?(?P<ue>{LENGTH_UNIT})?(?P<xe>{TENTHS})?"
    rf"[ ,、;]*(?:高|厚)(?:度|是|为|:|大概|约| )*(?P<f>{NUMBER})\s?(?P<uf>{LENGTH_UNIT})?(?P<xf>{TENTHS})?"
)

KILOGRAMS = {
    **dict.fromkeys(("公斤", "千克", "kg", "kgs", "kilo", "kilos", "公斤重"), Decimal(1)),
    **dict.fromkeys(("斤", "市斤"), Decimal("0.5")),
    "两": Decimal("0.05"),
    **dict.fromkeys(("克", "g"), Decimal("0.001")),
    **dict.fromkeys(("吨", "t"), Decimal(1000)),
}
WEIGHT = re.compile(
    rf"{BEGINS}(?:(?P<range>{NUMBER})(?:到|至|-|~))?(?P<n>{NUMBER})\s?个?(?P<unit>公斤|千克|市斤|斤|克(?![拉莱])|吨|[kK][gG][sS]?(?![a-zA-Z])|g(?![a-zA-Z])|kilos?"
    r"|[tT](?![a-zA-Z恤])|两(?![一二三四五六七八九十百千万天箱件个票包袋台本瓶盒条双只张块岁年月次位种头边点样者地层份套]))"
    r"(?:(?P<half>半)|(?P<more>[一二两三四五六七八九\d])两)?"
)
WEIGHT_NOT = re.compile(
    r"(?:首重|续重|每|超过|超出?|满|限重?|多[算收称]了?|少了|轻了|差了?|缺了?|按|多少钱|几块钱?|怎么卖)$"
)
NOT_THIS = re.compile(r"(?:不是|从|由|原来|原本|本来|之前)(?:是|写的?|填的?|说的?)?$")
REPLACED = re.compile(r"[的]?(?:要?改[成为到]?|换成|变成|写错|错了)")
PER_PARCEL = re.compile(r"[每一][箱件个包袋盒票](?:大概|大约|约|有|是)?$")
"""Before the weight of one of several (一箱二十斤,加一块儿八十斤)."""
TOTAL = re.compile(
    r"(?:共|总共|一共|总重|加一块儿?|加起来|合计|总计|实际|其实|实重|应该|改[成为到]|现在|变成)(?:是|有|了|写|就)*$"
)

VOLUME = re.compile(
    rf"{BEGINS}(?:(?<=差不多)|(?<![第对多八面那这哪另双]))(?P<n>{NUMBER})\s?个?(?:立方米?|立方|方(?![面向便式案法形块才言圆针可协都通])|[mM]\^?3(?!\d)|立米|cbm|CBM)(?P<half>半)?"
)

PIECES = re.compile(
    rf"(?<![每第哪上下另某任几数\d.])(?<![这那](?=[个件]))(?P<n>{NUMBER})(?:大|小|整|纸|中)?(?P<unit>件(?!事|套|代|数)|箱子?|票|袋子?(?!弹)|包(?![裹含括邮装])|包(?=裹)|个(?:快递|包裹|快件|件|(?:大|小)?(?:纸箱|木箱|泡沫箱|箱子?|袋子?|编织袋|蛇皮袋|包(?![子包])))?)(?!子弹)"
    rf"|(?P<m>\d+|a|an|one|two|three|[一两二三四五]个?)\s?(?:bags?|boxes|box|pieces?|pcs|packages?|parcels?|cartons?)\b",
    re.IGNORECASE,
)
ENGLISH = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3}
LACKING = re.compile(
    r"(?:(?:只|才|就|仅)(?:收到|到|签收|剩|有)|家|少|缺|短|漏|差|碎|坏|破|加|烂|湿|(?<!我)丢(?!了我))(?:了|的|发|寄|给)?(?:那|整整)?$"
)
PARCEL_NOUN = re.compile(r"快递|包裹|快件|件|大?箱|纸箱|包|袋|编织袋|蛇皮袋|行李")
BARE_UNIT = re.compile(
    rf"[\s,。.!?;~、)吧的了啊呢{MARKS}]|$|到|去|寄|发往|送|给|总共|一共|都|要|左右|共|计|,|和|重|多重|大概"
)
CLOTHES = re.compile(r"(?:[衣裤裙衫袄鞋帽被]|衣服|外套)$")
"""衣服两件 counts articles, as 两件衣服 does."""
ALONE_BEFORE = re.compile(rf"(?:^|[\s,，。.;:{MARKS}]|就|只有|共|数量|寄|要寄|是|箱子|纸箱|包裹|快递|袋子)$")
ALONE_AFTER = re.compile(r"[吧的]?(?:$|[\s,，。.;!])")
LISTED = re.compile(r"(?:件数|箱数|票数|包数)(?:是|为|:| )*(?P<n>\d{1,4})(?![\d.])")


def find_sizes(text: str) -> list[Found]:
    """[length, width, height] in cm."""
    found = []
    for match in SIZE.finditer(text):
        names = next(each for each in ("abc", "klm", "ggg", "hij", "def") if match[each[0]])
        units = [match[f"u{name}"] for name in names]
        last = next((unit for unit in reversed(units) if unit), "cm")
        sides = [
            _centimetres(match, name, unit or last, unit is None)
            for name, unit in zip(names, units, strict=True)
        ]
        if all(sides):
            found.append(Found(match.start(), match.end(), sides, "size_cm"))
    return found


def _centimetres(match: re.Match[str], name: str, unit: str, implied: bool) -> int | float:
    """One side; nothing that is sent measures ten metres, so such a number with no unit of its own is in cm."""
    value = number(match[name]) or Decimal(0)
    if implied and unit in METRES and value >= TOO_LONG:
        return json_number(value)
    tenths = match.groupdict().get(f"x{name}")
    if tenths:
        value += Decimal("0.5") if tenths == "半" else (number(tenths) or Decimal(0)) / 10
    return json_number((value * CENTIMETRES.get(unit.lower(), Decimal(1))).normalize())


def find_weights(text: str) -> list[Found]:
    """Weights in kg; a correction keeps the new one, a sum that is said as one (共) comes first."""
    found = []
    for match in WEIGHT.finditer(text):
        value = number(match["n"])
        if value is None or value == 0:
            continue
        unit = KILOGRAMS[match["unit"].lower()]
        if match["half"]:
            value += Decimal("0.5")
        if match["more"]:
            liang = KILOGRAMS["两"] / unit
            value += (number(match["more"]) or Decimal(0)) * liang
        found.append(Found(match.start(), match.end(), json_number((value * unit).normalize()), "weight_kg"))
    return _chosen(text, found, WEIGHT_NOT)


def find_volumes(text: str) -> list[Found]:
    """Volumes in m³."""
    found = []
    for match in VOLUME.finditer(text):
        value = number(match["n"])
        if value:
            value += Decimal("0.5") if match["half"] else 0
            found.append(Found(match.start(), match.end(), json_number(value), "volume_m3"))
    return found


def find_pieces(text: str) -> list[Found]:
    """Numbers of parcels; a count of articles (两件衣服) has the role ""."""
    found = []
    for match in PIECES.finditer(text):
        value = (
            Decimal(ENGLISH.get(match["m"].lower(), 0)) or number(match["m"].removesuffix("个"))
            if match["m"]
            else number(match["n"])
        )
        if value is None or value != value.to_integral_value() or not 0 < value < 100_000:
            continue
        role = "pieces" if match["m"] or _counts_parcels(text, match) else ""
        found.append(Found(match.start(), match.end(), int(value), role))
    if not found and (listed := LISTED.search(text)):
        found.append(Found(listed.start("n"), listed.end("n"), int(listed["n"]), "pieces"))
    return _chosen(text, found, LACKING)


def _counts_parcels(text: str, match: re.Match[str]) -> bool:
    unit = match["unit"]
    if unit in ("箱", "票", "袋") or len(unit) > 1:
        return True
    if PARCEL_NOUN.match(text, match.end()):
        return True
    if unit == "个":
        return bool(
            ALONE_BEFORE.search(text, max(0, match.start() - 4), match.start())
            and ALONE_AFTER.match(text, match.end())
        )
    if CLOTHES.search(text, max(0, match.start() - 2), match.start()):
        return False
    return unit == "包" or bool(BARE_UNIT.match(text, match.end()))


def _chosen(text: str, found: list[Found], excluded: re.Pattern[str]) -> list[Found]:
    """At most one keeps its role: the one said as the sum or as new, else the first that still stands."""
    standing = []
    for each in found:
        before = text[max(0, each.start - 6) : each.start]
        if (
            not each.role
            or excluded.search(before)
            or NOT_THIS.search(before)
            or REPLACED.match(text, each.end)
        ):
            continue
        standing.append(each)
    totals = [each for each in standing if TOTAL.search(text[max(0, each.start - 6) : each.start])]
    whole = [each for each in standing if not PER_PARCEL.search(text[max(0, each.start - 6) : each.start])]
    best = next(iter(totals or whole or standing), None)
    return [each if each is best else Found(each.start, each.end, each.value, "") for each in found]

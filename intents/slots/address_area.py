"""Chains of divisions in a text: 浙江杭州西湖区 → one unit, or those it could be.

Names stand in one dictionary that is looked up by the first two characters, so a message without places costs
almost nothing. Short names count only where the words around them allow it (see `address.yaml`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from faq.divisions import divisions
from faq.pinyin import sound
from faq.place import Place
from intents.slots.address_detail import detail_end
from intents.slots.address_names import Name, Units, lexicon
from intents.slots.address_words import words

GAP = re.compile(r"(?:[ \t·/|>_、,，-]{1,2}|的|市辖区)?")
WRITTEN_OUT = re.compile(r"[一-龥]{1,4}?[区县市]")
ZONE = re.compile(r"(高新|经开|经济)(?:技术)?(?:产业)?(?:开发)?区")
STREET = re.compile(
    r"[东南西北中]?[一二三四五六七八九十]?(?:路(?![由线费过程])|街(?!道)|大道|大街|巷|弄(?!丢|坏|错|好)|胡同|里(?=\d)|道(?=\d))"
)
POI = re.compile(
    r"(?:[一-龥]{2}|第[一二三四五六])?(?:大学(?!城)|学院(?!路)|医院(?!路))"
    r"|国际(?:中心|大厦|广场)|风景区|景区|公园|大厦|饭店|宾馆|酒店|大悦城"
)
TOWN_OF_PANYU = re.compile(r"桥(?![东西]区)")
"""番禺市桥 is a town of 番禺, but 石家庄市桥西区 a district of 石家庄市."""
STATION = re.compile(r"(?:国际)?机场|[东南西北]?(?:火车|高铁|汽车|客运)?站(?!点|前)")
ESTATE = re.compile(r"门(?!市)|桥|村|庄|屯|小区|花园|家园|公寓|广场|镇|乡(?!下)|街道")
LEFT = re.compile(
    r"(?:^|[^一-龥]|[到往至去从由寄发送邮在勒喺系给是自址为成的个我们咱住回经改和跟与或家来下询查寻算问]|老家|目的地|[收寄发取][件货]地|公司|客户|朋友|今天|明天|后天"
    r"|[取收]件|地区|上午|下午|晚上)$"
)
RIGHT = re.compile(
    r"(?:$|[^一-龥]|寄|发|取|到|至|送|收|的|有|能|可|多|几|要|那|这|没|不|吗|嘛|呢|吧|啊|哈|呀|了|运|快递|上门|派|行|是|和|去|往"
    r"|下|来|在|给|用|大概|大约|一|二|两|三|市|县|区|想|需|我|你|请|邮|网点|营业|站点|服务|周边|附近|好[多久]|得[走要几多花]|当兵|上[大学班]|读[书大]|念书|打工|工作|客户|朋友|同|包|属|算|什么|怎么|哪|过|明|后|今)"
)
STRICT_LEFT = re.compile(r"(?:到|往|至|从|寄给|[址是]:?)$")
STRICT_RIGHT = re.compile(
    r"(?:$|[,，。.!！?？;；\n ]|到|寄|发|多少|要|吗|的(?:快递|件|包裹|运费)|能|可以|给|[嘛呢啊呀])"
)
LETTER = re.compile(
    r"(?:^|(?<=[从到往寄发至由]))([京津沪渝粤浙皖赣鄂湘豫冀鲁闽琼黔滇陕晋桂])"
    r"(?=$|[寄发到至往,，。?？!！ ]|快递|要|多少|几)"
)


@dataclass(frozen=True, slots=True)
class Area:
    """A chain found at [start, end): the place, whether it is certain, and where its detail may begin."""

    place: Place
    start: int
    end: int
    units: Units
    detail_from: int
    """The last name itself where it is one of a place or building (望京, 北京大学), else the end."""
    shorthand: bool
    """A single short name, which may be part of the name of goods or people."""


@dataclass(frozen=True, slots=True)
class _Step:
    """The best reading of the names from one position on."""

    end: int
    units: Units
    said: str
    official: bool
    inside: bool
    last_start: int
    first: Name
    """Of the whole walk; `names` tells how many there were."""
    names: int


def find_area(text: str, at: int) -> Area | int | None:
    """The chain of divisions that starts at a position; the end of a trap word; or None."""
    if text[at : at + 2] not in lexicon().lengths:
        return None
    step = _walk(text, at, ())
    if isinstance(step, int):
        return step
    if step is None or (step.names == 1 and not _may_stand_alone(text, at, step)):
        return None
    units = _preferred(step, alone=step.names == 1)
    place = _place_of(units, step)
    detail_from = step.last_start if step.inside or _names_a_building(text, step) else step.end
    shorthand = step.names == 1 and not step.official
    return Area(place, at, step.end, units, detail_from, shorthand)


def _walk(text: str, at: int, above: Units) -> _Step | int | None:
    """The reading that reaches furthest; an int is the end of a trap word."""
    lex = lexicon()
    best: _Step | None = None
    for length in lex.lengths.get(text[at : at + 2], ()):
        said = text[at : at + length]
        name = lex.names.get(said)
        if name is None or (said.endswith("市") and TOWN_OF_PANYU.match(text, at + length)):
            continue
        if name.manner == "trap" and best is None:
            return at + length
        step = _step(text, at, said, name, above)
        if step is not None and (best is None or step.end > best.end):
            best = step
    if best is None and above:
        return _zone(text, at, above) or _misheard(text, at, above)
    return best


def _step(text: str, at: int, said: str, name: Name, above: Units) -> _Step | None:
    units, official = _fitting(name, above)
    end = at + len(said)
    if not units or (not official and _is_something_else(text, at, end, said, units)):
        return None
    inside = not official and not _under(name.short, above)
    here = _Step(end, units, said, official, inside, at, name, 1)
    if inside:
        return here
    gap = GAP.match(text, end)
    rest = _walk(text, gap.end() if gap else end, units)
    if isinstance(rest, _Step):
        return _Step(
            rest.end, rest.units, rest.said, rest.official, rest.inside, rest.last_start, name, rest.names + 1
        )
    return here


def _under(units: Units, above: Units) -> Units:
    if not above:
        return units
    table = divisions()
    return tuple(
        unit for unit in units for over in above if unit.code != over.code and table.is_under(unit, over)
    )


def _fitting(name: Name, above: Units) -> tuple[Units, bool]:
    """The units that a name can mean below those named before, and whether it is their official name."""
    official = _under(name.official, above)
    if official:
        return official, True
    return _under(name.short, above) or _under(name.inside, above), False


def _is_something_else(text: str, at: int, end: int, said: str, units: Units) -> bool:
    """A short name that goes on as a street (南京路) or, for a district, as a building (朝阳公园, 静安寺)."""
    if STREET.match(text, end):
        return True
    if said not in words().ask and any(unit.level < 3 for unit in units):
        return False
    landmark = words().landmarks.match(text, at)
    return bool(POI.match(text, end) or ESTATE.match(text, end) or (landmark and landmark.end() > end))


def _names_a_building(text: str, step: _Step) -> bool:
    return not step.official and bool(POI.match(text, step.end) or STATION.match(text, step.end))


def _zone(text: str, at: int, above: Units) -> _Step | None:
    """高新区 and 经开区 after a city, where it has exactly one."""
    match = ZONE.match(text, at)
    if match is None:
        return None
    table = divisions()
    ending = "高新区" if match[1] == "高新" else "经开区"
    zones = tuple(
        unit
        for over in above
        for unit in (table.by_code[code] for code in table.children.get(over.code, ()))
        if unit.status == "zone" and unit.short.endswith(ending)
    )
    if len(zones) != 1:
        return None
    return _Step(match.end(), zones, match[0], True, False, at, Name(zones), 1)


def _misheard(text: str, at: int, above: Units) -> _Step | None:
    """A district after its city that is written as it sounds: 成都武候区."""
    match = WRITTEN_OUT.match(text, at)
    if match is None:
        return None
    heard = sound(match[0])
    units = tuple(unit for over in above for unit in _below(over.code) if sound(unit.name) == heard)
    return _Step(match.end(), units, match[0], True, False, at, Name(units), 1) if len(units) == 1 else None


@cache
def _below(code: str) -> Units:
    """The units of levels 2 and 3 under one."""
    table = divisions()
    children = [table.by_code[each] for each in table.children.get(code, ())]
    return (*children, *(unit for child in children for unit in _below(child.code)))


def _may_stand_alone(text: str, at: int, step: _Step) -> bool:
    """Whether the words around a single name let it be a place."""
    manner = step.first.manner
    if manner == "free" or step.names > 1:
        return True
    before = text[max(0, at - 3) : at]
    if manner == "plain":
        return bool(STRICT_LEFT.search(before) and STRICT_RIGHT.match(text, step.end))
    if not LEFT.search(before):
        return False
    return (
        bool(RIGHT.match(text, step.end) or STATION.match(text, step.end))
        or detail_end(text, step.end, step.units) > step.end
    )


def _preferred(step: _Step, alone: bool) -> Units:
    """A name alone is in the mainland where it can be, and means the largest unit of that name."""
    units = tuple(dict.fromkeys(step.units))
    if len(units) == 1:
        return units
    if alone:
        units = divisions().prefer_mainland(units)
    levels = [unit.level for unit in units]
    level = max(levels) if step.said in words().ask else min(levels)
    return tuple(unit for unit in units if unit.level == level)


def _place_of(units: Units, step: _Step) -> Place:
    """What all readings have in common; of a district that several share, the name."""
    table = divisions()
    places = [table.place(unit) for unit in units]
    if len(places) == 1:
        return places[0]
    provinces, cities, districts = (
        {getattr(place, part) for place in places} for part in ("province", "city", "district")
    )
    district = ""
    if all(districts) and not step.inside:
        district = next(iter(districts)) if len(districts) == 1 else step.said
    return Place(
        next(iter(provinces)) if len(provinces) == 1 else "",
        next(iter(cities)) if len(cities) == 1 else "",
        district,
    )

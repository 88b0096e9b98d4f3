"""The part of an address below the district: street, number, building, room, as typed.

It is read forward in pieces (a street, a named building, a number with its unit, a room) and ends at the
first thing that is none: a verb, a time, an amount, a phone, a name, punctuation.
"""

from __future__ import annotations

import re

from faq.divisions import Division, divisions
from intents.slots.address_words import words

STOP = re.compile(
    r"取件|取货|取快递|取走|来取|来拿|来收|上门|揽收|揽件|寄到|寄往|寄给|寄去|寄出|寄件|寄回|寄一|寄两|寄个|寄点|寄至|邮寄|邮到"
    r"|发到|发往|发给|发货|发一|发至|发出|送到|送往|送去|送货|送至|派送|派件|收件|收货|快递|快件|包裹|运费|多少|几天|多久|什么"
    r"|怎么|可以|能不能|能否|麻烦|谢谢|请|帮我|帮忙|联系|电话|手机|姓名|今天|明天|后天|今晚|明早|明晚|上午|下午|中午|晚上|早上|傍晚"
    r"|凌晨|现在|马上|尽快|星期|周[一二三四五六日末天](?![路街])|礼拜|我[要们想的家在是姓叫]|你们|他们|她们|要寄|想寄|要发|改[到成为寄]|换[到成]|(?<=[一-龥])到(?![达])|地址|不是|就是"
    r"|还是|还有|有没有|有人|没人|有网点|网点|营业部|[先女]士|先生|小姐|老师|师傅|收$|收[,，。]|转运|中转|分拨"
    r"|[一二两三四五六七八九十几半]{1,8}(?:个|件|箱(?!子)|盒|包|袋|公斤|斤|票|台(?!路)|部(?!队)|瓶|吨|块钱|点(?!军)|天|本|双|条|套)"
    r"|(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}-?\d{7,8}"
)
NOT_FIRST = re.compile(
    r"寄|取|收|送|发(?!展)|到|去|上(?=大?学|班|网)|来(?![安广凤宾])|在|从|往|给|的|了|吗|呢|吧|啊|是|有(?!恒)|没|不|能(?!仁)|要|想|我|你|他|她|它|这|那(?![大坡曲马])"
    r"|怎|多|几|吃|买|已|还|也|都|就|麻烦|帮|和(?![平睦兴义谐丰顺盛美])|跟|及|或|以|但|由|至|用|把|被|让|叫|说|看|问|查|最|很|太(?![平阳和原湖古子])"
    r"|再|又|运(?!河)|收|派|件|投|邮|共|总|大概|大约|左右|附近|周边|市区|城区|[那这]边|地区|全境|本地|家里|客户|朋友|人在"
)
HAN = r"[一-鿿]"
LONGEST = 80
"""How many characters a detail may have."""

NAME_ENDING = (
    r"(?:街道办事处|街道办|街道|大街|大道|胡同|公路|国道|省道|环路|路(?![由线费过程])|街|巷|弄(?!丢|坏|错|好)|道(?=\d)|里(?=\d)|条(?=\d)"
    r"|镇(?!定)|乡(?!亲)|苏木|社区|新村|行政村|自然村|村|屯|庄|[组屋湾冲坳](?=\d)|坪(?=\d|$)|开发区|新区|高新区|经开区|保税区|自贸区|示范区|工业区|工业城"
    r"|工业园|产业园|科技园|科技城|软件园|创意园|创业园|物流园|园区|小区|校区|厂区|生活区|家属区|家属院|园(?![林])|公寓|花园|花苑|家园|雅苑"
    r"|苑|府邸|府(?=\d|$)|华庭|庭(?=\d|$)|豪庭|城(?=[A-Za-z\d]|$|[这那]边)|新城|名城|公馆|别墅|墅|湾(?=\d|$)|大厦|大楼|写字楼|公司|中心|广场|商场|商城|市场|超市"
    r"|商厦|酒店|宾馆|饭店|大学|学院|学校|中学|小学|高中|初中|一中|二中|幼儿园|医院(?:住院部|门诊部|门诊楼|住院楼|急诊科?)?|诊所|药店|工厂|厂(?!家)|银行|机场|火车站|高铁站"
    r"|地铁站|汽车站|客运站|车站|[东南西北]站|码头|仓库|云仓|菜鸟驿站|驿站|自提点|快递柜|丰巢柜|公园|体育馆|体育场|图书馆|博物馆|基地|总部"
    r"|集团|门店|专卖店|服务区|派出所|公安局|法院|政府|宿舍楼|宿舍|前台|[前后侧正]门|村委会|居委会|门卫|传达室|保安亭|保安室|物业|信箱|收发室|[东南西北]门|国际(?=[A-Za-z\d]|$)|世界城|天地(?=\d|$)"
    r"|(?=SOHO|[A-Z]\d?(?:座|栋|区|幢|馆|楼|塔)))(?:[东南西北中一二三四五六七八九十]段|[东西南北中](?=\d)|[东南西北]区)?"
)
NAMED = re.compile(rf"{HAN}{{1,10}}?{NAME_ENDING}")
NAMED_ON = re.compile(rf"{HAN}{{0,10}}?{NAME_ENDING}")
ZONE = re.compile(
    r"(?:高新|经开|开发|保税|示范|工业园|产业园|科技园|软件园)区|科技园|工业园|产业园|大学城|步行街"
)
NEUTRAL = r"(?:(?![寄发送取到来去收给的了吗呢吧我你要有想谢急快]|物品|易碎|贵重|资料|衣服|鞋|处理)[一-鿿])"
UNNAMED = re.compile(
    rf"{NEUTRAL}{{2,10}}(?=\d+(?:号楼|幢|栋|座|单元|室|楼|层|-\d))"
    rf"|(?<=[\d号幢栋座楼室弄]){NEUTRAL}{{4,10}}(?=$|[\s,.;])"
)
"""An estate with no word for it (港汇恒隆), after a number; two or three characters are a person's name."""
UNIT = (
    r"号楼|舍(?!不)|斋|号院|号库|号门|号店|号铺|号线|号|弄|幢|栋|座|楼|层|单元|室|房|户|铺|区|期|队|组|院|村|巷|排|门|库|档|馆|塔"
    r"|口|柜"
)
NUMBER = re.compile(
    r"(?:附|之|第|负|地下|东|西|南|北)?(?:[0-9A-Za-z]+(?:[-#/][0-9A-Za-z]+)*|[一二三四五六七八九十百零]{1,8}|[甲乙丙丁])"
    rf"#?(?:{UNIT})(?:之[一二三四五六七八九\d]{{1,4}}|附\d+号|-\d+(?:-\d+)*)?|\d+(?:-\d+){{1,3}}(?!\d|[:：月]|公斤|斤|kg|个|天|块|元)|\d+#"
)
LATIN = re.compile(
    r"(?!(?:kg|ems|vip|qq|wx|app|ok|tel|no|id|hi|pm|am|cm|mm|hello)(?![a-z]))[A-Za-z]{1,10}\d{0,4}(?:座|栋|区|幢|楼|馆|口|塔|室)?",
    re.IGNORECASE,
)
ROOM = re.compile(
    r"\d{1,5}[A-Za-z]?(?!\d|\.\d|公斤|千克|kg|克|斤|g\b|两|吨|箱|件|个|盒|包|袋|元|块|点|月|日|天|年|票|瓶|台|方|米|cm|分|小时|%|岁|本|折|[:：]|-\d)",
    re.IGNORECASE,
)
PAREN = re.compile(r"[(（][^()（）\d]{1,12}[)）]")
TAKES_ROOM = re.compile(r"(?:[号弄幢栋座楼层元区期院厦苑园寓城庭墅村队组塔里]|中心|广场|[A-Za-z]\d?)$")
FIRST_NUMBER = re.compile(r"号楼|号院|号库|幢|栋|座|单元|室|楼|期|队|组")
SPACE_OK = re.compile(
    r"[一-鿿A-Za-z]{0,10}\d|[A-Z]|[一-鿿]{1,8}(?:路|街|大道|巷|村|镇|小区|大厦|广场|中心|花园|苑|园|公寓|公司)"
)


def detail_end(text: str, start: int, units: tuple[Division, ...] = ()) -> int:
    """Where the detail that starts at `start` ends; `start` itself where there is none.

    `units` are the divisions named before it: their towns, or a landmark, may open the detail.
    """
    if start >= len(text) or NOT_FIRST.match(text, start):
        return start
    limit = min(len(text), start + LONGEST)
    stop = STOP.search(text, start, limit)
    limit = stop.start() if stop else limit
    at = end = start
    while at < limit:
        piece = _piece_end(text, at, limit, first=end == start, after=text[start:end])
        if piece == at == start and units:
            piece = _known_end(text, start, limit, units)
        if piece == at:
            break
        end = piece
        at = _skip(text, end, limit)
    return end


def _piece_end(text: str, at: int, limit: int, *, first: bool, after: str) -> int:
    """The end of the one piece at a position, or the position."""
    number = NUMBER.match(text, at, limit)
    if number and (not first or _opens(text, number)):
        return number.end()
    if after and TAKES_ROOM.search(after):
        room = ROOM.match(text, at, limit)
        if room:
            return room.end()
    if not first and NOT_FIRST.match(text, at):
        return at
    for pattern in (ZONE, NAMED) if first else (NAMED_ON, LATIN, UNNAMED):
        match = pattern.match(text, at, limit)
        if match and match.end() > at:
            return match.end()
    if after:
        match = PAREN.match(text, at, limit)
        if match:
            return match.end()
    return at


def _opens(text: str, number: re.Match[str]) -> bool:
    """Whether a detail may begin with this number: 3栋 may, 12号 alone is a day of the month."""
    if number[0].endswith("号"):
        return NUMBER.match(text, number.end()) is not None
    return FIRST_NUMBER.search(number[0]) is not None


def _skip(text: str, at: int, limit: int) -> int:
    """Past one space between the pieces of a detail, where what follows still belongs to it."""
    if at < limit and text[at] in " \t·" and SPACE_OK.match(text, at + 1, limit):
        return at + 1
    return at


def _known_end(text: str, start: int, limit: int, units: tuple[Division, ...]) -> int:
    """The end of a landmark, or of a town of these units, that stands at a position without more words."""
    table = divisions()
    landmark = words().landmarks.match(text, start, limit)
    best = landmark.end() if landmark else start
    for unit in units:
        if unit.level > 1:
            for town in table.towns_of(unit.code):
                if len(town.short) >= 2 and text.startswith(town.short, start):
                    best = max(best, start + len(town.short))
    return best


ANCHOR = re.compile(
    r"(?:路|街|道|巷|弄|胡同|里|村|苑|园|城|区|公寓|大厦|广场|中心|府|庭|院|厂|公司|学|店|SOHO|座|期|段|国际)\s?[东南西北中附]?"
    r"[A-Z]?\d{1,5}(?:-\d+)*(?:号|弄|幢|栋|座|单元|楼|室|期|层|#)"
    r"|(?:路|街|大道|巷)\d{1,5}(?![\d.:：]|公斤|斤|kg|件|箱|个|元|块|点|路)"
    r"|\d{1,4}(?:号楼|幢|栋|单元|号院)|[A-Z\d]座\d|\d{3,5}室|[一二三四五六七八九十]{1,5}(?:号楼|幢|栋|单元)|SOHO"
)
BEFORE_DETAIL = re.compile(r"[一-鿿A-Za-z0-9·-]*$")
LEAD = re.compile(
    r"(?:请|麻烦|帮我?|你们?|您|我们|我家|我|让|叫|派个?人|快递员|小哥|师傅|快递|包裹|东西|上门|现在|今天|明天|后天|上午|下午|中午|晚上|早上"
    r"|[0-9一二三四五六七八九十两]+点(?:半|钟|左右|前|后|之前|以前)*|左右|取件|揽收|收件人?|收货人?|寄件人?|寄送|派送|转寄|转送|转|重新"
    r"|原来|原先|原本|本来|之前|以前|来(?![安广凤宾])|到|去|在|从|往|至|由|寄|发(?!展)|送|运|邮|给|改一?下|改成|改为|改到|改|换成|换到|换|变更为|搬到|搬|新?地址|是|为"
    r"|住|就|的|了|应该|应|不是|具体|详细|门牌号?|放|错|写|填|[:：])+"
)
LAST_MARK = re.compile(r".*(?:到|在|去|来|往|从|给|址|是|成|为|寄|送|的|取|住)")
ESTATE = re.compile(
    r"[一-鿿]{2}(?:小区|花园|花苑|家园|公寓|大厦|大楼|写字楼|广场|园区|软件园|科技园|工业园|产业园|新村|街道|大道)$"
)
STREET_OR_ESTATE = re.compile(rf"{ESTATE.pattern}|[一-鿿]{{2}}(?:苑|村|镇|路|街|胡同|弄|巷)$")
CALLED_TO = re.compile(r"(?:到|来|在|去)(?=[一-鿿]{2,10}(?:取|拿|收件|上门|揽))")


def find_details(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Streets with a number, buildings and rooms between two positions, with no division before them."""
    found = []
    at = start
    for anchor in ANCHOR.finditer(text, start, end):
        if anchor.start() < at:
            continue
        span = _detail_around(text, at, anchor)
        if span:
            found.append(span)
            at = span[1]
    if not found:
        found = _named_only(text, start, end)
    return found


def _detail_around(text: str, floor: int, anchor: re.Match[str]) -> tuple[int, int] | None:
    """The detail that an anchor is part of: back to the first word that is none, then forward."""
    run = BEFORE_DETAIL.search(text, floor, anchor.end())
    begin = run.start() if run else anchor.start()
    lead = LEAD.match(text, begin, anchor.start())
    starts = [lead.end() if lead else begin]
    mark = LAST_MARK.match(text, begin, anchor.start())
    if mark:
        starts.append(mark.end())
    starts.append(anchor.start())
    for begin in starts:
        end = detail_end(text, begin)
        if end > anchor.start() + 1:
            return begin, end
    return None


def _named_only(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A building or street without a number: the whole message, or where a courier is called to."""
    for call in CALLED_TO.finditer(text, start, end):
        stop = detail_end(text, call.end())
        if STREET_OR_ESTATE.search(text[call.end() : stop]):
            return [(call.end(), stop)]
    if start == 0 and end == len(text) <= 12 and ESTATE.search(text) and detail_end(text, 0) == end:
        return [(0, end)]
    return []

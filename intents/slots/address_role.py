"""What a place in a sentence is for: collected there, sent there, or no place of this order at all.

Only the words just before and just after a place are read, and the last heading (收件人, 寄件地址) before it.
"""

from __future__ import annotations

import re

from intents.slots.address_words import words

SEEN = 16
"""How many characters before and after a place are looked at."""

FILLER = (
    r"(?:是|为|在|了|得|不了|我们|我家|我|咱|老家|你们|客户|朋友|地址|公司|那个|一下|一个|个|就|[:： 的])*"
)

SENT_TO = re.compile(
    r"(?:(?:寄|发|送|运|邮|快递|投递|投|派送|派|改|转|退|带|捎|拿|搬)(?:到了|到|往|至|去|给|回)|寄(?:过去|回去)"
    r"|目的地|(?:收件|收货|送货|派送|派件|收方)人?的?(?:新)?(?:地址|信息|地|城市)?|新地址"
    r"|地址.{0,4}?(?:改|换|变更|更改|修改|更正)(?:成|为|到|至|一下)?|(?:改|换)(?:成|到|为|送|寄)|改[:：]|到|往|至|寄|发|送|邮|给|(?i:\bto))"
    rf"{FILLER}$"
)
SERVED_BEFORE = re.compile(r"(?:送|寄|发|派)(?:得|不)?[到了]?(?:了)?[吗么不][?？,， ]*$")
"""Before the place that the question was about: 乡下能送到吗 湖南怀化."""
SENT_TO_FIRMLY = re.compile(rf"(?:寄|发|送|运|邮|递|派|投|转|退)(?:到|去|往|给){FILLER}$")
GOING = re.compile(rf"去{FILLER}$")
COLLECT_LABEL = re.compile(
    r"(?:(?:寄件|发件|发货|取件|取货|揽收|揽件|上门|寄货|寄方|发方)人?(?:取件|取货|揽收)?的?新?"
    r"(?:地址|地点|信息|地|城市|位置)?|始发地?|起运地|出发地)(?:.{0,3}?(?:改|换|变更)(?:成|为|到|至))?"
    rf"{FILLER}$"
)
FROM = re.compile(rf"(?:从|由|自(?!己)|(?i:\bfrom)){FILLER}$")
AT = re.compile(rf"(?:在|到|来|去|(?<![早晚马路网])上){FILLER}$")
AT_ONLY = re.compile(r"(?<!给)(?:在|住|位于|我们?(?:[这那][边里]|家|公司)?是)(?:我们|我家|我|[: ])*$")
COLLECT = re.compile(
    r"(?:[那这]边|附近|这里|那里|家里|公司|楼下|门口|单位|来|帮我|给我|,|，| |今天|明天|后天|明早|今晚"
    r"|[上下]午|晚上|早上|中午|[\d一二两三四五六七八九十]+点半?|左右|可以|能|请|麻烦|你们|你|快递员|师傅|人"
    r"|有个?(?:件|包裹|快递|东西))*"
    r"(?:上门|取(?!消)|拿|揽|收(?:[件货](?!人)|快递|个|一|下|东西|包裹|$|[,，。])|接(?:件|货)|派(?:人|个|快递员|师傅))"
)
SENDS = re.compile(
    r"(?:[那这]边|附近|这里|那里|,|，| |今天|明天|现在|我?想|我?要|需要|准备|打算|有.{1,6}?(?:要|想))*"
    r"(?:寄(?!多少|要多少|几|不|得|费|吗)|发(?!现|票|生|多少)|邮|快递(?:到|一|个)|出发|起运|下单)"
)
JOINS = re.compile(
    r"\s*(?:这边|那边|市区)?\s*(?:当天|当日|今天|明天|后天|隔天|隔日|次日|[几两三]天|一般|大概|多久|要多久|什么时候)?(?:能不能|能否|可以|能|会)?(?:寄|发|邮|快递|送|运)?(?:到|往|至|去|给|寄|发|->|-->|→|—+|-|~|～|=>|>)\s*(?:了)?\s*$"
    r"|\s*(?:寄|发|邮)\s*$|\s*(?:寄|发|邮|运|送).{1,8}(?:到|往|至|去|给)\s*$"
)
REACHED = re.compile(
    r"(?:那边|[那这]里|地区|这边|市区|这地方|这个地方|乡下|也|你们|,|，| )*"
    r"(?:给送|送不|能送|可以送|给不给送|派送|送[吗么]|送货[吗上]|能到|到[吗么]|到不|能寄|可以寄|能不能|寄[得不]|送[得不]"
    r"|送达|能发|可以发|收[吗么]|包邮|能收|可以到|能派|派不)"
)
SERVED = re.compile(
    r"(?:[那这]边|地区|市区|,|，| )*(?:有(?!点)|能上门|上门|可以取|能取|能揽|开通|覆盖|在.{0,4}范围|附近)"
)
RECEIVES = re.compile(r"[, ，]?(?!再|请)[^,，。!?！？；\n\d]{0,5}收(?:$|[,，。 \n])")

STUCK = re.compile(
    r"(?:跑|窜|卡|停|停留|滞留|压|困|堵|积压|丢|耽搁|搁|躺|扣|搁置|卡死|停滞|滞|显示|定位|位置|遗失)(?:在|到)?(?:了)?$"
    r"|(?:到达|抵达|离开|途经|途径|经过|走到|转到|中转到|转运到|已到|已经到|已达|刚到|刚刚到|才到|到了|错发到|误发到)了?$"
    r"|(?:已|已经)从$"
)
TO_BE_MOVED = re.compile(r"(?:寄到了|我.{0,3}?到了|(?:把|将|帮|请|麻烦|给我|能不能|可以)[^,。]{0,14}转到)$")
STAYS_AT = re.compile(r"(?:在|到|放|留)$")
SPEAKER = re.compile(r"(?:我|人|家|公司|住|咱|们|目前|现在人)(?:现在|都|就|还|也)?(?:在|到)$")
DEPOT = re.compile(r"[一-龥]{0,6}?(?:转运|中转|分拨|集散|集包|处理中心|分拣|操作中心)")
BRANCH = re.compile(
    r"(?:[一-龥]{0,4}?)(?:网点|营业部|营业点|服务点|分公司|快递员|业务员|派件员|小哥|师傅|客服|快递点|站点)"
)
BRANCH_ASKED = re.compile(
    r"(?:的)?(?:[一-龥]{0,4}?)(?:网点|营业部|营业点|服务点|分公司|快递点|站点)(?:的)?"
    r"(?:电话|在哪|地址|位置|几点|在什么|怎么|哪|有|多|号码|营业|联系|[吗么?？])"
)
HAS = re.compile(r"有|没|哪|能|可以|离|不")
STILL = re.compile(
    r"(?:市|省|那边|那里|这边)?[^,，。?？]{0,3}?"
    r"(?:(?<!几)(?<!多)了(?!吗?$)|不动|没动|不走|没走|没更新|不更新|没有更新|停|卡|好几天|好久|一直|就没|就不|动都"
    r"|[\d一二两三四五六七八九十几好多]+(?:天|日|个?小时|个?礼拜|周|个?星期|个?月)(?:了|都|没|不|还)"
    r"|还没|怎么还|被?签收|被取|丢|弄丢|派件|派送中|清关|等待)"
)
ARRIVED = re.compile(r"(?:市|省)?(?:了|没(?:$|[有?？,，。啊呢])|了没|没有)")
HEADING = re.compile(
    r"(?P<to>收件|收货|收方|目的地|(?<![寄发取])收(?=[:：]))"
    r"|(?P<from>寄件|发件|发货|取件(?=人|地址|信息|联系)|寄方|(?<![一-龥])寄(?=[:：]))"
)
PICKUP_CHANGED = re.compile(r"(?:取件|上门|寄件|发货|取货)[^,，。]{0,4}(?:改|换|变更)[^。]{0,6}$")
NOT_THIS = re.compile(
    r"(?:(?<![能是可])不是|别|(?<!要)不要|不再|不用)(?:寄|发|送|派)?(?:到|去|往|在|给)?$"
    r"|(?:原来|原先|原本|本来|之前|原地址|旧地址)(?:的|那个)?(?:(?:收货|收件|寄件)?地址)?(?:写|填|是|寄|发|留)?(?:的|了)?(?:是|到|在|:)?$"
)
REPLACED = re.compile(r"(?:改|换|变更?|更改|修改)(?:成|为|到|至|寄|送)|转到|转至|转往|运往|流转|离开")


ANOTHERS_REACH = 30
IS_THERE = re.compile(r"在|住|搬|那[边里]|地址|位于")
COLLECTED_THERE = re.compile(r"(?:家|单位|公司)?(?:那[边里])?[^,。]{0,2}[取拿收]")
SPEAKER_SINCE = re.compile(r"我|咱|俺|本人|[去到上].{0,6}[取拿收]")
GOES_BACK = re.compile(r"退(?:回|还|货|给)|寄(?:回|还)|换货")


def is_elsewhere(before: str, after: str) -> bool:
    """Whether the words around a place tell where a parcel is now, or whose branch it is."""
    if STUCK.search(before) and not TO_BE_MOVED.search(before):
        return True
    if DEPOT.match(after) or NOT_THIS.search(before) or (FROM.search(before) and REPLACED.match(after)):
        return True
    branch = BRANCH.match(after)
    if branch and not HAS.search(branch[0]) and not BRANCH_ASKED.match(after):
        return True
    if not STAYS_AT.search(before) or SPEAKER.search(before):
        return False
    if SENDS.match(after) or COLLECT.match(after):
        return False
    if STILL.match(after):
        return not re.search(r"(?:寄|改|送|发|邮)(?:到|在)$", before)
    return bool(ARRIVED.match(after)) and not re.search(r"(?:寄|改|邮)到$", before)


def role_of(before: str, after: str) -> str:
    """`origin`, `destination` or "" from the words around one place."""
    after = after[:SEEN]
    if COLLECT_LABEL.search(before) or FROM.search(before):
        return "origin"
    if SENT_TO_FIRMLY.search(before):
        return "origin" if PICKUP_CHANGED.search(before) else "destination"
    if AT.search(before) and COLLECT.match(after):
        return "origin"
    if AT_ONLY.search(before):
        return "origin" if SENDS.match(after) else ""
    if SENT_TO.search(before):
        return "origin" if PICKUP_CHANGED.search(before) else "destination"
    if GOING.search(before):
        return "destination"
    if RECEIVES.match(after) or REACHED.match(after) or SERVED_BEFORE.search(before):
        return "destination"
    if SERVED.match(after):
        return ""
    if COLLECT.match(after) or SENDS.match(after):
        return "origin"
    return ""


def role_by_wish(wish: str, before: str, after: str) -> str:
    """The role of a place that the words beside it leave open, by what the message wants done.

    A booking names its own door, unless somebody else is there or the parcel goes back there; a booking that
    changes means that door too; a parcel on its way is sent to the place.
    """
    if wish == "delivery_change":
        return "destination"
    if wish == "pickup_change":
        return "origin"
    if wish != "pickup_booking" or BRANCH_ASKED.match(after):
        return ""
    return "destination" if _is_anothers(before) or GOES_BACK.search(before) else "origin"


def _is_anothers(before: str) -> bool:
    """Whether the last one said to be somewhere is not the speaker (我儿子在东莞)."""
    people = list(words().persons.finditer(before[-ANOTHERS_REACH:]))
    if not people:
        return False
    since = before[-ANOTHERS_REACH:][people[-1].end() :]
    if COLLECTED_THERE.match(since):
        return False
    return bool(IS_THERE.search(since)) and not SPEAKER_SINCE.search(since)


def joins(between: str) -> bool:
    """Whether the words between two places read as from the one to the other."""
    return JOINS.fullmatch(between) is not None


def headings(text: str) -> list[tuple[int, str]]:
    """Where the headings (收件人, 寄件地址 …) of a message stand, and the role of what follows each."""
    return [(match.start(), "destination" if match["to"] else "origin") for match in HEADING.finditer(text)]


def is_speakers(before: str) -> bool:
    """Whether a place is said to be where the speaker is (我在杭州)."""
    return AT_ONLY.search(before) is not None

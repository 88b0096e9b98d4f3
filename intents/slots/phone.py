"""Telephone numbers and whose they are (labels `phone`, `receiver_phone`)."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from intents.slots.spans import Found

MOBILE = r"1[3-9]\d(?:\d{8}|[- ]\d{4}[- ]?\d{4}|\d{4}[- ]\d{4}|\d[- ]\d{3}[- ]?\d{4}|\d\d[- ]\d{3}[- ]?\d{3})"
LANDLINE = r"\(?0(?:10|2\d|[3-9]\d\d)\)?[- ]?[2-9]\d{2,3}[- ]?\d{4}(?=(?:转|-|ext\.?)\d|\D|$)"
PHONE_LIKE = re.compile(
    r"(?:(?<![0-9A-Za-z])|(?<=[Tt][Ee][Ll])|(?<=[Pp]hone))"
    rf"(?:(?:\+|00)?86[- ]?)?(?:(?P<mobile>{MOBILE})(?!\d)|(?P<landline>{LANDLINE})(?:(?:转|-|ext\.?)\d{{1,5}})?)"
)
AREA = re.compile(r"0(?:10|2\d|[3-9]\d\d)")
NOT_DIGIT = re.compile(r"\D")

STAFF = (
    r"快递员|派件员|派送员|揽件员|揽收员|取件员|收件员|配送员|业务员|投递员|骑手|快递小哥|小哥|司机|客服|网点|驿站|站长|代理点|代收点"
    r"|门店|营业部|派件的|送快递的|送货的|送件的"
)
STAFFS = re.compile(
    rf"(?:{STAFF})(?:(?!打|拨|联|找|我|通知|叫)[一-龥]){{0,4}}(?:的)?"
    r"(?:电话|手机号?|号码|联系方式)?(?:号码?)?(?:打不通|没人接|不接|关机|停机|是|为|叫|姓|:| |\()*$"
)
IS_STAFFS = re.compile(rf" ?(?:这?是|就是)?(?:那个|你们)?(?:{STAFF})的?")
RECEIVER = r"(?<![来去能签认门谁])收(?:件|货)(?![了吗不没员时后前当]|的?(?:小哥|快递员))人?|收方|(?<=[【\[(])收(?=[】\])])|(?<![一-龥])收(?=:)|(?i:receiver|recipient|consignee)"
SENDER = (
    r"我就?是收[件货]人|(?:寄|发)件人?|发货人?|[寄发]方|(?<=[【\[(])寄(?=[】\])])|(?<![一-龥])寄(?=:)|取[件货](?=人|地|联|电)人?|(?:预约|投诉|申请|索赔)人"
    r"|我(?:的|叫|姓|是|这边|自己|本人|电话|手机|号码|号)|我[: ]?(?=1[3-9]\d|0\d\d)|本人|[打找]我|联系我|我联系|我来|收款人?|支付宝"
)
HEADED = 200
"""How far a heading reaches, in characters."""
RECEIVER_HEADING = re.compile(RECEIVER)
PARTY = re.compile(rf"(?P<receiver>{RECEIVER})|(?P<sender>{SENDER})")
RECEIVER_FOLLOWS = re.compile(r" ?(?:这?是|为|\()收[件货]人?的?(?:电话|手机|号码|联系)")
TO_SOMEBODY = re.compile(r"给[一-龥]{1,4}[ ,:]?$")
"""Before a number that is not the speaker's, where another one is (给张三13900139000,我是李四13800138333)."""
OLD = re.compile(
    r"(?:从|由|原(?:来|先|号码|电话|手机号?)?(?:的|是)?|旧(?:的|号码?|电话)?|不是|别打|不要打)(?:电话|手机|号码?|:| |是)*$"
)
REPLACED = re.compile(
    r" ?(?:要?改(?:成|为|到|:)|换(?:成|为|到)|变更为|更改为|更换为|停机|停用|已停|不用了|打不通|作废|写错|填错|错了)"
)


def find_phones(text: str) -> list[Found]:
    """Valid numbers in order; the role is `phone`, `receiver_phone`, or "" for one that is nobody's contact.

    Couriers', agents' and branches' numbers, and one that is being replaced by another, have no role.
    """
    found = []
    for match in PHONE_LIKE.finditer(text):
        number = _written(match)
        if number and _valid(number):
            found.append(Found(match.start(), match.end(), number, _role(text, match.start(), match.end())))
    own = [each for each in found if each.role == "phone" and not TO_SOMEBODY.search(text, 0, each.start)]
    if not own:
        return found
    return [replace(each, role="") if each.role == "phone" and each not in own else each for each in found]


def is_receivers(text: str, at: int) -> bool:
    """Whether what stands at a position is the receiver's by the last heading before it."""
    begin = max(0, at - HEADED)
    # Most messages have no such heading; to look for both takes ten times as long.
    if not RECEIVER_HEADING.search(text, begin, at):
        return False
    last = ""
    for match in PARTY.finditer(text, begin, at):
        last = match.lastgroup or ""
    return last == "receiver"


def is_staffs(before: str) -> bool:
    """Whether what follows these words is a courier's, an agent's or a branch's."""
    return STAFFS.search(before) is not None


def _written(match: re.Match[str]) -> str:
    """`13800138000` or `0571-88886666`."""
    if match["mobile"]:
        return NOT_DIGIT.sub("", match["mobile"])
    digits = NOT_DIGIT.sub("", match["landline"])
    area = AREA.match(digits)
    return f"{area[0]}-{digits[area.end() :]}" if area else ""


@lru_cache(maxsize=1024)
def _valid(number: str) -> bool:
    # Imported here: the tables take a tenth of a second that only the first number should cost.
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, "CN"))
    except phonenumbers.NumberParseException:
        return False


def _role(text: str, start: int, end: int) -> str:
    before, after = text[max(0, start - 16) : start], text[end : end + 12]
    if is_staffs(before) or IS_STAFFS.match(after):
        return ""
    if OLD.search(before) or REPLACED.match(after):
        return ""
    if RECEIVER_FOLLOWS.match(after) or is_receivers(text, start):
        return "receiver_phone"
    return "phone"

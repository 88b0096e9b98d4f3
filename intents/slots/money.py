"""Money and what it is for (labels `insured_value`, `fee`, `amount`), in yuan."""

from __future__ import annotations

import re
from decimal import Decimal

from intents.slots.numbers import ARABIC, HAN, NUMBER, number
from intents.slots.spans import Found

UNIT = r"(?:元整?|块(?![砖石玉布表肉板屏木铁铜煤饼糕皂巧豆瓷])钱?(?!儿)|圆|蚊|大洋|rmb|RMB|yuan|人民币|CNY)"
BIG = rf"(?:(?:{ARABIC})|(?:{HAN}))"
NOT_MONEY = r"(?![\d.]|[倍天次件个箱盒包票袋公斤克吨米方%折成年月日周岁点时分号位人家单条本双张层楼栋室页台套只瓶]|小时|[kK][gG]|[cCmM][mM]|千克|两[箱件]|[xX*×])"
MONEY = (
    rf"(?:(?:¥|￥|rmb|RMB|人民币)\s?(?P<sign>{ARABIC})(?:\s?{UNIT})?"
    rf"|(?P<yuan>{NUMBER})\s?{UNIT}(?P<tail>(?!一(?:[分毛](?:钱)?(?:不|都|也|别)|[并起直共次样]))[一二两三四五六七八九半\d](?![\d公斤个件天箱kK点月])(?:毛|角)?(?:[一二三四五六七八九\d]分)?)?"
    rf"|(?P<jiao>[一二两三四五六七八九\d])(?:毛(?![巾衣线笔毛坯])|[毛角]钱)"
    rf"|(?P<bare>{BIG}[多来余]?){NOT_MONEY})"
)
AMOUNT = re.compile(MONEY)
LINK = r"(?:[了个是为到至按成写填报的大概约有给我们改保也加提:： ]|金额|价值|就|才|要|共|总共|大约|差不多|至少|起码|不少于|一共|最少|一半|出|花)*"

INSURED_BEFORE = re.compile(
    rf"(?<![不没未])(?:(?:保价|保额|投保|保险|保了价|声明价值|申明价值)(?:金?额|价值)?{LINK}|(?<![担确环])保[了个到按提]*|(?i:insured?(?: it)?(?: for| at)? ?))$"
)
INSURED_AFTER = re.compile(r" ?的?(?:保价(?! ?费| ?[:：\d])|保额|投保|的保险|保(?=[,。;!吧 ]|$))")
INSURANCE_FEE = re.compile(r"(?:保价费|保费|保险费|代收货款|代收款|货到付款)[^,。;]{0,4}$")
FEE_BEFORE = re.compile(
    rf"(?:运费|邮费|快递费|寄费|快递费用|物流费|邮资|服务费用|到付费?)(?:是|我们?|你们|他们|当时|已经|一共|总共|都|就|还|也|光)*(?:付|花|收|交|给|掏|出)?(?:了|过)?(?:我|你们)?{LINK}$"
)
FREIGHT = re.compile(r"运费|邮费|快递费|邮资|寄费")
PAID = re.compile(r"(?:(?:^|[,。我 ])已?(?:付|交)了(?:你们)?|收(?:了|走)?我的?那?)$")
SPENT = re.compile(r"(?:花|付|交|掏|出)了?$")
FEE_AFTER = re.compile(r"\s?的?(?:运费|邮费|快递费|寄费|物流费|邮资)(?!退)")
DEMANDED_FEE = re.compile(r"(?:退|赔|还)(?:给|还)?[^,。; ]{0,4}(?:运费|邮费|快递费)[^,。;]{0,2}$")
OFFERED = re.compile(
    r"(?:只|才|最多|就|说|仅|顶多|是|还是|凭什么)(?:给|肯|能|愿意|想|会|让)?(?:赔|退)(?:我|给我|付|偿)?[^,。;]{0,3}$|拿$|糊弄"
)
DEMANDED_BEFORE = re.compile(
    r"(?:赔(?!率)|索赔|理赔|退|还(?!是)|补|要求|讨|偿还|返还|返|报销|(?<=我)(?:只|就|才|最少|至少|起码)?要(?!几|交|付|收|加|多少)|出|按(?:发票|原价|价)?)(?:偿|付|款|给|回|还|差价|金额|钱|运费|邮费|快递费|"
    rf"损失|补偿|我们?|他|她|人家|个|全部|全额|至少|不少于|起码|一共|总共|多收的?|:|：){{0,4}}{LINK}$"
)
DEMANDED_AFTER = re.compile(
    r"\s?(?:的)?(?:(?:运费|差价|货款|损失)?(?:给我|我)?(?:退|赔|还|补)(?:给|回|我|来|一下|钱|了吧|不赔|吧|[,。!?]|$)|给我|必须赔|照价赔|我要|谁出|谁赔|谁来赔)"
)
OVERCHARGED = re.compile(r"(?:多|乱|重复|额外|另外|又)(?:收|扣|算|要|交|付)(?:了|我|费|钱|的|是|:| ){0,4}$")
WORTH_BEFORE = re.compile(
    rf"(?:值|价值|货值|价格|原价|售价|买价|进价|成本|损失|货款|发票|市价|单价|总价|买的?时候?|买的|买了|花了|花|金额|卖|报价|标价|写着|估了?|(?:修|维修|修理|换)(?:一下|一次|好|个)?费?(?:得|需)?要|(?<![多少收给个付])钱){LINK}$"
)
PRICE_TALK = re.compile(
    r"多少|几[块元]|贵|便宜|首重|续重|起步|每(?:公斤|斤|件|票|单)|一公斤|优惠|打折|券|红包|工资|月薪|加盟|罚|保价费|保费|手续费|超[重长]|派送费|上楼费|加(?:十|五|二|\d)|寄(?![丢坏没的了])|页面"
)
PER = re.compile(r"(?:每|一)(?!共)[一-龥]{1,2}(?:成本|单价|价)?$|加$|满$")
EACH_ONE = re.compile(r"(?<!第)一[套双台个件只部副幅瓶条把]$")
"""Before the price of the one article that a claim is about (玻璃杯一套180)."""
REFUNDED = re.compile(r"(?:运费|邮费|快递费)[^,。;]{0,5}退|退[^,。;]{0,3}(?:运费|邮费|快递费)")
TOTAL = re.compile(r"(?:共|总共|一共|共计|合计|总计|凑个整|拿来)[是: ]?$")
CLAIM_TALK = re.compile(
    r"赔|退[款钱费我给还运差]|索赔|报销|损失|补[偿差钱我款给]|承担|掏|你们出|[丢碎坏烂破裂断漏毁瘪](?:了|光|得|的)|[摔砸压撞挤](?:得|烂|碎|坏)|弄[断坏丢没]|没了"
)
SUM_ENDS = re.compile(r"的?(?:[,。!?;、\s]|$|[呢啊呀吧吗]|货|东西|你们|谁|赔|补|退)|的[一-龥]")
ALONE = re.compile(
    rf"(?:大概|大约|约|就|差不多|也就)?(?P<n>{HAN}[百千万](?:{HAN})?|\d+(?:\.\d+)?[千万wWkK]\d?)(?:左右|吧|多|的样子)?[。.!]?"
)
LARGE = re.compile(r".*[百千万]|\d{3,}|.{2,}[.]")
DIGIT = re.compile(r"[\d一二两三四五六七八九]")
"""In a sum; 千万 and 万万 alone are but words (千万要赔我)."""
COUNTS = re.compile(r"[遍趟通回封]|公里|个?小时")
RANKS = {"demand": 0, "total": 1, "overcharge": 2, "worth": 3, "asked": 4, "bare": 5, "unit": 6}


def find_money(text: str) -> list[Found]:
    """Sums with the slot each is for; "" for one that is none of ours (a price asked about, a premium).

    Of several sums that could be the amount, what is demanded comes before what it was worth.
    """
    found: list[Found] = []
    ranked: list[tuple[int, int]] = []
    alone = ALONE.fullmatch(text)
    if alone:
        value = number(alone["n"])
        return [Found(alone.start("n"), alone.end("n"), value, "amount")] if value is not None else []
    claimed = CLAIM_TALK.search(text) is not None
    for match in AMOUNT.finditer(text):
        value = _value(match)
        if value is None:
            continue
        role = _role(text, match, claimed)
        if role in RANKS:
            ranked.append((RANKS[role], len(found)))
            role = "amount"
        elif not role and match["bare"] and not (claimed and _may_be_a_sum(text, match)):
            continue
        found.append(Found(match.start(), match.end(), value, role))
    best = min(ranked)[1] if ranked else -1
    return [
        Found(each.start, each.end, each.value, "") if each.role == "amount" and index != best else each
        for index, each in enumerate(found)
    ]


def _may_be_a_sum(text: str, match: re.Match[str]) -> bool:
    """Whether a bare number that no word claims may be money where money is asked back: a large one."""
    large = LARGE.match(match["bare"]) and DIGIT.search(match["bare"])
    return bool(large and not COUNTS.match(text, match.end()))


def _value(match: re.Match[str]) -> Decimal | None:
    if match["jiao"]:
        tenths = number(match["jiao"])
        return tenths / 10 if tenths is not None else None
    value = number(match["sign"] or match["yuan"] or match["bare"])
    if value is None or not match["tail"]:
        return value
    digits = [number(sign) for sign in match["tail"] if sign not in "毛角分"]
    if match["tail"] == "半":
        return value + Decimal("0.5")
    for place, digit in enumerate(digits, start=1):
        value += (digit or Decimal(0)) / 10**place
    return value


def _role(text: str, match: re.Match[str], claimed: bool) -> str:
    """`insured_value`, `fee`, a rank of `amount`, or "" where a sum is nobody's.

    `claimed` says whether the message speaks of a loss or of money back.
    """
    clause = max(text.rfind(mark, 0, match.start()) for mark in ",。;!?\n") + 1
    before = text[max(clause, match.start() - 14) : match.start()]
    after = text[match.end() : match.end() + 10]
    bare = match["bare"] or ""
    no_sum = (
        (len(bare) == 1 and not bare.isascii())
        or (bare.startswith("0") and "." not in bare)
        or match[0] == "一块"
    )
    if no_sum or INSURANCE_FEE.search(before):
        return ""
    if (
        INSURED_BEFORE.search(before + match[0][:1])
        or INSURED_BEFORE.search(before)
        or INSURED_AFTER.match(after)
    ):
        return "insured_value"
    return _amount_role(text, clause, before, after, bare, claimed)


def _amount_role(text: str, clause: int, before: str, after: str, bare: str, claimed: bool) -> str:
    """`clause` is where the clause of the sum begins."""
    if DEMANDED_FEE.search(before):
        return "demand"
    if OVERCHARGED.search(before):
        return "overcharge"
    if (
        FEE_BEFORE.search(before)
        or (PAID.search(before) and (not bare or FREIGHT.search(text)))
        or ((not bare or SPENT.search(before)) and FEE_AFTER.match(after))
        or (not bare and (not before or TOTAL.fullmatch(before)) and REFUNDED.search(text, 0, clause))
    ):
        return "fee"
    if OFFERED.search(before):
        return ""
    if PER.search(before):
        return "unit" if EACH_ONE.search(before) and claimed else ""
    if DEMANDED_BEFORE.search(before) or DEMANDED_AFTER.match(after):
        return "asked" if after.startswith("?") else "demand"
    if TOTAL.search(before):
        return "total"
    if WORTH_BEFORE.search(before):
        return "worth"
    if bare:
        sum_said = LARGE.match(bare) and SUM_ENDS.match(after) and claimed
        return "bare" if sum_said else ""
    return "" if PRICE_TALK.search(text) and not claimed else "bare"

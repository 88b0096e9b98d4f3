"""Waybill numbers (label `waybills`): 10 to 20 letters and digits with at least 8 digits."""

from __future__ import annotations

import re

from intents.slots.spans import Found

SPELLED = re.compile(r"[零〇幺一二两三四五六七八九](?:[ -]?[零〇幺一二两三四五六七八九]){9,19}")
SPELLED_PART = re.compile(
    r"[零〇幺一二三四五六七八九]{2,9}(?=[ -]?\d{5})|(?<=\d{3})[零〇幺一二三四五六七八九]{3,16}"
)
"""Beside digits: 三零零123456789, 300一二三四五六七八九. One numeral there is a count (300123456789一箱)."""
SPELLED_DIGITS = str.maketrans("零〇幺一二两三四五六七八九", "0011223456789")

CASE = r"(?:[A-Za-z]{2}20\d{6}-\d{5}|(?i:pu|iq|cp|cl|dc)20\d{11})(?![0-9A-Za-z])"
CARRIER = r"(?:(?i:ane|sf|jd|jdv|jt|yt|zto|sto|yto|yd|ems|db|dpk|ky|zjs|zt|st|yz)|[A-Z]{2,4}|[A-Za-z]\d|[A-Za-z]{2})[ -]?"
GROUPED = r"\d{2}[ -]\d{4}(?:[ -]\d{2,4}){1,3}|\d{3,5}(?:[ -]\d{3,5}){2,4}(?:[ -]\d{1,2}(?=[,。;\s]|$))?|(?!20[0-3]\d[01]\d)\d{6,8}[ -]\d{4,6}"
WHOLE = r"[0-9A-Za-z]+(?:-[0-9A-Za-z]+)*"
CANDIDATE = re.compile(
    rf"(?<![0-9A-Za-z-])(?:(?P<case>{CASE})|(?:{CARRIER})?(?:{GROUPED})(?![0-9A-Za-z-])|{CARRIER}\d{{8,18}}(?![0-9A-Za-z-])|{WHOLE})"
)
NO_CARRIER = re.compile(
    r"(?i:no|id|qq|tel|vip|sn|wx|app|ok|hi|my|to|is|at|of|in|on|it|me|we|us|am|pm|by|or|an|as|if|so|go|do|rm)[ -]"
)
DIGITS = re.compile(r"\d")
JOINERS = re.compile(r"[ -]")
IDENTITY_CARD = re.compile(r"[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]")
SERVICE_LINE = re.compile(r"[48]00-?\d{3}-?\d{4}")
OTHER_KIND = (
    r"电话|手机|订单|身份证|银行卡|储蓄卡|信用卡|卡号|账号|账户|帐号|帐户|工单|投诉单|受理|案件|案号|理赔单|发票|税号|取件码|验证码|流水号|支付宝|微信|QQ|qq"
    r"|[建工农中招交]行|交易号|会员号|合同号|车票|票号"
)
CALLED_OTHERWISE = re.compile(rf"(?:{OTHER_KIND})(?:号码?|编号|单号|账号|卡)?(?:是|为|叫|在|有|:|#|\(| )*$")
IS_OTHERWISE = re.compile(rf" ?\)?(?:这?是|为|就是)(?:我的?|那个|你们的?)?(?:[一-龥]{{0,3}})(?:{OTHER_KIND})")


def spelled_out(text: str) -> str:
    """The text with long runs of spoken digits (三零零一…) as digits; same length."""
    for pattern in (SPELLED, SPELLED_PART):
        text = pattern.sub(lambda run: run[0].translate(SPELLED_DIGITS), text)
    return text


def find_waybills(text: str) -> tuple[list[Found], list[Found]]:
    """The waybills in order, and the other long numbers (cases, orders, cards), which mean nothing here.

    Telephone numbers must be hidden before.
    """
    waybills: list[Found] = []
    others: list[Found] = []
    for match in CANDIDATE.finditer(text):
        written = match[0]
        number = JOINERS.sub("", written).upper()
        if len(number) < 10 or len(DIGITS.findall(number)) < 8:
            continue
        found = Found(match.start(), match.end(), number)
        (waybills if _is_waybill(text, match, number) else others).append(found)
    return waybills, others


def _is_waybill(text: str, match: re.Match[str], number: str) -> bool:
    if match["case"] or len(number) > 20 or NO_CARRIER.match(match[0]):
        return False
    if IDENTITY_CARD.fullmatch(number) or SERVICE_LINE.fullmatch(match[0]):
        return False
    before, after = text[max(0, match.start() - 12) : match.start()], text[match.end() : match.end() + 12]
    return not (CALLED_OTHERWISE.search(before) or IS_OTHERWISE.match(after))

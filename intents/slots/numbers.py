"""Numbers as customers write them: 3.5, 1.2万, 3千5, 一百二, 十几, 二十来, 半, 俩."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

HAN_DIGITS = "零一二三四五六七八九"
SPOKEN = str.maketrans("〇幺两俩仨壹贰叁肆伍陆柒捌玖拾佰仟wWkK", "零一二二三一二三四五六七八九十百千万万千千")
VALUES = {digit: value for value, digit in enumerate(HAN_DIGITS)}
UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}

DIGIT = r"[零〇一二两俩仨三四五六七八九幺壹贰叁肆伍陆柒捌玖]"
ARABIC = (
    r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
    rf"(?:[百千万kKwW](?![gGmM])(?:(?:{DIGIT}|\d)[百千]?){{0,6}})?"
)
HAN = rf"(?:{DIGIT}|[十百千万廿卅拾佰仟]){{1,16}}(?:[几](?=[^十百千万年月日天个点号]))?(?:点{DIGIT}{{1,8}})?"
NUMBER = rf"(?:{ARABIC}|{HAN}|半)[多来余]?把?"
"""A number with what makes it vague behind it (多, 来, 几); `number` reads it. Its length is bounded, so that a
message of nothing but numerals takes no longer than another."""
NUMERAL = r"[零〇幺一二两俩仨三四五六七八九十百千万]"
BEGINS = rf"(?:(?<!\d)(?=\d)|(?<!{NUMERAL})(?=\D))"
"""Where a number may begin: not inside another one, so that a row of numerals is read once."""

ARABIC_PARTS = re.compile(r"(\d+(?:\.\d+)?)([百千万])?(.*)")
VAGUE = "多来余把几"
LONGEST = 24
"""More characters than this are nobody's number."""


@lru_cache(maxsize=4096)
def number(text: str) -> Decimal | None:
    """The value of what NUMBER matched, a vague one as the number said; None where it is no number.

    Of two neighbouring digits (七八公斤) it is the greater.
    """
    if len(text) > LONGEST:
        return None
    text = text.replace(",", "").translate(SPOKEN).replace("廿", "二十").replace("卅", "三十").rstrip(VAGUE)
    if text == "半":
        return Decimal("0.5")
    if not text:
        return None
    if text[0].isascii():
        return _arabic(text)
    whole, _, fraction = text.partition("点")
    value = _han(whole)
    if value is None or not fraction:
        return value
    return value + Decimal("0." + "".join(str(VALUES[digit]) for digit in fraction))


def _arabic(text: str) -> Decimal | None:
    parts = ARABIC_PARTS.fullmatch(text)
    if not parts:
        return None
    value = Decimal(parts[1])
    unit = UNITS.get(parts[2] or "", 1)
    rest = parts[3]
    if not rest:
        return value * unit
    if len(rest) == 1:  # 3千5
        return value * unit + (Decimal(rest) if rest.isdigit() else VALUES[rest]) * Decimal(unit) / 10
    tail = number(rest)
    return None if tail is None else value * unit + tail


def _han(text: str) -> Decimal | None:
    """Chinese numerals without a fraction; 一百二 is 120, 一二三 digit by digit."""
    if not any(sign in UNITS for sign in text):
        return _digits(text)
    total = section = digit = 0
    last_unit, zero, had_digit = 1, False, False
    for sign in text:
        if sign in VALUES:
            zero, digit, had_digit = zero or sign == "零", VALUES[sign], True
            continue
        unit = UNITS[sign]
        if unit >= 10_000:
            total, section = (total + section + digit) * unit or unit, 0
        else:
            section += (digit if had_digit else 1) * unit
        last_unit, zero, digit, had_digit = unit, False, 0, False
    if had_digit and not zero and last_unit > 10:
        digit *= last_unit // 10
    return Decimal(total + section + digit)


def _digits(text: str) -> Decimal:
    values = [VALUES[sign] for sign in text]
    if len(values) == 2 and 0 < values[0] < values[1]:
        return Decimal(values[1])
    return Decimal("".join(map(str, values)))


def json_number(value: Decimal) -> int | float:
    """The plain JSON form: whole numbers without a fraction."""
    return int(value) if value == value.to_integral_value() else float(value)

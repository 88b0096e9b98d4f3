"""The days of a calendar as people name them: 大后天, 下周三, 25号, 月底前, 三天后."""

from __future__ import annotations

import re
from datetime import date, timedelta

from intents.slots.numbers import NUMBER, number

RELATIVE = {
    **dict.fromkeys(("大前天", "大前日"), -3),
    **dict.fromkeys(("前天", "前日"), -2),
    **dict.fromkeys(("昨天", "昨日", "昨儿个", "昨儿", "昨个", "昨", "寻日", "琴日"), -1),
    **dict.fromkeys(("今天", "今日", "今儿个", "今儿", "今个", "今朝", "今", "today"), 0),
    **dict.fromkeys(
        (
            "明天",
            "明日",
            "明儿个",
            "明儿",
            "明个",
            "明朝",
            "明添",
            "明",
            "听日",
            "听",
            "tomorrow",
            "tmr",
            "tmrw",
            "tmw",
        ),
        1,
    ),
    **dict.fromkeys(("后天", "后日", "后儿个", "后儿", "day after tomorrow", "the day after tomorrow"), 2),
    **dict.fromkeys(("大后天", "大后日"), 3),
}
WEEKDAYS = {
    name: index
    for index, names in enumerate(("一1", "二2", "三3", "四4", "五5", "六6", "日天7"))
    for name in names
}
WEEKDAYS |= {name: index for index, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
ENGLISH_WEEKS = {"last": "上", "this": "这", "next": "下"}
WEEKS = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}
MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {"上": -1, "这": 0, "本": 0, "下": 1}

MONTH_NAME = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)"
)
DAY_NUMBER = (
    r"(?:3[01]|[12]\d|0?[1-9]|[二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|[一二三四五六七八九])"
)
BRACKETED = r"(?:[(（](?:周|星期)[一二三四五六日天][)）])?"
"""The weekday that a date is given with, also in our own replies."""
DAY = re.compile(
    r"(?P<relative>大[前后][天日]|(?<![提大])前[天日]|昨[天日]|昨儿个?|昨个|昨(?=[早晚夜晨])|今[天日](?!后)|今儿个?|今个|今朝|今(?=[早晚夜晨])"
    r"|明[天日添朝]|明儿个?|明个|明(?=[早晚晨]|[上下]午|中午)|(?<![一二两三四五六七八九十几\d]天)(?<!大)后[天日]|后儿个?|听日|听(?=[朝晚])|寻日|琴日|(?i:(?<![a-z])(?:(?:the )?day after tomorrow|today|tomorrow|tmrw|tmr|tmw)(?![a-z])))"
    r"|(?i:(?<![a-z])(?:(?P<english_week>last|this|next) )?(?P<english>mon|tue|wed|thu|fri|sat|sun)"
    r"(?:day|s(?:day)?|r(?:s(?:day)?)?|nesday|urday)?(?![a-z]))"
    r"|(?P<pair>明后[两]?天|今明[两]?天|这两天(?=内))"
    r"|(?<![一二两三四五六七八九十几\d每半])(?:(?P<week>上上|上|这|本|下下|下)个?)?(?:周|星期|礼拜)"
    r"(?:(?P<weekend>六日|六和?周日|末)|(?P<weekday>[一二三四五六日天]|[1-7](?!\d)))(?![岁边围期])"
    r"|(?P<whole_week>下下|下|这|本)个?(?:周|星期|礼拜)(?![一二三四五六日天末\d])"
    rf"|(?:(?P<year>20\d\d)年)?(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?(?P<of_month>{DAY_NUMBER})(?:[日号]{BRACKETED}|(?![\d个]))"
    r"|(?<!\d)(?P<compact>20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?=[寄发送下取])"
    r"|(?<![\d.])(?P<iso>20\d\d[-/.](?:1[0-2]|0?[1-9])[-/.](?:3[01]|[12]\d|0?[1-9]))(?!\d)"
    r"|(?<![\d./-])(?P<slash>(?:1[0-2]|0?[1-9])[.](?:3[01]|[12]\d|0?[1-9])(?=[寄发号日上下早晚])|(?:1[0-2]|0?[1-9])/(?:3[01]|[12]\d|0?[1-9])|(?:1[0-2]|0[1-9])-(?:3[01]|[12]\d|0[1-9]))"
    r"(?![\d.*xX×/%-]|公?斤|[kK][gG]|天|[点个件箱块元号楼])"
    rf"|(?:(?P<which_month>上|这|本|下)个?月的?)?(?<![\d第工型编])(?P<dom>{DAY_NUMBER})(?:(?=[、到至~-]{DAY_NUMBER}号)| ?号)(?![楼线院库门店铺码幢栋单柜厅馆机桌仓])"
    rf"|(?i:(?<![a-z])(?P<month_name>{MONTH_NAME})\.? (?P<day_of_name>3[01]|[12]\d|[1-9])(?:st|nd|rd|th)?(?!\d))"
    rf"|(?i:(?<![\da-z])(?P<day_before_name>3[01]|[12]\d|[1-9])(?:st|nd|rd|th)? (?:of )?(?P<name_behind>{MONTH_NAME})(?![a-z]))"
    rf"|(?P<dated_month>上|这|本|下)个?月的?(?P<dated>{DAY_NUMBER})日"
    r"|(?P<end_named>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?(?:底|的?最后一[天日])"
    r"|(?:(?P<end_month>上|这|本|下)个?)?月(?:底(?!\d)|的?最后一[天日])"
    rf"|(?P<count>{NUMBER})(?P<unit>天|个?星期|个?礼拜|周|个月)(?:之|以)?(?P<direction>后|前(?!台)|内)"
)


def days_of(said: re.Match[str], today: date, past: bool) -> tuple[date, date] | None:
    """First day and the day after the last of what DAY matched; None where there is no such day."""
    one = timedelta(days=1)
    if said["relative"]:
        day = today + timedelta(days=RELATIVE[said["relative"].lower()])
        return day, day + one
    if said["pair"]:
        first = today + (one if said["pair"].startswith("明") else timedelta())
        return first, first + 2 * one
    monday = today - timedelta(days=today.weekday())
    if said["weekend"]:
        saturday = monday + timedelta(weeks=WEEKS.get(said["week"] or "", 0), days=5)
        return saturday, saturday + 2 * one
    if said["weekday"]:
        day = _weekday(WEEKDAYS[said["weekday"]], said["week"], today, past)
        return day, day + one
    if said["english"]:
        week = ENGLISH_WEEKS.get((said["english_week"] or "").lower())
        day = _weekday(WEEKDAYS[said["english"].lower()], week, today, past)
        return day, day + one
    if said["whole_week"]:
        first = monday + timedelta(weeks=WEEKS[said["whole_week"]])
        return first, first + timedelta(weeks=1)
    if said["count"]:
        return _counted(said, today)
    found = _calendar_day(said, today, past)
    return (found, found + one) if found else None


def _weekday(weekday: int, week: str | None, today: date, past: bool) -> date:
    monday = today - timedelta(days=today.weekday())
    if week:
        return monday + timedelta(weeks=WEEKS[week], days=weekday)
    ahead = (weekday - today.weekday()) % 7
    return today + timedelta(days=(ahead - 7) if past else ahead)


def _counted(said: re.Match[str], today: date) -> tuple[date, date] | None:
    """三天后, 一周前, 三天内."""
    count = number(said["count"])
    if count is None or count > 3000:
        return None
    days = int(count * {"天": 1, "周": 7, "期": 7, "拜": 7, "月": 30}[said["unit"][-1]])
    day = today + timedelta(days=-days if said["direction"] == "前" else days)
    return day, day + timedelta(days=1)


def _calendar_day(said: re.Match[str], today: date, past: bool) -> date | None:
    """A day of a month, this year's or month's where none is said, else the nearest in the direction asked."""
    try:
        if said["compact"]:
            return date.fromisoformat(said["compact"])
        if said["iso"]:
            year, month, day = map(int, re.split(r"\D", said["iso"]))
            return date(year, month, day)
        if said["slash"]:
            month, day = map(int, re.split(r"\D", said["slash"]))
            return _nearest_year(month, day, today, past)
        if said["month"]:
            month, day = int(number(said["month"]) or 0), int(number(said["of_month"]) or 0)
            return (
                date(int(said["year"]), month, day)
                if said["year"]
                else _nearest_year(month, day, today, past)
            )
        if said["dom"]:
            return _nearest_month(int(number(said["dom"]) or 0), said["which_month"], today, past)
        name = said["month_name"] or said["name_behind"]
        if name:
            day = int(said["day_of_name"] or said["day_before_name"])
            return _nearest_year(MONTH_NAMES.index(name[:3].lower()) + 1, day, today, past)
        if said["dated"]:
            return _month(today, MONTHS[said["dated_month"]], int(number(said["dated"]) or 0))
        if said["end_named"]:
            first = _nearest_year(int(number(said["end_named"]) or 0), 1, today.replace(day=1), past)
            return _month(first, 1, 1) - timedelta(days=1)
        return _month(today, MONTHS.get(said["end_month"] or "", 0) + 1, 1) - timedelta(days=1)
    except ValueError:  # 2月30号
        return None


def _nearest_year(month: int, day: int, today: date, past: bool) -> date:
    found = date(today.year, month, day)
    if past and found > today:
        return date(today.year - 1, month, day)
    return date(today.year + 1, month, day) if not past and found < today else found


def _nearest_month(day: int, which: str | None, today: date, past: bool) -> date:
    if which:
        return _month(today, MONTHS[which], day)
    for shift in (0, -1, -2) if past else (0, 1, 2):
        try:
            found = _month(today, shift, day)
        except ValueError:
            continue
        if found <= today if past else found >= today:
            return found
    return _month(today, 0, day)


def _month(today: date, shift: int, day: int) -> date:
    month = today.month - 1 + shift
    return date(today.year + month // 12, month % 12 + 1, day)

"""Which times of a message are when somebody shall come, and which when a parcel was sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

from intents.slots.clock import CHINA, Expression, Moment, find_expressions, resolve
from intents.slots.numbers import NUMBER, number
from intents.slots.spans import MARKS, PHONE, TIME, Found, Mention, hide

OLD = "old"
"""The hint of a time that no longer holds."""
ABOUT_TIME = 8
"""Characters before and after a time that tell what it is for."""
CLAUSE = re.compile(r"[,，。.!！?？;；\n]")

SENT_AFTER = re.compile(
    r"(?:的时候)?(?:[在搁喺][^,。;!?\n]{1,14}?)?[^,。;!?\n不没未别能]{0,6}?(?:(?:寄|计|发|邮)(?:的(?!话)|出的|出去的|出了|过来的|给|了(?!吗|没)|走的)|发货(?:的|了|到现在)|[交收]寄(?!吗|不|没)|揽收(?:的|了)|[取收拿]走(?:的|了)|交给|给了?(?:你们?|那个)?(?:的|家)?(?:小哥|快递员|师傅|网点)[的了])"
)
SENT_BARELY = re.compile(
    r"[^,。;!?\n没未]{0,8}?(?:[寄发]出|发货|揽收|[交收]寄|寄件|[取收]走|寄(?=[,。 ]|$))(?!吗|不|行|可)"
)
"""Of a day that is surely past only; of another it is a wish (今天寄出)."""
SENT_LOOSELY = re.compile(
    r"(?:就|我|在[^,。]{1,6})?(?:寄|发)(?:货|件|快递)?[^,。]{0,8}?[, ]?(?:到现在|到今天|还没|没到|至今|怎么还|都没)"
)
SENT_BEFORE = re.compile(
    r"(?:寄件|发货|寄出|发件|寄送|揽收|发出|寄)(?:时间|日期|日|于|在|:|是|为| )+$|(?i:\b(?<!be )(?:sent|shipped|posted|mailed|collected|picked up)\b(?: (?:it|them|a|the|my|out|off|parcel|package|box))* (?:on )?)$"
)
DATES = ("month", "iso", "dated", "month_name", "name_behind")
"""The groups of a day that is a date."""
LONG_AGO = re.compile(
    r"(?:寄|发|邮)(?:出去?|起?走|货|件|过来|快递)?[了咗]?(?:都|已经|已|有|快|差不多|整整|将近|足足|,)*"
    rf"(?P<count>{NUMBER})(?P<unit>天|日(?![本间用后前])|个?星期|个?礼拜|周|个?多?月)(?:多)?(?P<end>[了啦喇嘞哒]|,|$|。|还|都|没|仍)"
)
ARRIVED = re.compile(r"^[^,。]{0,2}(?:寄|发|送)到了?")

COLLECT = re.compile(
    r"取(?!消)|揽|上门|来[拿收人取接装拉运提]|收[哈个点下][件东]|过来|来(?=$|[,。吧吗不就])|派[人个车]|[拿拉收]走|拉货|提货|约(?!好了?[^,。]*没)|收件(?![人地])|收一下|下单(?![的了时])|寄个|寄件|要寄|想寄|寄[点些一两]"
    r"|能来|来个?[车人]|来趟|来一趟|安排|pick|collect"
)
CHANGES = re.compile(
    r"(?:应选|应该?[是为]|改|换|推迟|延后|延|提前|挪|调|顺延|变更)(?:[成到为至]|一下|个|天)?"
)
AT_HOME = re.compile(r"在家|有空|方便|有人|在公司|有时间|我在|都在|才在|才有|得闲|可以|都行|都成|哪天")
SHIPS = re.compile(r"^[^,。]{0,4}(?:要|想|准备|打算)?(?:寄|发(?!票|现|生)|邮)")
ELSEWHERE = re.compile(
    r"[能会可]以?[^,。]{0,3}到|(?:必须|要|得|就|前)到|到[吗不没了]|送[到达货来去给]|派[送件]|再送|更新|物流|签收|处理|答复|回[我复话电]|到账|打款|上班|下班[吗没不了]|营业|开门|关门|放假|出差"
    r"|没动|没到|没收|显示|预计|说好|承诺|短信|通知|还没|怎么|几天|天气|买的|赔|投诉|过期|以内到|之前到|前到|送完|收到|见面|见(?=$|[,。!])"
)
OLD_TIME = re.compile(
    r"(?:原来|原先|本来|原本|原定|不是|从|由|别|不要|不约|不用|短信|通知|显示|取消|撤销|撤掉|cancel掉?|退掉|选错|写错|填错|错)(?:说|写|选)?(?:我|是|的|在|成了?|于|约[的了]?|定[的了]?)*(?:,)?$"
)
"""Before a time that no longer holds, whatever else is said."""
BOOKED = re.compile(r"(?:约|定|订|之前|说好)(?:的是|的|了|在|成|好的?)*$")
"""Before a time that no longer holds where another one follows."""
GIVEN_UP = re.compile(
    r"取消|退掉|往后(?:推|挪|延)|推迟|延后|提前|挪|晚[一两几半\d]|早[一两几半\d]|没人|冇人|没来|冇嚟|没见|不见人|等到|白等|影子"
)
"""Behind a time that was agreed on: it is moved by so much, called off, or was not kept."""
REFUSED = re.compile(
    r"(?:的?约的|[^,。;!?\n]{0,3}?下的?单(?:的(?!话)|了|时)|下的单|约了|[^,。;!?\n]{0,5}?(?:来不了|不行|没空|不在(?!意)|不方便|不用|别来|取消|作废|(?:不要|算)了|不寄|不发|顺延|推迟|延后)"
    r"|[的]?(?:上门|那单|预约|时间|取件|揽收|提货|收件)*(?:要?改|换到?|挪|推迟|延|提前|调))"
)
FILLER = re.compile(
    r"(?:[\s,，。.;；:!~、/-]|[吧的了啦呢啊呀哈嘛哦喔噢咯哟嗯好行都也就还那是请或和]|或者|可以|方便|有空|在家|有人|随时|大概|大约|样子|左右|差不多|全天|整天|一整天|时间|取件|上门|上门取件|来取|来"
    rf"|下班[以之]?后|我|要不|要么|干脆|(?:[他她佢渠]们?|客户|老板|家里人?|对方|朋友)(?:说|话)(?:是|要)?|不对|不是|说错了|应该|改成|改到|改为|麻烦|谢谢|之间|时候|期间|[{MARKS}])*"
)
WITH_PHONE = re.compile(rf"[一-龥]{{1,4}}[ :]?{PHONE}|{PHONE}[ :]?[一-龥]{{1,4}}$")
"""A name beside its phone says nothing about the time that follows (王芳 13800138555 明天上午)."""
NOW = re.compile(r"(?:现在|马上|立刻|立即|即刻|这会儿?|而家|此刻)")
NOW_COLLECT = re.compile(
    r"(?:就|能|可以|有空|要|想|请|叫|让|派|安排|个?人|你们|的话|方便|快|给我|帮我|过|,|不能|能不能|在家|有没有)*(?:来(?!不及)|取|上门|收|拿|揽|派人|过来)"
)
NOW_COLLECT_ANYWHERE = re.compile(NOW.pattern + NOW_COLLECT.pattern)
ALL_DAY = re.compile(
    r"(?:今天)?(?:我)?(?:都)?(?:全天|一整天|整天|随时|什么时候|啥时候?|几点|任何时[间候])(?:我?都?(?:可以|能?行|在家?|方便|有人|ok|OK|有空|能来|成|好)|来都?(?:行|可以))*[的啊吧呀呢。!~]*"
)


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a time: its clause up to it, from it on, and the whole text."""

    before: str
    after: str
    text: str


def find_times(text: str, now: datetime) -> list[Mention]:
    """The times of a message, in order, with what each would be as `pickup_time` and as `ship_date`.

    At most one has the hint `pickup_time` ({"start", "end"}), one `ship_date`; OLD is one given up.
    """
    said = find_expressions(text)
    if not said and ALL_DAY.fullmatch(text):
        return [_all_day(text, now)]
    sent = _sent(text, said, now)
    open_ones = [each for each in said if sent is None or each.begin != sent.start]
    current = _current(text, open_ones)
    rows = _joined(current)
    wished = _wished(text, said, rows, now)
    begins = {each.begin for each in rows}
    found = [_mention(each, None, now, OLD) for each in open_ones if each not in current]
    found += [Mention("time", each.begin, each.stop, {}) for each in current if each.begin not in begins]
    for each, following in zip_longest(rows, rows[1:]):
        if each:
            found.append(_mention(each, following, now, "pickup_time" if each is wished else ""))
    found += [each for each in (sent, None if wished else _now(text, now)) if each]
    return sorted(found, key=lambda each: each.start)


def _mention(said: Expression, following: Expression | None, now: datetime, hint: str) -> Mention:
    values: dict[str, Any] = {}
    moment = resolve(said, now)
    if moment and moment.end >= now:
        values["pickup_time"] = _slot(_until(moment, said, following, now))
    past = resolve(said, now, past=True) if said.day else None
    if past and past.start.date() <= now.astimezone(CHINA).date():
        values["ship_date"] = past.start.date().isoformat()
    return Mention("time", said.begin, said.stop, values, hint)


def wished_time(text: str, now: datetime) -> dict[str, str] | None:
    """The first time to come that a text names, whatever it is for (a redelivery: 明天下午再送一次)."""
    said = [each for each in _current(text, find_expressions(text)) if not _is_sent(_context(text, each))]
    moments = [resolve(each, now) for each in _joined(said)]
    return next((_slot(each) for each in moments if each and each.end > now), None)


def time_for_pickup(text: str, now: datetime) -> dict[str, str] | None:
    """The first time to come in an order, by which nothing else is said to happen (周五前要送到)."""
    said = [
        each
        for each in _current(text, find_expressions(text))
        if not _is_sent(context := _context(text, each))
        and not ELSEWHERE.search(context.before[-ABOUT_TIME:] + "|" + context.after[:ABOUT_TIME])
    ]
    moments = [resolve(each, now) for each in _joined(said)]
    return next((_slot(each) for each in moments if each and each.end > now), None)


def _slot(moment: Moment) -> dict[str, str]:
    return {"start": moment.start.isoformat(), "end": moment.end.isoformat()}


def _context(text: str, said: Expression) -> Context:
    starts = [match.end() for match in CLAUSE.finditer(text, 0, said.begin)]
    end = CLAUSE.search(text, said.stop)
    begin = starts[-1] if starts else 0
    return Context(text[begin : said.begin], text[said.stop : end.start() if end else len(text)], text)


def _is_sent(context: Context) -> bool:
    if ARRIVED.match(context.after):
        return False
    return bool(
        SENT_AFTER.match(context.after)
        or SENT_LOOSELY.match(context.after)
        or SENT_BEFORE.search(context.before)
    )


def _sent(text: str, said: list[Expression], now: datetime) -> Mention | None:
    """When the parcel was sent, by the words beside a time."""
    today = now.astimezone(CHINA).date()
    for each in said:
        context = _context(text, each)
        sent = _is_sent(context)
        if each.day and (sent or (SENT_BARELY.match(context.after) and _is_past(each))):
            moment = resolve(each, now, past=True)
            if moment and moment.start.date() <= today - timedelta(days=0 if sent else 1):
                return _mention(each, None, now, "ship_date")
    ago = LONG_AGO.search(text)
    count = number(ago["count"]) if ago else None
    if ago is None or count is None or not 0 < count < 1000:
        return None
    days = int(count * {"天": 1, "日": 1, "周": 7, "期": 7, "拜": 7, "月": 30}[ago["unit"][-1]])
    day = (today - timedelta(days=days)).isoformat()
    return Mention("time", ago.start("count"), ago.end("unit"), {"ship_date": day}, "ship_date")


def _is_past(said: Expression) -> bool:
    """Whether a day looks back by its name, or is a date."""
    day = said.day
    if day is None:
        return False
    week = day["week"] or ""
    return day[0][0] in "昨前寻琴" or "前天" in day[0] or "上" in week or any(day[name] for name in DATES)


def _wished(text: str, said: list[Expression], rows: list[Expression], now: datetime) -> Expression | None:
    """The first time of `rows` at which somebody shall come; in a correction the last one."""
    hidden = hide(text, [Found(each.begin, each.stop, None) for each in said], TIME)
    wished = [each for each in rows if _is_wished(hidden, each)]
    if len(wished) > 1 and CHANGES.search(text[: wished[-1].begin]):
        wished = wished[-1:]
    for each in wished:
        moment = resolve(each, now)
        if moment and moment.end >= now:
            return each
    return None


def _all_day(text: str, now: datetime) -> Mention:
    day = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    value = _slot(Moment(day, day + timedelta(days=1), "span"))
    return Mention("time", 0, len(text), {"pickup_time": value}, "pickup_time")


def _current(text: str, said: list[Expression]) -> list[Expression]:
    """Without the times that are being replaced or called off (原来约的三点, 今天来不了)."""
    kept = []
    for index, each in enumerate(said):
        context = _context(text, each)
        if OLD_TIME.search(context.before) or REFUSED.match(context.after):
            continue
        if BOOKED.search(context.before) and (
            index < len(said) - 1 or NOW_COLLECT_ANYWHERE.search(text) or GIVEN_UP.search(text, each.stop)
        ):
            continue
        kept.append(each)
    return kept


def _joined(said: list[Expression]) -> list[Expression]:
    """A day, and later a clock without one, are one time: 明天来取,下午三点以后."""
    joined: list[Expression] = []
    for each in said:
        if joined and each.completes(joined[-1]):
            joined[-1] = each.joined_to(joined[-1])
        else:
            joined.append(each)
    return joined


def _until(moment: Moment, said: Expression, following: Expression | None, now: datetime) -> Moment:
    """三点之后,六点之前 is one stretch."""
    if not (said.after and following and following.before and following.clock and not following.day):
        return moment
    limit = resolve(following.joined_to(said), now)
    return Moment(moment.start, limit.end, "span") if limit and limit.end > moment.start else moment


def _is_wished(text: str, said: Expression) -> bool:
    """Whether somebody shall come at a time: by the words of its clause, or because hardly more is said."""
    context = _context(text, said)
    around = context.before + "|" + context.after
    if COLLECT.search(around) or CHANGES.search(context.before):
        return True
    if FILLER.fullmatch(WITH_PHONE.sub("", context.before)) and FILLER.fullmatch(context.after):
        rest = text[: said.begin] + text[said.stop :]
        return not ELSEWHERE.search(rest) or bool(COLLECT.search(rest))
    if ELSEWHERE.search(around):
        return False
    return bool(AT_HOME.search(around) or SHIPS.match(context.after))


def _now(text: str, now: datetime) -> Mention | None:
    match = NOW.search(text)
    if not match:
        return None
    if NOW_COLLECT.match(text, match.end()) or (
        FILLER.fullmatch(text, 0, match.start()) and FILLER.fullmatch(text, match.end())
    ):
        at = now.astimezone(CHINA).replace(microsecond=0)
        value = _slot(Moment(at, at, "point"))
        return Mention("time", match.start(), match.end(), {"pickup_time": value}, "pickup_time")
    return None

"""The article that is sent, missing, broken or asked about (label `goods`), as said, without number and unit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from faq.prohibited_goods import shipped_catalogue
from intents.slots.goods_lexicon import BLOCKED, STRONG, lexicon
from intents.slots.goods_patterns import (
    ASIDE,
    ASKED,
    BEFORE_COUNT,
    BOUGHT,
    CHANGED,
    COUNTS,
    DAMAGED,
    DOTTED,
    ENGLISH,
    FIRST,
    INSIDE,
    LABELLED,
    LACKS,
    LAST,
    LIKE,
    MAY_SEND,
    MINE,
    MODIFIER,
    ORDERED,
    PAID_FOR,
    PLACE_AFTER,
    SENDS,
    STOP,
    TO_BE_SENT,
    UNIT,
    is_paper,
)
from intents.slots.spans import COUNT, MEASURE, MONEY, Found

LONGEST = 16
"""A phrase of more characters is a story, not an article."""
READ = 300
"""Characters in which the goods catalogue is searched, by sound too."""
TAIL = 3
"""Characters that may stand behind the last known article of a phrase and belong to it (洗衣机外壳)."""
MOST = 20
"""Counts and verbs of one message that are looked at; nobody lists more."""


def find_goods(text: str) -> Found | None:
    """The article of a message in which numbers, places, times and money are hidden by their marks."""
    for rule in RULES:
        found = rule(text)
        if found:
            return found
    return None


def _each(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    return islice(pattern.finditer(text), MOST)


def _to_be_sent(text: str) -> Found | None:
    """有个文件要寄给客户."""
    match = TO_BE_SENT.search(text)
    return _left(text, match.start(), unknown=False) if match else None


def _ordered(text: str) -> Found | None:
    """里面是块砖头,我买的是相机: what should have come."""
    match = ORDERED.search(text)
    return _right(text, match.end(), unknown=True) if match else None


def _labelled(text: str) -> Found | None:
    for match in _each(LABELLED, text):
        found = _right(text, match.end(), unknown=True)
        if found:
            return found
    return None


def _sent(text: str) -> Found | None:
    """寄一箱茶叶, 寄书, 寄点土特产."""
    for match in _each(SENDS, text):
        what = match["what"]
        found = _right(text, match.end(), unknown=bool(what) and not what.endswith("个"))
        if found:
            return found
    return None


def _counted(text: str) -> Found | None:
    """两箱茅台酒, 3公斤书, 一台笔记本电脑."""
    for match in _each(COUNTS, text):
        sign = match[0].rstrip("的")[-1]
        found = _right(text, match.end(), unknown=sign in COUNT + MEASURE + "瓶盒箱袋台双套")
        if found and ((sign != "个" and match[0][0] not in "这那某") or _has_strong(found.value)):
            return found
    return None


def _before_count(text: str) -> Found | None:
    """书3公斤一箱, 皮鞋1双, 皮鞋600块."""
    for match in _each(BEFORE_COUNT, text):
        sign = text[match.end()]
        found = _left(text, match.start(), unknown=sign == MEASURE and not match[0])
        if found and (sign != MONEY or _has_strong(found.value)):
            return found
    return None


def _asked(text: str) -> Found | None:
    """白酒能寄吗."""
    match = ASKED.search(text)
    return _left(text, match.start(), unknown=True) if match else None


def _lacking(text: str) -> Found | None:
    """少了两件衣服, 把我的花瓶摔碎了 is left to `_damaged`."""
    found = (_right(text, match.end(), unknown=False) for match in _each(LACKS, text))
    return next(filter(None, found), None)


def _compensated(text: str) -> Found | None:
    """赔我一副眼镜."""
    found = (_right(text, match.end(), unknown=False) for match in _each(PAID_FOR, text))
    return next(filter(None, found), None)


def _damaged(text: str) -> Found | None:
    """手机屏碎了."""
    for match in _each(DAMAGED, text):
        found = _left(text, match.start(), unknown=False)
        if found and text[found.start - 1 : found.start] != "被":
            return found
    return None


def _alone(text: str) -> Found | None:
    """A message, or its first clause, that is nothing but an article: 茶叶, 几本书."""
    found = _right(text, 0, unknown=False)
    if found and found.start <= 4 and (found.end == len(text) or text[found.end] in ",，。.!、;\n 的吧类等"):
        return found if _is_covered(found.value) else None
    return None


def _is_covered(phrase: str) -> bool:
    """Whether a phrase is made of known words, but for a short modifier before a sure one (儿童玩具)."""
    words = lexicon().words(phrase)
    if not words or words[-1][1] != len(phrase):
        return False
    unknown = len(phrase) - sum(end - start for start, end, _ in words)
    loose = len(MODIFIER.findall(phrase))
    return unknown <= loose or (words[-1][2] == STRONG and unknown - loose <= 2)


def _anywhere(text: str) -> Found | None:
    """The first article that no other meaning of its word hides."""
    known = [
        (start, end)
        for start, end, kind in lexicon().words(text)
        if kind == STRONG
        and not PLACE_AFTER.match(text, end)
        and not ASIDE.search(text, 0, start)
        and not is_paper(text, text[start:end])
    ]
    if not known:
        return None
    start, end = known[0]
    if start and text[start - 1] in "小旧新大老":
        start -= 1
    for following, stop in known[1:]:
        if text[end:following] in ("", "和", "、", "跟", "与"):
            end = stop
    return Found(start, end, text[start:end], "goods")


def _catalogued(text: str) -> Found | None:
    """能寄麻古吗: what the goods catalogue knows by name and our words do not."""
    if not MAY_SEND.search(text):
        return None
    for name in shipped_catalogue().find(text[:READ]):
        start = text.find(name)
        if start >= 0 and not lexicon().words(name):
            return _checked(text, start, start + len(name), True)
    return None


def _changed(text: str) -> Found | None:
    """物品从衣服改成食品, 写错了,是咖啡: only the new one."""
    match = CHANGED.search(text)
    return _right(text, match.end(), unknown=False) if match else None


def _english(text: str) -> Found | None:
    """3 boxes of books, my lamp arrived broken."""
    for match in _each(ENGLISH, text):
        group = match.lastgroup or ""
        words = set(match[group].lower().split())
        if not words & lexicon().none:
            return Found(match.start(group), match.end(group), match[group], "goods")
    return None


def _mine(text: str) -> Found | None:
    """摔坏了,我的青花坛子; 我的身份证在里面."""
    for match in _each(MINE, text):
        found = _right(text, match.end(), unknown=False)
        if found and (_has_strong(found.value) or INSIDE.match(text, found.end)):
            return found
    return None


def _bought(text: str) -> Found | None:
    """给我爸买了个按摩椅; 寄俩包裹,都是衣服."""
    for match in _each(BOUGHT, text):
        found = _right(text, match.end(), unknown=False)
        if found and _has_strong(found.value):
            return found
    return None


def _has_strong(phrase: str) -> bool:
    return any(kind == STRONG for _, _, kind in lexicon().words(phrase))


def _right(text: str, start: int, *, unknown: bool) -> Found | None:
    """The noun phrase that begins at a position."""
    first = FIRST.match(text, start)
    start = at = _past_unit(text, first.end() if first else start)
    known = False
    while at < len(text) and at - start <= LONGEST:
        end, kind = lexicon().longest(text, at)
        if end > at and kind != BLOCKED:
            at, known = end, True
        elif end > at or STOP.match(text, at):
            break
        else:
            at += 1
    return _checked(text, start, at, known or unknown)


def _past_unit(text: str, at: int) -> int:
    """Past a unit without a number: 寄台相机, 发车苗木."""
    noun = at + 2 if MODIFIER.match(text, at + 1) else at + 1
    if noun < len(text) and UNIT.match(text, at) and lexicon().longest(text, at)[0] - at < 2:
        end, kind = lexicon().longest(text, noun)
        return at + 1 if kind != BLOCKED and end > noun + 1 else at
    return at


def _left(text: str, end: int, *, unknown: bool) -> Found | None:
    """The noun phrase that ends at a position."""
    start = at = max(0, end - LONGEST)
    known = False
    while at < end:
        stop, kind = lexicon().longest(text, at)
        if at < stop <= end and kind != BLOCKED:
            at, known = stop, True
            continue
        stopped = STOP.match(text, at)
        if (stop > at and kind == BLOCKED) or stopped:
            at = max(
                stop if kind == BLOCKED else at, stopped.end() if stopped and stopped.end() <= end else at + 1
            )
            start, known = at, False
        else:
            at += 1
    first = FIRST.match(text, start)
    start = _past_unit(text, first.end() if first and first.end() < end else start)
    return _checked(text, start, end, known or unknown)


def _checked(text: str, start: int, end: int, allowed: bool) -> Found | None:
    """The phrase without what only describes or ends it; None where it is no article."""
    phrase = LAST.sub("", text[start:end])
    like = LIKE.search(phrase)
    if like and like.start() > 0:
        phrase = phrase[: like.start()]
    of = phrase.rfind("的")
    if of > 0 and phrase[0] not in "带含有装不":
        start, phrase = start + of + 1, phrase[of + 1 :]
    allowed = allowed or DOTTED.search(phrase) is not None
    if (
        not allowed
        or not phrase
        or phrase in lexicon().none
        or is_paper(text, phrase)
        or (phrase[-1].isdigit() and not phrase[0].isalpha())
    ):
        return None
    words = lexicon().words(phrase)
    if words and words[-1][2] == STRONG and len(phrase) - words[-1][1] > TAIL:
        phrase = phrase[: words[-1][1]]
    known = any(kind != BLOCKED for _, _, kind in words)
    if not known and not (
        2 <= len(phrase) <= 8 and all("一" <= sign <= "龥" or sign in "·.*" for sign in phrase)
    ):
        return None
    return Found(start, start + len(phrase), phrase, "goods")


RULES = (
    _english,
    _changed,
    _ordered,
    _labelled,
    _lacking,
    _damaged,
    _compensated,
    _sent,
    _counted,
    _before_count,
    _to_be_sent,
    _asked,
    _bought,
    _mine,
    _alone,
    _anywhere,
    _catalogued,
)
"""What is missing or broken comes before what was sent: 我寄的手机到了发现屏幕碎了 is about the screen."""

"""The words of times of day: parts of the day, clock times, durations."""

from __future__ import annotations

import re

from intents.slots.days import DAY
from intents.slots.numbers import NUMBER

Hours = tuple[int, int]

PARTS: dict[str, Hours] = {
    "凌晨": (0, 6),
    **dict.fromkeys(
        ("早上", "清早", "清晨", "早晨", "一大早", "一早", "大早上", "朝早", "早", "朝", "晨"), (6, 9)
    ),
    **dict.fromkeys(
        (
            "上午",
            "上昼",
            "上半日",
            "上半天",
            "午前",
            "前晌",
            "前半晌",
            "上半晌",
            "头午",
            "头晌",
            "上晌",
            "morning",
        ),
        (9, 12),
    ),
    **dict.fromkeys(("中午", "正午", "晌午", "午间", "noon"), (11, 13)),
    **dict.fromkeys(
        (
            "下午",
            "午后",
            "下昼",
            "下半日",
            "下半天",
            "晏昼",
            "后晌",
            "后半晌",
            "下半晌",
            "下晌",
            "过晌",
            "afternoon",
        ),
        (13, 18),
    ),
    **dict.fromkeys(("傍晚", "黄昏", "擦黑"), (17, 19)),
    **dict.fromkeys(
        ("晚上", "晚间", "夜晚", "夜晚黑", "晚黑", "夜里", "夜间", "深夜", "晚", "夜", "evening", "tonight"),
        (18, 22),
    ),
}
AFTERNOON = (13, 17, 18)
"""Parts that begin at these hours count their clock from noon."""
HOUR = r"(?:2[0-4]|1\d|0?\d|二十[一二三四]?|十[一二三四五六七八九]?|[一二两三四五六七八九零])"
MINUTE = r"(?:半|[一三]刻|[0-5]\d分?|\d分|[零〇][一二三四五六七八九]分?|[二三四五]?十[一二三四五六七八九]?分?|[一二三四五六七八九]分)"
TICK = r" ?[点时](?![候间效刻段的]|[零一二三四五六七八九\d]{1,8}(?:公斤|斤|[kK][gG]|块|元|个?立|个?方|米))(?:钟|整|中(?=[吧来取,。]|$))?"
PART_WORDS = (
    r"凌晨|一大早|大早上|清早|清晨|早上|早晨|一早|朝早|上午|上昼|上半[日天]|午前|中午|正午|晌午|午间|下午|午后|下昼|下半[日天]|晏昼|[前上后下]半晌|[头上下过]晌|头午|前晌|后晌|傍晚|黄昏|擦黑|晚上|晚间|夜晚黑?|晚黑|夜里|夜间|深夜"
    r"|morning|noon|afternoon|evening|tonight"
)
PART = re.compile(rf"(?P<part>{PART_WORDS}|[早晚](?!一点[^半钟])(?={HOUR}[点:]))(?!好(?![伐吗不么嘛]))")
PART_AFTER_DAY = re.compile(
    rf"(?P<part>{PART_WORDS}|[早朝晨](?![就点])|[晚夜](?![点班]))(?!好(?![伐吗不么嘛]))"
)
RANGE = re.compile(
    rf"(?P<h1>{HOUR})(?:{TICK}(?P<m1>{MINUTE})?|:(?P<c1>[0-5]\d))?(?:左右)?\s*(?:到|至|--?|~|—+|–|和)\s*"
    rf"(?P<part2>{PART_WORDS})?(?P<h2>{HOUR})(?:{TICK}(?P<m2>{MINUTE})?|:(?P<c2>[0-5]\d))"
)
ABOUT = re.compile(r"(?P<h1>[一二两三四五六七八九])(?P<h2>[二三四五六七八九十])点钟?")
SINGLE = re.compile(
    rf"(?<![\d.:：第])(?P<h1>{HOUR})(?:{TICK}(?P<m1>{MINUTE})?|:(?P<c1>[0-5]\d)(?![\d])(?::[0-5]\d)?)(?:\s?(?P<half>[ap])\.?m)?"
    r"|(?<![\d.:])(?P<h3>1[0-2]|0?\d)\s?(?P<half3>[ap])\.?m(?![a-z])",
    re.IGNORECASE,
)
A_BIT = re.compile(r"一点(?![半钟一二三四五\d左前后之以到至-])")
SUFFIX = re.compile(
    r"多?(?:左右|前后|的时候|这样|之间)?(?:(?P<before>之前|以前|前(?![台面往几后]))|(?P<after>之后|以后|过后|后(?![天面悔续门台])|开始|起(?!来)))?"
)
DURATION = re.compile(
    rf"(?:(?P<wait>再?过)|等)?(?P<count>{NUMBER})?(?:个(?P<half>半)?)?(?P<unit>小时|钟头|分钟|刻钟)(?P<more>半)?"
    r"(?:(?:之|以)?(?P<direction>后|内))?"
)
GAP = re.compile(r"(?:那天|当天)?[ 的,]?(?:大概|大约|差不多|的|是|就)?")
TO = re.compile(r"\s*(?:到|至|--?|~|—+|–|、|和|或者?|(?=后天))\s*")
START = re.compile(
    r"(?=[大前昨今明后听寻琴这周星礼上本下头\d一二两三四五六七八九十廿月凌清早朝午中正晌晏傍黄擦晚夜深半再过等零a-zA-Z])"
    rf"(?:{re.sub(r'[?]P<[a-z_0-9]+>', '?:', DAY.pattern)}|{PART_WORDS}"
    rf"|[早晚](?={HOUR}[点:])|{HOUR}(?:{TICK}|:[0-5]\d|\s?[apAP]\.?[mM](?![a-z])|\s?(?:到|至|-|~|—|和)\s?(?:{PART_WORDS})?{HOUR}[点:])"
    rf"|[一二两三四五六七八九][二三四五六七八九十]点|{re.sub(r'[?]P<[a-z_0-9]+>', '?:', DURATION.pattern)})"
)

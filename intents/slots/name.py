"""Names and forms of address, and whose they are (labels `name`, `receiver_name`)."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml

from intents.slots.phone import is_receivers, is_staffs
from intents.slots.spans import MARKS, PHONE, PLACE, Found

LABEL = "人名叫收本方:【[(eEoO"
"""Of these signs one is in every label of a name."""


class Grammar:
    """The patterns, built from name_words.yaml once, each with the signs of which a text must have one."""

    def __init__(self) -> None:
        data = yaml.safe_load(Path(__file__).with_name("name_words.yaml").read_text("utf-8"))
        self.no_names = frozenset(data["no_names"].split())
        surnames = data["surnames"].split()
        compound = "|".join(name for name in surnames if len(name) > 1)
        single = "".join(dict.fromkeys(name for name in surnames if len(name) == 1))
        titles = "|".join(data["titles"].split())
        surname = rf"(?:{compound}|[{single}])"
        bare = rf"(?:{compound}|[{''.join(set(single) - set(data['labelled_only']))}])"
        han = "[一-龥]"
        self.surname = re.compile(surname)
        called = (
            rf"(?:{surname}{han}{{0,2}}?(?:{titles})|[小老大]{surname}(?!{han}{{0,1}}(?:快递|物流))|阿{han})"
        )
        full = rf"{surname}{han}{{1,2}}"
        unlabelled = rf"{bare}{han}{{1,2}}"
        latin = r"(?:(?:[Mm]rs?|Ms|Miss|Dr)\.? ?)?(?!(?:[Mm]rs?|Ms|Miss|Dr)\b)[A-Z][a-z]+(?: [A-Z][a-z]+)?"
        link = r"(?:[信资]息|的?(?:姓名|名字)|电话)?(?:是|叫做?|应为|应该是|为|(?:变更|更改|更换|修改)[为成]|写的?|写成|填的?|换成|换|改成|改为|改做|改|就是|请写|找|(?:仓库|店里|前台|公司|楼下|门口)的?|(?:[我俺咱]家?的?)?(?:老婆|老公|爱人|妈妈?|爸爸?|朋友|同事|同学|儿子|女儿|闺女|姐姐?|哥哥?|弟弟?|妹妹?)(?:叫|是)?|\b(?:is|to)\b|[:： \n,()（])*"
        label = (
            r"联系人|联络人|寄件人|发件人|发货人|托运人|委托人|取件人|收件人|收货人|收[件货]方|收[件货](?!方)|收方|寄方|投诉人|登记人|经办人|对接人|接货人|提货人|申请人|预约人|索赔人|姓名|名字|名叫|叫做|[我俺她他]叫|叫我|本人|"
            r"(?<=[【\[(])[收寄](?=[】\])])|(?<![一-龥])[收寄](?=:)|(?<=[,，。 ])叫|(?i:\b(?:name|contact|receiver|recipient|consignee|sender))"
        )
        end = rf"(?=$|[\s,，.。;；:!?、()（）/{MARKS}]|\d|收$|收[,。]|的?(?:联系)?(?:电话|手机|号码|方式)|吧|就[行好可]|先生|女士)"
        title_end = rf"(?:$|[\s,，.。;；:!?、()（）/{MARKS}收]|就|吧|的?(?:电话|手机|号码)|来?[取拿寄])"
        self.surname_only = re.compile(
            rf"(?:我|免贵|本人|他|她|客户|名)?姓(?!名)(?P<name>{compound}|{han})(?!名)"
        )
        self.patterns = tuple(
            (frozenset(signs), re.compile(pattern))
            for signs, pattern in (
                (
                    LABEL,
                    rf"(?:{label})[】\])」』]?{link}(?P<name>{called}|(?:{surname})?{han}{{2,3}}?(?:先生|女士)|{han}(?:{titles})|{full}|{latin}|{han}{{1,4}}[部处组仓](?=[\s,，:：]|$)){end}",
                ),
                (LABEL, rf"(?:{label})[】\])]?{link}(?P<name>{surname}{han}?(?:先生|女士|小姐))"),
                (
                    "收",
                    rf"收[件货]人?[^,。]{{0,8}}[,，]?(?:应该是|叫|是)(?:{han}{{2,4}}部)?(?P<name>{called}|{full}){end}",
                ),
                (
                    "找搵揾",
                    rf"[找搵揾](?:一下|到|我们?|咱们?|前台的?|一个|门口的?|里面的?|[我俺]?(?:老婆|老公|爱人|妈妈?|爸爸?|朋友|同事|同学|儿子|女儿|姐姐?|哥哥?|弟弟?|妹妹?))?(?P<name>{called}(?={title_end})|{full}(?=$|[,。 ]|就|[取拿来]))",
                ),
                (
                    PHONE,
                    rf"(?:(?<!{han})(?:号|室|楼|单元|栋|幢|座)?|(?<=[为成叫系]))(?P<name>{called}|{unlabelled})(?:收|的)?"
                    rf"(?:[\s,，]{{1,2}}(?:电话|手机号?码?))?[\s,，:：(（]{{0,3}}(?=[{PHONE}])",
                ),
                (PHONE, rf"[{PHONE}][\s,，:：)）(（/]{{0,2}}(?P<name>{called}|{unlabelled})(?={title_end})"),
                (
                    "生士姐太",
                    rf"(?:^|[,，。;；!\s{MARKS}])(?:我是)?(?:你们)?的?(?:老?客户|老?顾客|老?用户|老?会员)?[:：]?(?P<name>{surname}{han}{{0,2}}?(?:先生|女士|小姐|太太))(?={title_end})",
                ),
                (
                    PHONE,
                    rf"[{PLACE}][\s,，]{{1,2}}(?!{han}{{0,5}}(?:电话|手机|联系|号码|[收寄取件到的我找]))(?P<name>{han}{{2,6}})"
                    rf"[\s,，:：]{{1,2}}(?=[{PHONE}])",
                ),
                (PLACE, rf"[{PLACE}][\s,，]{{1,2}}(?P<name>{called})$"),
                ("写填", rf"(?:写|填)(?P<name>{called})(?={title_end})"),
                ("我", rf"(?:^|[,，。\s])我(?P<name>{called})(?=[,，。 ]?[{PHONE}])"),
                ("是", rf"[我俺咱]是(?P<name>{called}|{unlabelled})(?=$|[,，。;；!\s{PHONE}])"),
                ("", rf"^(?P<name>{unlabelled}|{called})$"),
                (PHONE, rf"^(?P<name>{full}|{latin})[\s,:：]{{0,2}}(?=[{PHONE}])"),
                ("给系", rf"(?:打给|电话给|联系|给)(?P<name>{called})(?=打|[,。 ]|$|[{PHONE}])"),
                (LABEL, rf"(?:{label})(?P<name>{surname}{han}{{1,2}}?|{latin})(?=[不没那已说在的]|上|收)"),
                (
                    "不",
                    rf"(?:名字?|人)[^。;；]{{0,8}}?不是{han}{{2,4}}?[,，]?(?:应该)?是(?P<name>{full}|{called}){end}",
                ),
                (
                    "人名",
                    rf"(?:收[件货]人|联系人|联络人|寄件人|取件人|姓名)(?:是|叫|改成|换成|变更为|写|[:： 】\])」』])+"
                    rf"(?P<name>{han}{{2,6}}(?:[·.]{han}{{2,6}})?)(?=$|[\s,，。;；、]|[{PHONE}])",
                ),
                (
                    PHONE,
                    rf"(?:收[件货]人|联系人|寄件人)(?P<name>{han}{{2,4}}?)[\s,，:：]{{0,2}}(?=[{PHONE}])",
                ),
                ("·", rf"(?P<name>{han}{{2,5}}·{han}{{2,6}})(?=$|[\s,，。;；、]|[{PHONE}])"),
            )
        )
        self.latin = re.compile(r"^(?P<name>[Mm][rs]s?\.? [A-Z][a-z]+)$")


@lru_cache(maxsize=1)
def grammar() -> Grammar:
    return Grammar()


NO_NAME = re.compile(
    r"[了吗呢吧啊的得不么是个什啥怎谁哪这那没有要来去寄取件查送]|^[名氏]|^[曾已即将正]?于(?:[本上这今昨前下]|$)"
)
MAY_NAME = re.compile(
    rf"[姓名叫找搵揾收寄联人写填{PHONE}{PLACE}]|先生|女士|小姐|太太|[我俺咱]是|本人|^.{{2,4}}$|^[Mm]|(?i:name|contact|rec|consignee)"
)
NO_CONTACT = re.compile(
    r"^(?:的)?(?:那个)?(?:快递员|快递小哥|小哥|业务员|派件员|派送员|司机|客服|站长|经理|态度|服务|骂|打|说我|不|没|把|拒|送错|他)"
)
PAYEE = re.compile(r"(?:收款人?|户名|开户名)[:： ]*$")


def find_names(text: str) -> list[Found]:
    """At most one `name` and one `receiver_name`. Telephone numbers must be hidden by their mark before."""
    if not MAY_NAME.search(text):
        return []
    found: dict[str, Found] = {}
    rules = grammar()
    patterns = (pattern for signs, pattern in rules.patterns if not signs or not signs.isdisjoint(text))
    for pattern in (*patterns, rules.latin, rules.surname_only):
        for match in pattern.finditer(text):
            _take(text, match, found)
    return sorted(found.values(), key=lambda each: each.start)


def _take(text: str, match: re.Match[str], found: dict[str, Found]) -> None:
    start, end = match.span("name")
    name = match["name"]
    if _is_a_word(name) or any(start < each.end and each.start < end for each in found.values()):
        return
    before, after = text[max(0, start - 12) : start], text[end : end + 8]
    if is_staffs(before) or NO_CONTACT.match(after) or PAYEE.search(before):
        return
    role = "receiver_name" if is_receivers(text, start) else "name"
    found.setdefault(role, Found(start, end, name, role))


def _is_a_word(name: str) -> bool:
    """Whether it only begins like a name (文件, 马上)."""
    no_names = grammar().no_names
    if NO_NAME.search(name):
        return True
    return name in no_names or name[:2] in no_names or name[:3] in no_names

"""Every slot of docs/labels.md that a message says, each by the finder of its family."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from intents.normalise import simplified, tidy
from intents.slots.address import FoundPlace, find_places
from intents.slots.money import find_money
from intents.slots.name import find_names
from intents.slots.numbers import json_number
from intents.slots.phone import find_phones
from intents.slots.quantity import find_pieces, find_sizes, find_volumes, find_weights
from intents.slots.spans import (
    COUNT,
    GOODS,
    MARKS,
    MEASURE,
    MONEY,
    NAME,
    OTHER,
    PHONE,
    PLACE,
    TIME,
    WAYBILL,
    Found,
    Mention,
    hide,
)
from intents.slots.tokens import Token, tokens
from intents.slots.waybills import find_waybills, spelled_out
from intents.slots.when import find_times, time_for_pickup

PLACES = ("origin", "destination", "place")
SUMS = ("amount", "fee", "insured_value")
COUNTS = ("pieces",)
HAS_NUMBER = re.compile(r"[\d壹贰叁肆伍陆柒捌玖拾零〇一二两俩仨三四五六七八九十百千万半廿]")
HAS_DIGITS = re.compile(r"\d[\d -]{5}|(?:[零〇幺一二两三四五六七八九][ -]?){8}")
LABELS = re.compile(
    rf"(?:[{MARKS}\s,，.。;；:：、!~()/]|联系|电话|手机|号码?|地址|运?单号|快递单号|运单|姓名?|名字|重量?|体积|尺寸|保价|价值|值|金额|大概|大约|左右|差不多|总?共|一共"
    r"|收[件货]人?|寄件人?|发件人?|联系人|单子|我姓?|我叫|是|就|的|吧|了|啊|哈|嗯|哦|和|还有|以?及|另外|都|也|共|内|那个?|这个?|好的?|行|对|说错了|应该|一)*"
)


@dataclass(frozen=True)
class Reading:
    """What a message says in slots, where, and the rest of it with every value overwritten by a mark."""

    slots: Mapping[str, Any]
    """The values that have one meaning, and the mentions by their hints."""
    said: Mapping[str, Sequence[str]]
    """Slot → the characters that it came from, in the order in which they were found."""
    typed: str
    """The message as it was typed, tidied; its characters stand where those of `plain` and `rest` do."""
    plain: str
    """The same in Simplified characters."""
    rest: str
    mentions: Sequence[Mention]
    tokens: Sequence[Token]
    """The words of the rest; each hidden value is one."""

    @property
    def only_values(self) -> bool:
        """Whether nothing is said but values and their labels: such a message is an answer, not a wish."""
        return bool(self.slots) and LABELS.fullmatch(self.rest) is not None

    def with_slot(self, name: str, start: int, end: int) -> Reading:
        """The reading with one more slot, whose value is what stands at typed[start:end]."""
        value = self.typed[start:end]
        rest = hide(self.rest, [Found(start, end, None)], GOODS)
        return replace(self, slots={**self.slots, name: value}, said={**self.said, name: [value]}, rest=rest)


def read(text: str, now: datetime) -> Reading:
    """The slots of a message. Each finder hides what it took, so that a phone is no waybill and no weight."""
    reader = _without_numbers_and_places(text)
    reader.mention(find_times(reader.rest, now), TIME)
    if HAS_NUMBER.search(reader.rest):
        reader.quantities()
    for name in find_names(reader.rest):
        reader.take([replace(name, value=reader.typed[name.start : name.end])], NAME)
    split = tokens(reader.rest, reader.hidden)
    return Reading(reader.slots, reader.said, reader.typed, reader.plain, reader.rest, reader.mentions, split)


def time_in_order(text: str, now: datetime) -> dict[str, str] | None:
    """When a message that orders a pickup wants it, also where no word near the time says so."""
    return time_for_pickup(_without_numbers_and_places(text).rest, now)


def _without_numbers_and_places(text: str) -> _Reader:
    """The reader of a message when it has taken the numbers and places."""
    typed = tidy(text)
    plain = simplified(typed)
    if len(plain) != len(typed):
        typed = plain
    reader = _Reader(typed, spelled_out(plain) if HAS_DIGITS.search(plain) else plain)
    reader.numbers()
    reader.places()
    return reader


class _Reader:
    """A message while it is read: `rest` has the length of `typed`, with what was taken overwritten."""

    def __init__(self, typed: str, plain: str) -> None:
        self.typed, self.plain, self.rest = typed, plain, plain
        self.slots: dict[str, Any] = {}
        self.said: dict[str, list[str]] = {}
        self.mentions: list[Mention] = []
        self.hidden: list[Found] = []

    def keep(self, slot: str, value: Any, start: int, end: int) -> None:
        self.slots[slot] = value
        self.said.setdefault(slot, []).append(self.typed[start:end])

    def take(self, found: Sequence[Found], mark: str) -> None:
        """Keep what has a role, the last of a role where there are two, and hide it all."""
        for each in found:
            if each.role:
                self.keep(each.role, each.value, each.start, each.end)
        self.hide(found, mark)

    def mention(self, found: Sequence[Mention], mark: str) -> None:
        """Keep what may have a role, the first of a hint as if it had it, and hide it all."""
        self.mentions += found
        for each in found:
            if each.hint in each.values and each.hint not in self.slots:
                self.keep(each.hint, each.values[each.hint], each.start, each.end)
        self.hide([Found(each.start, each.end, None) for each in found], mark)

    def hide(self, found: Sequence[Found], mark: str) -> None:
        self.hidden += found
        self.rest = hide(self.rest, found, mark)

    def numbers(self) -> None:
        if not HAS_DIGITS.search(self.rest):
            return
        self.take(_first_of_each_role(find_phones(self.rest)), PHONE)
        waybills, others = find_waybills(self.rest)
        for found in waybills:
            known = self.slots.get("waybills", [])
            if found.value not in known:
                self.keep("waybills", [*known, found.value], found.start, found.end)
        self.hide(waybills, WAYBILL)
        self.hide(others, OTHER)

    def places(self) -> None:
        self.mention([_mentioned(found, self.rest, self.typed) for found in find_places(self.rest)], PLACE)

    def quantities(self) -> None:
        for find in (find_sizes, find_volumes, find_weights):
            self.take(find(self.rest), MEASURE)
        self.mention(
            [_open("money", found, json_number(found.value), SUMS) for found in find_money(self.rest)], MONEY
        )
        counts = find_pieces(self.rest)
        self.mentions += [_open("count", each, each.value, COUNTS) for each in counts if not each.role]
        # A count of articles stays: its unit tells that its noun is one.
        self.mention([_open("count", each, each.value, COUNTS) for each in counts if each.role], COUNT)


def _open(kind: str, found: Found, value: Any, roles: Sequence[str]) -> Mention:
    return Mention(kind, found.start, found.end, dict.fromkeys(roles, value), found.role)


def _first_of_each_role(found: Sequence[Found]) -> list[Found]:
    """Of two phones with one role the first has it; the other is only hidden."""
    first: dict[str, Found] = {}
    for each in found:
        first.setdefault(each.role, each)
    return [each if first[each.role] is each else replace(each, role="") for each in found]


def _mentioned(found: FoundPlace, text: str, typed: str) -> Mention:
    """A place, its detail in the characters that the customer typed."""
    slot = found.place.to_slot()
    detail = slot.get("detail")
    at = text.find(detail, found.start, found.end) if detail else -1
    if detail and at >= 0:
        slot["detail"] = typed[at : at + len(detail)]
    return Mention("place", found.start, found.end, dict.fromkeys(PLACES, slot), found.role or "place")

"""What a place, a time, a sum or a count in a message is for: a small model of each weighs what is around it.

What the grammar of its finder says of it is one of the features (docs/labels.md, Slots).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from intents.classify import trained
from intents.slots import Reading
from intents.slots.address_role import role_by_wish
from intents.slots.spans import Mention
from intents.slots.tokens import Token

KINDS = ("place", "time", "money", "count")
NONE = "none"
"""The role of a mention that fills no slot."""
MOST = 12
"""Mentions of a kind that are weighed, the last of a long story: what is wanted stands there."""
PARTS = ("city", "district", "detail")
"""Parts of a place that tell it from another."""
NEAR = 8
"""Words on each side of a mention that are looked at, the nearest also in their order."""


def with_roles(reading: Reading, wishes: Sequence[str]) -> Reading:
    """The reading with every mention in the role that the message gives it; the first wish is the intent.

    Of two mentions with one likeliest role the surer one has it, the other its next likely one.
    """
    open_roles = {role for mention in reading.mentions for role in mention.values}
    if not open_roles:
        return reading
    slots = {name: value for name, value in reading.slots.items() if name not in open_roles}
    said = {name: words for name, words in reading.said.items() if name not in open_roles}
    for kind in KINDS:
        for role, mention in _assigned(kind, reading, wishes).items():
            slots[role] = mention.values[role]
            said[role] = [reading.typed[mention.start : mention.end]]
    return replace(reading, slots=slots, said=said)


def _assigned(kind: str, reading: Reading, wishes: Sequence[str]) -> Mapping[str, Mention]:
    """Role → the mention of a kind that has it."""
    model = trained().models[kind]
    chosen = [(at, each) for at, each in enumerate(reading.mentions) if each.kind == kind and each.values]
    if len(chosen) == 1 and _mends(chosen[0][1], wishes[0]):
        return {"place": chosen[0][1]}
    ranked = [(model.scores(evidence(reading, at, wishes)), each) for at, each in chosen[-MOST:]]
    found: dict[str, Mention] = {}
    for scores, mention in sorted(ranked, key=lambda pair: -float(pair[0].max())):
        for place in (-scores).argsort(kind="stable").tolist():
            role = model.labels[place]
            if role == NONE:
                break
            if role not in found and role in mention.values:
                found[role] = mention
                break
    return found


def _mends(mention: Mention, wish: str) -> bool:
    """Whether it is part of an address (12号楼3单元) with no word about whose: it mends one known before."""
    if mention.hint != "place" or wish == "pickup_change":
        return False
    return [*mention.values["place"]] == ["detail"]


def evidence(reading: Reading, at: int, wishes: Sequence[str]) -> dict[str, int]:
    """The features of the mention with number `at`."""
    mention, others = reading.mentions[at], [*reading.mentions[:at], *reading.mentions[at + 1 :]]
    before = [word.text for word in _up_to(reading.tokens, mention.start) if word.text != " "]
    after = [word.text for word in _from(reading.tokens, mention.end) if word.text != " "]
    back, on = ["<", "<", "<", *before][::-1], [*after, ">", ">", ">"]
    same = [each for each in others if each.kind == mention.kind]
    found = {
        f"#{mention.hint}": 4,
        f"#{mention.hint} {wishes[0]}": 2,
        f"i{wishes[0]}": 1,
        **dict.fromkeys([f"also {wish}" for wish in wishes[1:]], 1),
        f"n{sum(each.start < mention.start for each in same)} of {len(same)}": 1,
        "o" + ",".join([each.hint for each in same]): 1,
        f"b{back[0]}": 3,
        f"b{back[1]}{back[0]}": 2,
        f"b{back[2]}{back[1]}": 1,
        f"a{on[0]}": 3,
        f"a{on[0]}{on[1]}": 2,
        f"a{on[1]}{on[2]}": 1,
        f"{back[0]}|{on[0]}": 2,
        f"#{mention.hint} b{back[0]}": 1,
        f"#{mention.hint} a{on[0]}": 1,
        f"z{''.join(back[1::-1])[-2:]}": 2,
        f"y{''.join(on[:2])[:2]}": 2,
        "v" + ",".join(mention.values): 1,
        f"p{_shape(mention)}": 1,
        f"w{_by_wish(reading, mention, wishes[0])}": 2,
    }
    for word in [*[f"B{each}" for each in before[-NEAR:]], *[f"A{each}" for each in after[:NEAR]]]:
        found[word] = found.get(word, 0) + 1
    return found


def _by_wish(reading: Reading, mention: Mention, wish: str) -> str:
    """The role that the grammar gives a place with none, by what the message wants done."""
    if mention.kind != "place" or mention.hint != "place":
        return ""
    return role_by_wish(wish, reading.plain[: mention.start], reading.plain[mention.end :])


def _up_to(words: Sequence[Token], end: int) -> Sequence[Token]:
    stop = bisect_right(words, end, key=lambda word: word.end)
    return words[max(0, stop - 2 * NEAR) : stop]


def _from(words: Sequence[Token], start: int) -> Sequence[Token]:
    first = bisect_left(words, start, key=lambda word: word.start)
    return words[first : first + 2 * NEAR]


def _shape(mention: Mention) -> str:
    """How exact a place is, or how large a sum."""
    value = next(iter(mention.values.values()))
    if isinstance(value, Mapping):
        return " ".join(value)
    return str(len(str(int(value)))) if isinstance(value, (int, float)) else ""


def role_of(mention: Mention, slots: Mapping[str, Any]) -> str:
    """The role that a mention has in a message of which all slots are known.

    A place that was read in part has the role of the slot that it is a part of.
    """
    for role, value in mention.values.items():
        if slots.get(role) == value:
            return role
    if mention.kind == "place":
        for role, value in mention.values.items():
            known = slots.get(role, {})
            if any(value.get(part) == known[part] for part in PARTS if part in known):
                return role
    return NONE

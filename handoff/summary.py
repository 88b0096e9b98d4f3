"""Two lines that tell an agent at a glance what a conversation is about; phones are masked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

MOBILE = re.compile(
    r"(?:(?<![A-Za-z0-9])|(?<=\+86))(1[3-9][0-9])(?:[ -]?[0-9]){4}((?:[ -]?[0-9]){4})(?![0-9])"
)
LANDLINE = re.compile(r"(?<![A-Za-z0-9])(0[0-9]{2,3}[ -])[0-9]{3,4}([0-9]{4})(?![0-9])")
IDENTITY_CARD = re.compile(
    r"(?<![A-Za-z0-9])([0-9]{6})(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])([0-9]{3}[0-9Xx])"
    r"(?![A-Za-z0-9])"
)
WAYBILL = re.compile(
    r"(?<![A-Za-z0-9])(?<![A-Za-z0-9]-)"
    r"(?:(?:[A-Za-z]{2,4}[ -]?)?[0-9]{3,5}(?:[ -][0-9]{3,5}){2,4}|[A-Za-z0-9]{10,20})"
    r"(?!-?[A-Za-z0-9])"
)
DIGITS_OF_A_WAYBILL = 8
FULL_WIDTH = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), 0xFF0D)}
WORDS = 60
"""Characters of each of the customer's last words."""
LAST = 3
CASES = 3


@cache
def _words() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("summary.yaml").read_text("utf-8"))
    return data


def summarise(
    messages: Sequence[Mapping[str, Any]],
    form: Mapping[str, Any] | None,
    cases: Sequence[str],
    intent: str,
) -> str:
    """First line: the wish, the waybills, the open form and cases; second: the customer's last words.

    `messages` are oldest first with `sender` and `text`; `form` is the contract's `{intent, slots, missing}`.
    """
    words = _words()
    said = [_one_line(str(each["text"])) for each in messages if each["sender"] == "customer"]
    parts = [words["intents"].get(intent, words["other"])]
    slots: Mapping[str, Any] = form["slots"] if form else {}
    waybills = dict.fromkeys((*_waybills(said), *slots.get("waybills", ())))
    if waybills:
        parts.append(f"{words['waybills']} {' '.join(waybills)}")
    if form:
        parts.append(_one_line(_form(form, words)))
    if cases:
        parts.append(f"{words['cases']} {' '.join(cases[:CASES])}")
    last = " / ".join(text[:WORDS] for text in [each for each in said if each][-LAST:])
    return f"{'；'.join(parts)}\n{words['last']}：{last or words['nothing']}"


def masked(text: str) -> str:
    """The text without the middle of telephone and identity card numbers."""
    for pattern in (IDENTITY_CARD, MOBILE, LANDLINE):
        text = pattern.sub(r"\1****\2", text)
    return text


def _one_line(text: str) -> str:
    # Masked before it is cut: half a number would no longer be known as one.
    return masked(" ".join(text.translate(FULL_WIDTH).split()))


def _waybills(texts: Sequence[str]) -> Iterator[str]:
    """What is written like a waybill (docs/labels.md); telephone numbers are masked already."""
    for text in texts:
        for found in WAYBILL.findall(text):
            number = re.sub("[ -]", "", found).upper()
            if sum(map(str.isdigit, number)) >= DIGITS_OF_A_WAYBILL:
                yield number


def _form(form: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    """What the open form is about, what it has and what was asked for last."""
    names: Mapping[str, str] = words["slots"]
    known = [f"{names[slot]} {_shown(form['slots'][slot])}" for slot in names if form["slots"].get(slot)]
    lacking = [names[slot] for slot in form.get("missing", ()) if slot in names]
    if lacking:
        known.append(f"{words['missing']} {'、'.join(lacking)}")
    name = words["intents"].get(form["intent"], words["other"])
    return f"{words['form']} {name}" + (f"（{'，'.join(known)}）" if known else "")


def _shown(value: Any) -> str:
    """A slot's value in a few characters: a place by its names, a time by its start, a kind by its word."""
    if isinstance(value, Mapping):
        if "start" in value:
            return str(value["start"])[5:16].replace("T", " ")
        return "".join(dict.fromkeys(str(part) for part in value.values() if part))
    if isinstance(value, list | tuple):
        return "×".join(map(str, value))
    return str(_words()["values"].get(value, value))

"""What the running text of a claim says beyond its slots: payee, beneficiary, spoilt goods, two sums."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from intents.form import NUMBER, choice
from intents.meaning import Form, Slots, Turn
from intents.registry import intents
from intents.slots.numbers import json_number
from intents.wording import wording

say = wording("claim")

PAYEE = re.compile(say("payee_pattern"))
ACCOUNT = re.compile(say("account_pattern"))
AFTERWORD = re.compile(say("afterword_pattern"))
BENEFICIARY = re.compile(say("beneficiary_pattern"))
CORRECTED = re.compile(say("corrected_pattern"))
SPOILT = re.compile(say("spoilt_pattern"))
TOTAL = re.compile(say("total_pattern"))
SUM = re.compile(say("sum_pattern"))
WANTS_MORE = re.compile(say("wants_more_pattern"))
EVIDENCE = re.compile(say("evidence_pattern"))
PRICE, BROKEN, COUNTS = (re.compile(say(f"{name}_pattern")) for name in ("price", "broken", "counts"))
AT_THE_DOOR = re.compile(say("at_door_pattern"))
COUNT_MISSING = re.compile(say("count_missing_pattern"))
COUNT_TOTAL = re.compile(say("count_total_pattern"))
WEIGHT_MISSING = re.compile(say("weight_missing_pattern"))
UNKNOWN_VALUE = re.compile(say("unknown_value_pattern"))
PARTIAL_MATTERS = frozenset({"damage", "mismatch"})
"""Factors that may concern a part of the contents."""


def take(form: Form, turn: Turn) -> Form:
    """The form with what only this intent can read."""
    slots, text = dict(form.slots), turn.meaning.text
    named = PAYEE.search(text)
    if named or ("payee" in form.asked and _is_account(form, text)):
        account = next(filter(None, named.groups())) if named else text
        slots["payee"] = AFTERWORD.sub("", account).strip()
        slots["phone"] = _own_phone(slots, turn)
    elif _corrects_sum(form, turn):
        slots["amount"] = _number(CORRECTED.findall(text)[0])
    slots |= _sums(form, turn) or _by_piece(text)
    if EVIDENCE.search(slots.get("goods") or "") and (turn.attachments or _before(turn).get("goods")):
        slots["goods"] = _before(turn).get("goods")  # What proves the value is not what was lost.
    if beneficiary := BENEFICIARY.search(text):
        slots["beneficiary"] = next(filter(None, beneficiary.groups()))
    if WANTS_MORE.search(text):
        slots["wants_more"] = text
    if SPOILT.search(text):
        slots["spoilt"] = True
    if AT_THE_DOOR.search(text):
        slots["at_door"] = True
    if slots.get("factor") == "mismatch":
        slots |= _missing(form, text)
    elif {"amount", "value_total"} & set(form.asked) and UNKNOWN_VALUE.search(text):
        slots["value_unknown"] = True
    concerned = slots.get("factor") in PARTIAL_MATTERS or slots.get("spoilt")
    extent = choice(turn.meaning, intents()["claim"].form["extent"]) if concerned else ""
    if extent and "extent" not in form.asked:
        slots["extent"] = extent
    elif concerned and not slots.get("extent") and slots.get("value_total") and slots.get("amount"):
        slots["extent"] = "partial" if slots["amount"] < slots["value_total"] else "total"
    return replace(form, slots=slots)


def _is_account(form: Form, text: str) -> bool:
    """A waybill that is said again is no account."""
    said_again = any(waybill in text for waybill in form.slots.get("waybills", ()))
    return ACCOUNT.search(text) is not None and not said_again


def _own_phone(slots: Slots, turn: Turn) -> Any:
    """The phone to call: one that stands only in the account is not."""
    phone, text = slots.get("phone"), turn.meaning.text
    if phone and text.count(phone) <= slots["payee"].count(phone):
        return _before(turn).get("phone")
    return phone


def _corrects_sum(form: Form, turn: Turn) -> bool:
    known = form.slots.get("amount") and "amount" not in turn.meaning.slots
    return bool(known) and CORRECTED.search(turn.meaning.text) is not None


def _sums(form: Form, turn: Turn) -> dict[str, Any]:
    """Of two sums in one message, the one of the whole and the one that is lost; or the answer to which."""
    text, amount = turn.meaning.text, turn.meaning.slots.get("amount")
    before = {"amount": _before(turn).get("amount")}
    total = TOTAL.search(text)
    if total is None:
        asked = "value_total" in form.asked and amount is not None and before["amount"]
        return {"value_total": amount, **before} if asked else {}
    whole = _number(total.group(1))
    others = [_number(each) for each in SUM.findall(text) if _number(each) != whole]
    if others:
        return {"value_total": whole, "amount": others[0]}
    return {"value_total": whole, **before} if before["amount"] else {"value_total": whole}


def _by_piece(text: str) -> dict[str, Any]:
    """The values of what was lost and of all, where a piece has its price (4个，每个20元，碎了2个)."""
    price, broken, counts = PRICE.search(text), BROKEN.search(text), COUNTS.findall(text)
    if price is None or broken is None:
        return {}
    each = Decimal(price.group(1))
    whole = max(map(Decimal, counts), default=Decimal(0))
    found = {"amount": json_number(each * Decimal(broken.group(1)))}
    more = whole > Decimal(broken.group(1))
    return {**found, "value_total": json_number(each * whole)} if more else found


# A.3.4 b: where values are unknown the number of articles counts, then the weight.
def _missing(form: Form, text: str) -> dict[str, Any]:
    """How many articles, or how many kg, are missing of how many; and that no value can be told."""
    found: dict[str, Any] = {}
    for name, pattern in (
        ("count_missing", COUNT_MISSING),
        ("count_total", COUNT_TOTAL),
        ("weight_missing", WEIGHT_MISSING),
    ):
        if given := pattern.search(text):
            found[name] = _number(given.group(1))
    figures = NUMBER.findall(text)
    if "count" in form.asked and len(figures) == 2 and not found:
        less, more = sorted(map(_number, figures))
        found |= {"count_missing": less, "count_total": more}
    asked = {"amount", "goods", "value_total"} & set(form.asked)
    if asked and UNKNOWN_VALUE.search(text):
        found["value_unknown"] = True
    if found.keys() & {"count_missing", "weight_missing"}:
        found["extent"] = "partial"
    return found


def _number(text: str) -> int | float:
    return json_number(Decimal(text))


def _before(turn: Turn) -> Slots:
    """What the open form held before this message."""
    return turn.conversation.forms[-1].slots if turn.conversation.forms else {}

"""How the customer's own cases stand, with what comes next and by when."""

from __future__ import annotations

import re

from intents.meaning import Case, Decision, Reply, Turn
from intents.wording import wording

say = wording("case_progress")

CASE_NUMBER = re.compile(r"[A-Za-z]{2}\d{8}-\d{5}")
KINDS = ("complaint", "claim", "delivery_change", "pickup", "inquiry")
NAMED = {kind: re.compile(say(f"named_{kind}")) for kind in KINDS}
SHOWN = 3


def handle(turn: Turn) -> Decision:
    """The newest cases of this conversation or its verified phone; a stranger's are never shown."""
    forms = turn.conversation.forms
    cases = _wanted([case for case in turn.facts.cases if case.mine and case.kind in KINDS], turn)
    if cases:
        return Decision((Reply("\n".join(_line(case, turn) for case in cases[:SHOWN])),), forms)
    if forms and forms[-1].intent in ("complaint", "claim") and not CASE_NUMBER.search(turn.meaning.text):
        return Decision((Reply(say("being_filled")),), forms)
    return Decision((Reply(say("none"), (say("human"),)),), forms)


def _wanted(cases: list[Case], turn: Turn) -> list[Case]:
    """Those of a number or waybill that is named; otherwise of the kind that is named, if there are any."""
    text, waybills = turn.meaning.text, turn.meaning.slots.get("waybills")
    numbers = [number.upper() for number in CASE_NUMBER.findall(text)]
    if numbers:
        return [case for case in cases if case.number in numbers]
    if waybills:
        cases = [case for case in cases if case.waybill in waybills]
    return [case for case in cases if NAMED[case.kind].search(text)] or cases


def _line(case: Case, turn: Turn) -> str:
    upcoming = sorted(case.deadlines.items(), key=lambda item: item[1])
    name, due = upcoming[0] if upcoming else ("", None)
    return say(
        "line",
        kind=say(f"kind_{case.kind}"),
        number=case.number,
        waybill=case.waybill,
        status=say(f"status_{case.status}"),
        offered=case.outcome.get("offered") if case.status == "offered" else None,
        reason=case.outcome.get("reason_text"),
        due=due.astimezone(turn.now.tzinfo) if due else None,
        overdue=due is not None and due < turn.now,
        step=say(f"step_{name}") if name else "",
    )

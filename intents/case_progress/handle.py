"""How the customer's own cases stand, with what comes next and by when."""

from __future__ import annotations

from intents.meaning import Case, Decision, Reply, Turn
from intents.wording import wording

say = wording("case_progress")

KINDS = ("complaint", "claim", "delivery_change", "pickup")
SHOWN = 3


def handle(turn: Turn) -> Decision:
    """The newest cases of this conversation or its verified phone; a stranger's are never shown."""
    cases = [case for case in turn.facts.cases if case.mine and case.kind in KINDS]
    wanted = turn.meaning.slots.get("waybills")
    if wanted:
        cases = [case for case in cases if case.waybill in wanted]
    if not cases:
        return Decision((Reply(say("none"), (say("human"),)),), turn.conversation.forms)
    lines = "\n".join(_line(case, turn) for case in cases[:SHOWN])
    return Decision((Reply(lines),), turn.conversation.forms)


def _line(case: Case, turn: Turn) -> str:
    upcoming = sorted(case.deadlines.items(), key=lambda item: item[1])
    name, due = upcoming[0] if upcoming else ("", None)
    return say(
        "line",
        kind=say(f"kind_{case.kind}"),
        number=case.number,
        waybill=case.waybill,
        status=say(f"status_{case.status}"),
        due=due.astimezone(turn.now.tzinfo) if due else None,
        step=say(f"step_{name}") if name else "",
    )

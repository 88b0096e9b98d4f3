"""A lone value with no form open: a waybill is tracked, the rest is asked what it is for."""

from __future__ import annotations

from uuid import uuid4

from intents.form import fill
from intents.identity import proof_choices
from intents.meaning import Case, Decision, Form, Notice, Reply, Turn, UpdateCase
from intents.registry import intents
from intents.wording import wording

say = wording("inform")

SETTLED = frozenset({"closed", "paid", "rejected"})
CHOICES = tuple(map(say, ("book", "track", "complain", "claim")))


def handle(turn: Turn) -> Decision:
    if turn.meaning.slots.get("waybills"):
        return _track(turn)
    case = _case_for_evidence(turn)
    if turn.attachments and case:
        return _keep_evidence(case, turn)
    if not turn.meaning.text and turn.attachments:
        return Decision((Reply(say("picture"), CHOICES),), misunderstood=turn.conversation.misunderstood)
    if turn.meaning.slots.get("phone") and not turn.conversation.verified_phone:
        return Decision((Reply(say("phone_unproved"), (*proof_choices(), *CHOICES)),))
    return Decision((Reply(say("what_for"), CHOICES),))


def _case_for_evidence(turn: Turn) -> Case | None:
    """The newest complaint or claim of the customer's own that is not settled: pictures belong to it."""
    open_cases = (case for case in turn.facts.cases if case.mine and case.status not in SETTLED)
    return next((case for case in open_cases if case.kind in ("complaint", "claim")), None)


def _keep_evidence(case: Case, turn: Turn) -> Decision:
    evidence = [*case.form.get("evidence", ()), *(dict(each) for each in turn.attachments)]
    order = UpdateCase(
        case.number, "evidence", form={"evidence": evidence}, notice=Notice("network", "changed")
    )
    kind = say(f"kind_{case.kind}")
    return Decision((Reply(say("evidence", kind=kind, number=case.number)),), effects=(order,))


def _track(turn: Turn) -> Decision:
    tracking = intents()["tracking_query"]
    form, _ = fill(Form(uuid4().hex, tracking.label), turn.meaning, tracking.form)
    _, step = tracking.module.advance(form, turn)
    return Decision(step.replies, effects=step.effects, memory=step.memory)

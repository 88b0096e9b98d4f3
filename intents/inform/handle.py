"""A lone value with no form open: a waybill is tracked, the rest is asked what it is for."""

from __future__ import annotations

from uuid import uuid4

from intents.form import fill
from intents.identity import proof_choices
from intents.meaning import Decision, Form, Reply, Turn
from intents.registry import intents
from intents.wording import wording

say = wording("inform")

CHOICES = tuple(map(say, ("book", "track", "complain", "claim")))


def handle(turn: Turn) -> Decision:
    if turn.meaning.slots.get("waybills"):
        return _track(turn)
    if not turn.meaning.text and turn.attachments:
        return Decision((Reply(say("picture"), CHOICES),), misunderstood=turn.conversation.misunderstood)
    if turn.meaning.slots.get("phone") and not turn.conversation.verified_phone:
        return Decision((Reply(say("phone_unproved"), (*proof_choices(), *CHOICES)),))
    return Decision((Reply(say("what_for"), CHOICES),))


def _track(turn: Turn) -> Decision:
    tracking = intents()["tracking_query"]
    form, _ = fill(Form(uuid4().hex, tracking.label), turn.meaning, tracking.form)
    _, step = tracking.module.advance(form, turn)
    return Decision(step.replies, effects=step.effects, memory=step.memory)

"""Claims (理赔 A.1–A.5): the claim form, an estimate with its articles, submitted with the customer's yes."""

from __future__ import annotations

import re
from dataclasses import replace

from faq.claim_policy import ClaimVerdict, policy_value, ways_of_dispute
from faq.service_promise import claim_answer_due, claim_decision_days, last_claim_day, promise_value
from faq.shipment import Shipment
from intents.claim.case import claim_case
from intents.claim.said import PARTIAL_MATTERS, take
from intents.claim.verdict import verdict_of, with_known
from intents.form import Ask, Close, Confirm, Step, buttons, missing
from intents.identity import proof_choices
from intents.meaning import Case, Form, Reply, Slots, Turn, UpdateCase, case_number
from intents.queue_words import masked, queued
from intents.registry import intents
from intents.wording import wording

__all__ = ["advance", "complete_form", "take"]

say = wording("claim")

SUBMIT = re.compile(say("submit_pattern"))
NOT_WANTED = re.compile(say("not_wanted_pattern"))
STRANGERS_FORM = ("goods", "amount", "phone")
"""With these a person has what he needs to go on once he knows who it is."""


def advance(form: Form, turn: Turn) -> tuple[Form, Step]:
    """Waybill, factor, goods and value; who claims is checked before any sum is shown."""
    if NOT_WANTED.search(turn.meaning.text):
        return form, Close((Reply(say("not_wanted")),))
    said = form.slots.get("waybills")
    waybills = said or turn.conversation.memory.get("waybills") or ()
    if not waybills:
        return _sorry(form, Ask(("waybills",), (Reply(say("ask_waybill")),)))
    known = [waybill for waybill in waybills if waybill in turn.facts.shipments] or list(waybills)
    others = known[1:] if said and len(known) > 1 else form.slots.get("others", [])
    phone = form.slots.get("phone") or turn.conversation.verified_phone
    form = replace(form, slots={**form.slots, "waybills": known[:1], "others": others, "phone": phone})
    form, step = _of_one(form, turn, known[0])
    return form, replace(step, memory={"waybills": [known[0], *others], **step.memory})


def _of_one(form: Form, turn: Turn, waybill: str) -> tuple[Form, Step]:
    shipment = turn.facts.shipments.get(waybill)
    earlier = _earlier(waybill, shipment, turn)
    if earlier and earlier.status != "rejected":
        key = "already_paid" if earlier.status == "paid" else "already"
        due = min(earlier.deadlines.values(), default=None)
        told = due.astimezone(turn.now.tzinfo) if due and due > turn.now else None
        return form, Close((Reply(say(key, number=earlier.number, due=told), proof_choices()[1:]),))
    if shipment is None:
        return form, Ask(("waybills",), (Reply(say("not_found", waybill=waybill)),))
    form = with_known(form, shipment, turn)
    if not form.slots.get("factor"):
        choices = buttons(intents()["claim"].form["factor"])
        return _sorry(form, Ask(("factor",), (Reply(say("ask_factor"), choices),)))
    if not shipment.is_party(turn.conversation.verified_phone):
        return _stranger(form, turn)
    verdict = verdict_of(form, shipment, turn)
    early = _decided_early(form, verdict, shipment, turn, earlier)
    if early:
        return form, early
    question = _question(form, verdict)
    step: Step
    if question:
        form, step = _with_estimate(form, question, verdict)
    elif SUBMIT.search(turn.meaning.text):
        step = _submit(form, turn, shipment, verdict)
    else:
        step = _read_back(form, turn, verdict)
    return _sorry(*_heard(form, step))


def complete_form(form: Form, turn: Turn) -> Close:
    """After the yes: the claim form is submitted and the 24 hours of A.5.2 run."""
    form, step = advance(form, turn)
    if isinstance(step, Close):
        return step
    shipment = turn.facts.shipments[form.slots["waybills"][0]]
    return _submit(form, turn, shipment, verdict_of(form, shipment, turn))


def _sorry(form: Form, step: Step) -> tuple[Form, Step]:
    """Sorry once, first; of several parcels each has its own form."""
    if "sorry" in form.told:
        return form, step
    form = replace(form, told=(*form.told, "sorry"))
    several = [Reply(say("one_each", waybill=form.slots["waybills"][0]))] if form.slots.get("others") else []
    return form, replace(step, replies=(Reply(say("sorry")), *several, *step.replies))


# 投诉受理 4: who wants more than the rules give is heard, and a person decides.
def _heard(form: Form, step: Step) -> tuple[Form, Step]:
    """A word, once, to whoever asks for more than the estimate."""
    if not form.slots.get("wants_more") or "wants_more" in form.told:
        return form, step
    form = replace(form, told=(*form.told, "wants_more"))
    return form, replace(step, replies=(*step.replies[:-1], Reply(say("wants_more")), step.replies[-1]))


def _earlier(waybill: str, shipment: Shipment | None, turn: Turn) -> Case | None:
    """One waybill has one claim; what is under way counts before what was declined.

    The sender hears of one that was made elsewhere, so that no parcel is paid for twice.
    """
    sender = shipment is not None and turn.conversation.verified_phone == shipment.sender.phone
    claims = [case for case in turn.facts.cases if (case.kind, case.waybill) == ("claim", waybill)]
    under_way = [case for case in claims if case.status != "rejected" and (case.mine or sender)]
    return next(iter([*under_way, *(case for case in claims if case.mine)]), None)


def _stranger(form: Form, turn: Turn) -> tuple[Form, Step]:
    """Filing a claim needs a party, or a person of ours who checks (rules: identity); no sum is shown.

    When the customer has said what the form needs, or wants it submitted, that person is asked for.
    """
    if "handed" in form.told:
        return form, Ask(("verified",), (Reply(say("noted_waiting")),))
    first = "needs_party" not in form.told
    replies = [Reply(say("needs_party" if first else "noted"), proof_choices())]
    if first and form.slots["factor"] == "loss":
        replies.insert(0, Reply(_policy_of_loss(turn)))
    form = replace(form, told=(*form.told, "needs_party"))
    if missing(form, STRANGERS_FORM) and not SUBMIT.search(turn.meaning.text):
        return _sorry(form, Ask(("verified",), tuple(replies)))
    reply, ask = queued(turn, "rule")
    before = replies if first else []
    form = replace(form, told=(*form.told, "handed"))
    return _sorry(form, Ask(("verified",), (*before, Reply(say("handed")), reply), (ask,)))


def _policy_of_loss(turn: Turn) -> str:
    day = turn.now.date()
    return say("policy_loss", multiple=policy_value("fee_multiple", day), cap=policy_value("cap_per_kg", day))


def _lines(verdict: ClaimVerdict) -> str:
    return "\n".join(f"{text}（{rule}）" if rule else text for rule, text in verdict.explanation)


def _decided_early(
    form: Form, verdict: ClaimVerdict, shipment: Shipment, turn: Turn, declined: Case | None
) -> Close | None:
    """A refusal is kept with its reason; before the promise is over the parcel is followed instead.

    Who comes back about a claim that was declined disputes it, and a person decides (rules: the human queue).
    """
    if verdict.decision == "not_yet":
        last = last_claim_day(shipment.shipped_at.date()) if shipment.shipped_at else None
        return Close((Reply(say("not_yet", lines=_lines(verdict), last=last)),))
    if declined and (verdict.decision == "refuse" or "reason_text" in declined.outcome):
        reply, ask = queued(turn, "dispute")
        order = UpdateCase(declined.number, turn.meaning.text, "disputed")
        return Close((Reply(say("declined_before", number=declined.number)), reply), (order, ask))
    if verdict.decision != "refuse":
        return None
    ways = ways_of_dispute(bool(shipment.arbitration))
    text = say("refused", lines=_lines(verdict), number=case_number(), ways=ways)
    case, memory = claim_case(form, turn, verdict, "rejected"), {"case": case_number()}
    if "freight_of_lost_goods" not in verdict.review:
        return Close((Reply(text, proof_choices()[1:]),), (case,), memory=memory)
    # 民法典 835: whether the freight of goods lost by force majeure is given back, a person decides.
    reply, ask = queued(turn, "rule")
    return Close((Reply(text), reply), (case, ask), memory=memory)


def _question(form: Form, verdict: ClaimVerdict) -> Ask | None:
    slots = form.slots
    question = _about_goods(form, verdict)
    if question:
        return question
    by_value = slots.get("extent") == "partial" and not _counted(slots)
    for name, wanted in (
        ("count", verdict.factor == "mismatch" and _count_wanted(slots, verdict)),
        ("value_total", by_value and not slots.get("value_total") and not slots.get("value_unknown")),
        ("weight_kg", "weight_kg" in verdict.missing),
        ("phone", not slots.get("phone")),
        ("payee", not slots.get("payee")),
    ):
        if wanted:
            return Ask((name,), (Reply(say(f"ask_{name}")),))
    return None


def _count_wanted(slots: Slots, verdict: ClaimVerdict) -> bool:
    if not _counted(slots):
        return slots.get("extent") == "partial" and bool(slots.get("value_unknown"))
    return "share" in verdict.missing


def _about_goods(form: Form, verdict: ClaimVerdict) -> Ask | None:
    """What is lost, what it was worth, and whether it is all or a part."""
    slots, what = form.slots, say(f"what_{verdict.factor}")
    if verdict.factor != "delay" or slots.get("spoilt"):
        known = slots.get("value_unknown") or _counted(slots)
        lacks = missing(form, ["goods"] if known else ["goods", "amount"])
        if lacks:
            key = "ask_goods_amount" if len(lacks) == 2 else f"ask_{lacks[0]}"
            return Ask(lacks, (Reply(say(key, what=what)),))
    if not _may_be_partial(form, verdict) or slots.get("extent"):
        return None
    if verdict.factor == "mismatch":
        both = (say("all_wrong"), say("part_missing"))
        return Ask(("extent",), (Reply(say("ask_extent_mismatch"), both),))
    return Ask(("extent",), (Reply(say("ask_extent"), buttons(intents()["claim"].form["extent"])),))


def _counted(slots: Slots) -> bool:
    """Fewer articles, or less weight, of a known whole: no value need be known (A.3.4 b)."""
    return bool(slots.get("count_missing") or slots.get("weight_missing"))


def _may_be_partial(form: Form, verdict: ClaimVerdict) -> bool:
    return verdict.factor in PARTIAL_MATTERS or (verdict.factor == "delay" and bool(form.slots.get("spoilt")))


def _estimate(verdict: ClaimVerdict) -> str:
    key = "manual" if verdict.decision == "manual" else "estimate"
    return say(key, lines=_lines(verdict))


def _with_estimate(form: Form, question: Ask, verdict: ClaimVerdict) -> tuple[Form, Ask]:
    """The estimate is told once it can be worked out, and again when it changes, before the rest is asked."""
    slots, key = form.slots, f"estimate {verdict.decision} {verdict.total}"
    whole = slots.get("extent") == "total" or slots.get("value_total") or _counted(slots)
    known = not _may_be_partial(form, verdict) or whole
    # Fewer goods may be a matter of packing, other goods are not.
    told_which = verdict.factor != "mismatch" or slots.get("extent")
    sure = known if verdict.decision == "pay" else told_which and not verdict.missing
    if not sure or question.slots == ("phone",) or key in form.told:
        return form, question
    form = replace(form, told=(*form.told, key))
    text = _estimate(verdict)
    if verdict.factor == "delay" and slots.get("amount") and not slots.get("spoilt"):
        text = f"{text}\n{say('delay_tip')}"
    return form, replace(question, replies=(Reply(text), *question.replies))


def _read_back(form: Form, turn: Turn, verdict: ClaimVerdict) -> Step:
    slots = form.slots
    text = say(
        "read_back",
        estimate=_estimate(verdict),
        waybill=slots["waybills"][0],
        factor=intents()["claim"].form["factor"].choices[verdict.factor][0],
        goods=slots.get("goods"),
        amount=slots.get("amount"),
        phone=masked(slots["phone"]),
        payee=slots["payee"],
        beneficiary=slots.get("beneficiary"),
    )
    return Confirm((Reply(text, (say("confirm"), say("change"), say("cancel"))),))


def _submit(form: Form, turn: Turn, shipment: Shipment, verdict: ClaimVerdict) -> Close:
    due = claim_answer_due(turn.now)
    text = say(
        "submitted",
        number=case_number(),
        due=due.astimezone(turn.now.tzinfo),
        evidence=bool(form.slots.get("evidence")),
        days=claim_decision_days(shipment.product, turn.now.date()),
        pay_days=promise_value("claim_payment", turn.now.date()),
    )
    order = claim_case(form, turn, verdict, "submitted")
    others = form.slots.get("others", [])
    memory = {"case": case_number(), "waybills": [*others, shipment.waybill]}
    # A read-back has shown the estimate already.
    replies = [Reply(text)] if form.confirming else [Reply(_estimate(verdict)), Reply(text)]
    if others:
        memory["offered"] = "claim"
        replies.append(Reply(say("next_one", waybill=others[0]), (say("claim_button"),)))
    if verdict.decision != "manual":
        return Close(tuple(replies), (order,), memory=memory)
    reply, ask = queued(turn, "rule")
    return Close((*replies, reply), (order, ask), memory=memory)

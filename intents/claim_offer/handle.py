"""The customer's answer to an offer of staff: agreed (A.5.4) or disputed (A.5.5)."""

from __future__ import annotations

import re
from dataclasses import replace

from faq.claim_policy import ways_of_dispute
from faq.service_promise import claim_payment_due
from intents.form import Ask, Close, Step
from intents.meaning import Case, Form, Reply, Turn, UpdateCase
from intents.queue_words import queued
from intents.wording import wording

say = wording("claim_offer")

HESITATES = re.compile(say("hesitates_pattern"))


def take(form: Form, turn: Turn) -> Form:
    """What is neither yes nor no: time to think, a word on arbitration, a claim for more."""
    slots, text = dict(form.slots), turn.meaning.text
    if HESITATES.search(text):
        slots["accepted"] = "later"
    elif say("arbitration_word") in text:
        slots["accepted"] = "arbitration"
    elif not slots.get("accepted") and turn.meaning.intent in ("claim", "complaint"):
        slots["accepted"] = "no"
    return replace(form, slots=slots)


def advance(form: Form, turn: Turn) -> tuple[Form, Step]:
    """A yes agrees; a no disputes once and stays open, since the customer may still accept."""
    claim = next((case for case in turn.facts.cases if case.number == form.slots["number"]), None)
    if claim is None or claim.status not in ("offered", "disputed"):
        return form, Close(())
    total = claim.outcome.get("offered") or claim.outcome.get("total") or "0"
    accepted = form.slots.get("accepted")
    form = replace(form, slots={"number": claim.number})
    if accepted == "yes":
        return form, _agreed(claim, total, turn)
    shipment = turn.facts.shipments.get(claim.waybill)
    arbitration = shipment.arbitration if shipment else ""
    ways = ways_of_dispute(bool(arbitration))
    if accepted == "arbitration":
        text = say("arbitration", agreed=arbitration, ways=ways)
        return form, Ask(("accepted",), (Reply(text),))
    if accepted == "later":
        text = say("later", number=claim.number, total=total)
        return form, Ask(("accepted",), (Reply(text, (say("accept"), say("refuse"))),))
    if accepted == "no" and claim.status == "offered":
        reply, ask = queued(turn, "dispute")
        order = UpdateCase(claim.number, turn.meaning.text, "disputed")
        text = say("disputed", number=claim.number, ways=ways)
        return form, Ask(("accepted",), (Reply(text), reply), (order, ask))
    key = "still_disputed" if accepted == "no" else "ask"
    text = say(key, number=claim.number, total=total)
    return form, Ask(("accepted",), (Reply(text, (say("accept"), say("refuse"))),))


def _agreed(claim: Case, total: str, turn: Turn) -> Close:
    due = claim_payment_due(turn.now)
    order = UpdateCase(
        claim.number, turn.meaning.text, "agreed", outcome={"total": total}, deadlines={"payment": due}
    )
    return Close((Reply(say("agreed", number=claim.number, total=total, due=due)),), (order,))

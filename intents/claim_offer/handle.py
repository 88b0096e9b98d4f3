"""The customer's answer to an offer of staff: agreed (A.5.4) or disputed (A.5.5)."""

from __future__ import annotations

import re
from dataclasses import replace

from faq.claim_policy import ways_of_dispute
from faq.service_promise import claim_payment_due, promise_value
from intents.form import Ask, Close, Step
from intents.meaning import Case, Form, Reply, Turn, UpdateCase
from intents.queue_words import queued
from intents.registry import intents
from intents.wording import wording

say = wording("claim_offer")

HESITATES = re.compile(say("hesitates_pattern"))
ASKS = re.compile(say("asks_pattern"))
NEGATED = re.compile(say("negated_pattern"))
WAYS = re.compile(say("ways_pattern"))


def take(form: Form, turn: Turn) -> Form:
    """Time to think, a word on arbitration, a question (no yes, whatever it holds), a yes after a sigh."""
    slots, text = dict(form.slots), turn.meaning.text
    accepts, refuses = (_says(answer, text) for answer in ("yes", "no"))
    if ASKS.search(text) and not refuses and (accepts or WAYS.search(text)):
        slots["accepted"] = "asks"
    elif accepts != refuses:
        slots["accepted"] = "yes" if accepts else "no"
    if HESITATES.search(text):
        slots["accepted"] = "later"
    elif say("arbitration_word") in text:
        slots["accepted"] = "arbitration"
    elif not slots.get("accepted") and turn.meaning.intent in ("claim", "complaint"):
        slots["accepted"] = "no"
    return replace(form, slots=slots)


def _says(answer: str, text: str) -> bool:
    """Whether words of an answer stand in a text; a yes with a no before it (不太同意) is a no."""
    choices = intents()["claim_offer"].form["accepted"].choices
    negated = NEGATED.search(text) is not None
    if answer == "yes":
        return not negated and any(word in text for word in choices[answer])
    return negated or any(word in text for word in choices[answer])


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
    if accepted == "asks":
        days = promise_value("claim_payment", turn.now.date())
        text = say("asks", number=claim.number, total=total, days=days, ways=ways)
        return form, Ask(("accepted",), (Reply(text, (say("accept"), say("refuse"))),))
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

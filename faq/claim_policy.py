"""Compensation (理赔, annex A.1 to A.5): a claim's facts → a verdict with its articles and sentences.

The facts are in claim_facts.py, the sums (A.3) in claim_amount.py; the sentences stand in
data/claim_wording.yaml, beside the words of their articles and under the keys used here. A verdict is an
estimate: staff make the offer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from faq.claim_amount import frees_whole_fee, lost_share, unknown_facts, work_out
from faq.claim_facts import ClaimFacts, facts_from_shipment
from faq.claim_wording import Line, line, plain, rounded
from faq.dated import DatedValues, read_dated
from faq.service_promise import last_claim_day

__all__ = [
    "ClaimFacts",
    "ClaimVerdict",
    "assess",
    "claim_policy",
    "facts_from_shipment",
    "policy_value",
    "ways_of_dispute",
]

FILE = Path(__file__).parent / "data" / "claim_policy.yaml"
ZERO = Decimal("0.00")
CLAIMANTS = frozenset({"sender", "beneficiary"})
GOODS = frozenset({"damage", "mismatch"})
"""Factors that concern the contents of a parcel that is there."""


@dataclass(frozen=True)
class ClaimVerdict:
    """Sums in yuan to the fen, 0.00 unless `pay`."""

    decision: str
    """`pay`, `refuse`, `manual` (a person decides), `not_yet` (still inside the promise)."""
    factor: str
    """As the facts make it: an undelivered parcel is late until the total-delay limit ends, then lost."""
    extent: str = ""
    by: str = ""
    ratio: Decimal | None = None
    """Share of the value lost, 0 to 1, shown to four places; sums are worked out with the exact share."""
    fee_refund: Decimal = ZERO
    compensation: Decimal = ZERO
    total: Decimal = ZERO
    explanation: tuple[Line, ...] = ()
    reason: str = ""
    """Of a rejection, as in the HTTP contract; empty where there is simply nothing to pay for."""
    missing: tuple[str, ...] = ()
    """What must be found out first: names of ClaimFacts, or `share` (what was lost, of what)."""
    review: tuple[str, ...] = ()
    """What staff should look at: `over_insured`, `weight_said`, `weather`, `freight_of_lost_goods`."""

    @property
    def rules(self) -> tuple[str, ...]:
        """The articles that decided, each once, in order."""
        return tuple(dict.fromkeys(rule for rule, _ in self.explanation if rule))


def assess(facts: ClaimFacts, policy: DatedValues | None = None) -> ClaimVerdict:
    """Decide a claim by the values in force on the day of posting; raises NoValueInForce where none is.

    The first rule that has something to say decides: who claims, an agreement, the time, the promise; then,
    with the factor that the facts make, delivery, signature, exemption, packing; at last the amount.
    """
    for rule in (_claimant, _agreement, _window, _promise):
        verdict = rule(facts)
        if verdict:
            return verdict
    facts, lines = _with_factor(facts)
    for rule in (_delivery, _signature, _exemption, _packing):
        verdict = rule(facts)
        if verdict:
            return verdict
    verdict = _amount(facts, policy or claim_policy())
    return replace(verdict, explanation=(*lines, *verdict.explanation))


@cache
def claim_policy() -> DatedValues:
    """The shipped figures."""
    return read_dated(FILE)


def policy_value(name: str, day: date) -> Decimal:
    """A figure in force on a day: `fee_multiple`, `cap_per_kg`; raises NoValueInForce."""
    return claim_policy().value_on(name, day)


# A.5.5: negotiation first; then complaint, appeal, court. Arbitration is a way only where it was agreed
# at posting.
def ways_of_dispute(arbitration_agreed: bool) -> str:
    """What a customer can do who does not accept, in a sentence or two."""
    return line("ways_with_arbitration" if arbitration_agreed else "ways")[1]


# A.1: paid to the sender, or to the beneficiary whom the sender names.
# Whoever is not known yet is checked by a person; no sum is named.
def _claimant(facts: ClaimFacts) -> ClaimVerdict | None:
    if facts.claimant in CLAIMANTS:
        return None
    if facts.claimant == "unknown":
        return _manual(facts, "claimant_unknown", missing="claimant")
    return _refuse(facts, "not_sender", reason="not_sender")


# A.3: where there is an agreement with the customer, it goes first. We do not read it; a person does.
def _agreement(facts: ClaimFacts) -> ClaimVerdict | None:
    return _manual(facts, "special_agreement") if facts.special_agreement else None


# A.4: within one year of posting. A.2 c frees the courier only where there was neither a query nor a
# claim in that year, so a late claim after a query in time goes to a person.
def _window(facts: ClaimFacts) -> ClaimVerdict | None:
    if facts.posted_on is None:
        return _manual(facts, "unknown_posted_on", missing="posted_on")
    last = last_claim_day(facts.posted_on)
    if facts.claimed_on <= last:
        return None
    if facts.queried_within_year:
        verdict = _manual(facts, "over_one_year", last=last)
        return replace(verdict, explanation=(*verdict.explanation, line("queried")))
    return _refuse(facts, "over_one_year", reason="over_one_year", last=last)


# A.5.1: a claim may be made once the promised time is over. That is meant for what may still arrive:
# damage and mismatch are taken at once, and so is a parcel that is known to be lost.
def _promise(facts: ClaimFacts) -> ClaimVerdict | None:
    if facts.factor in GOODS or facts.found_lost or facts.missed_promise is not False:
        return None
    if facts.delivered_on is None:
        return ClaimVerdict(
            "not_yet", facts.factor, explanation=(line("not_yet", promised=facts.promised_on),)
        )
    return _refuse(facts, "on_time") if facts.factor == "delay" else None


# A.2: delay is past the promise and before the total-delay limit; loss (A.2 b) is undelivered when the
# limit is over. On the last day of the limit it is still delay, whatever the customer calls it.
def _with_factor(facts: ClaimFacts) -> tuple[ClaimFacts, tuple[Line, ...]]:
    """The facts with the factor that they make, and a word where it is not the claimed one."""
    if facts.found_lost:
        return replace(facts, factor="loss"), ()
    if facts.factor in GOODS or facts.delivered_on or facts.total_delay_on is None:
        return facts, ()
    factor = "loss" if facts.claimed_on > facts.total_delay_on else "delay"
    if factor == facts.factor:
        return facts, ()
    key = "now_loss" if factor == "loss" else "still_delay"
    return replace(facts, factor=factor), (line(key, limit=facts.total_delay_on),)


# A.2 b was met before a delivery after the limit: as late (the goods are kept) or as lost, not both; a
# person settles it with the sender. A parcel that shows as delivered and is called lost is traced first.
def _delivery(facts: ClaimFacts) -> ClaimVerdict | None:
    if facts.delivered_on is None or facts.found_lost:
        return None
    if facts.total_delay_on and facts.delivered_on > facts.total_delay_on:
        return _manual(facts, "beyond_limit", limit=facts.total_delay_on)
    return _manual(facts, "delivered_not_lost") if facts.factor == "loss" else None


# 投诉受理 3: signed for and the courier gone: politely refused. Where insured, a person decides.
def _signature(facts: ClaimFacts) -> ClaimVerdict | None:
    if facts.factor not in GOODS or not facts.signed_and_gone:
        return None
    if facts.insured:
        return _manual(facts, "after_sign_insured")
    return _refuse(facts, "after_sign", reason="after_sign")


# A.2, no liability: a) the customer's fault or the goods' nature; b) force majeure, insured parcels
# excepted. The freight of goods lost by force majeure can be asked back (民法典 835): told, and left to
# a person, and so is whether an unreachable, wrong or refused address was the customer's fault.
def _exemption(facts: ClaimFacts) -> ClaimVerdict | None:
    if facts.cause in ("customer_fault", "goods_nature"):
        return _refuse(facts, facts.cause, reason=facts.cause)
    if facts.cause == "customer_side" and not facts.found_lost:
        return _manual(facts, "customer_side")
    if facts.cause != "force_majeure" or facts.insured:
        return None
    if facts.factor != "loss":
        return _refuse(facts, "force_majeure", reason="force_majeure")
    verdict = _refuse(facts, "force_majeure_loss", reason="force_majeure")
    return replace(verdict, review=("freight_of_lost_goods",))


# 投诉受理 3: packed by the customer, in principle (原则上) no compensation; the word leaves room, so a
# person decides. Packed by us, or found to have happened in our hands: by the standard. Other goods are
# no matter of packing.
def _packing(facts: ClaimFacts) -> ClaimVerdict | None:
    concerned = facts.factor == "damage" or (facts.factor == "mismatch" and facts.mismatch_by == "quantity")
    if concerned and facts.packed_by == "customer" and not facts.found_ours:
        return _manual(facts, "packed_by_customer")
    return None


# A.3: the amount, where everything that it needs is known. A part of nothing is nothing: that is said,
# not paid.
def _amount(facts: ClaimFacts, policy: DatedValues) -> ClaimVerdict:
    verdict = _with_share(facts)
    missing = unknown_facts(facts)
    if missing:
        lines = tuple(line(f"unknown_{name}") for name in missing)
        return replace(verdict, decision="manual", explanation=lines, missing=missing)
    if not lost_share(facts) and not frees_whole_fee(facts):
        key = "nothing_missing" if facts.factor == "mismatch" else "nothing_lost"
        return replace(verdict, decision="refuse", explanation=(line(key),))
    amount = work_out(facts, policy)
    review = _review(facts)
    told = (*_told(facts), *review)
    weight = plain(facts.weight_kg) if facts.weight_kg else ""
    notes = tuple(line(key, value=facts.value_total, kg=weight) for key in told)
    return replace(
        verdict,
        fee_refund=amount.fee_refund,
        compensation=amount.compensation,
        total=amount.total,
        explanation=(*amount.lines, *notes),
        review=review,
    )


def _with_share(facts: ClaimFacts) -> ClaimVerdict:
    """A verdict to pay without its sums: factor, extent, by and share."""
    share = lost_share(facts)
    by = facts.mismatch_by if facts.factor == "mismatch" else ""
    if share is None:
        return ClaimVerdict("pay", facts.factor, facts.extent, by)
    extent = "total" if share == 1 else "partial" if share else ""
    return ClaimVerdict("pay", facts.factor, extent, by, rounded(share, "0.0001"))


# The refund goes to whoever paid the freight. Force majeure does not touch an insured parcel (A.2 b).
def _told(facts: ClaimFacts) -> tuple[str, ...]:
    told = {
        "payer_receiver": facts.fee_paid_by == "receiver",
        "force_majeure_insured": facts.cause == "force_majeure",
    }
    return tuple(key for key, holds in told.items() if holds)


# An insured amount above the value is paid, and looked at; so is a weight that only the customer said.
# Whether bad weather was force majeure is for a person: it is noted and never declared here.
def _review(facts: ClaimFacts) -> tuple[str, ...]:
    goods_paid = bool(lost_share(facts))
    over_insured = (
        facts.insured
        and facts.insured_amount is not None
        and facts.value_total is not None
        and facts.insured_amount > facts.value_total
    )
    review = {
        "over_insured": goods_paid and over_insured,
        "weight_said": goods_paid and not facts.insured and not facts.weight_confirmed,
        "weather": facts.cause == "weather" and not facts.insured,
    }
    return tuple(key for key, holds in review.items() if holds)


def _refuse(facts: ClaimFacts, key: str, reason: str = "", **figures: object) -> ClaimVerdict:
    return ClaimVerdict("refuse", facts.factor, explanation=(line(key, **figures),), reason=reason)


def _manual(facts: ClaimFacts, key: str, missing: str = "", **figures: object) -> ClaimVerdict:
    lacks = (missing,) if missing else ()
    return ClaimVerdict("manual", facts.factor, explanation=(line(key, **figures),), missing=lacks)

"""What a claim comes to (annex A.3.1 to A.3.4); the figures are in data/claim_policy.yaml.

    C           compensation of the whole parcel       A.3.2 b, c
    share       of the value that was lost, 0 to 1     A.3.3, A.3.4
    fee part    the whole freight where late, lost or wholly lost in value; otherwise share × freight
    goods part  share × C; none for a delay that took no value

Each part is rounded to the fen once, half up, at its end. Surcharges (保价费 …) never come back.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from faq.claim_facts import ClaimFacts
from faq.claim_wording import Line, line, percent, plain
from faq.dated import DatedValues

NOTHING, WHOLE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Amount:
    """The parts of a sum in yuan, to the fen, and the sentences that work it out."""

    fee_refund: Decimal
    compensation: Decimal
    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        return self.fee_refund + self.compensation


# A.3.1: a delay that took nothing from the goods has no share. A.3.2: a loss is the whole. A.3.3: total
# damage too; partial damage, value lost ÷ value in all. A.3.4: other goods are total damage (a), fewer
# or lighter ones partial (b). Where values are unknown the number counts, then the weight; more than
# declared is nothing lost.
def lost_share(facts: ClaimFacts) -> Fraction | None:
    """The exact share of the value lost; None where it is not known."""
    if facts.factor == "delay" and not facts.goods_spoilt:
        return NOTHING
    if facts.factor == "loss" or facts.extent == "total" or facts.by == "name":
        return WHOLE
    for lost, whole in (
        (facts.value_lost, facts.value_total),
        (facts.count_missing, facts.count_total),
        (facts.weight_missing, facts.weight_total),
    ):
        if lost is not None and whole is not None and whole > 0:
            return min(max(Fraction(lost) / Fraction(whole), NOTHING), WHOLE)
    return None


def unknown_facts(facts: ClaimFacts) -> tuple[str, ...]:
    """What a sum needs and is not known: `fee`, `share`, `insured_amount`, `weight_kg`.

    The weight limits only an uninsured compensation; 0 kg is unknown.
    """
    share = lost_share(facts)
    needed = {
        "fee": facts.fee is None,
        "share": share is None,
        "insured_amount": bool(share) and facts.insured and facts.insured_amount is None,
        "weight_kg": bool(share) and not facts.insured and not facts.weight_kg,
    }
    return tuple(name for name, unknown in needed.items() if unknown)


def work_out(facts: ClaimFacts, policy: DatedValues) -> Amount:
    """The sum of a claim of which nothing is unknown."""
    share = lost_share(facts)
    assert share is not None
    assert facts.fee is not None
    base, base_lines = _whole_compensation(facts, policy) if share else (Decimal(0), ())
    whole_fee = frees_whole_fee(facts)
    fee_refund = _to_fen(Fraction(facts.fee) * (WHOLE if whole_fee else share))
    compensation = _to_fen(Fraction(base) * share)
    figures = {
        "fee": facts.fee,
        "base": base,
        "percent": percent(share),
        "fee_refund": fee_refund,
        "compensation": compensation,
        "total": fee_refund + compensation,
    }
    keys_before, keys_after = _share_keys(facts, share)
    lines = (
        *(line(key, **figures) for key in keys_before),
        *base_lines,
        *(line(key, **figures) for key in (*keys_after, _fee_key(facts, share), "total")),
    )
    return Amount(fee_refund, compensation, lines)


# A.3.1, A.3.2 a, A.3.3 a, A.3.4 a. Damaged and late: the delay alone already frees the whole freight, once.
def frees_whole_fee(facts: ClaimFacts) -> bool:
    """Whether the freight comes back whole, not only in the share of the goods."""
    return facts.factor in ("delay", "loss") or lost_share(facts) == WHOLE or facts.missed_promise is True


# A.3.2 b: insured, the insured amount. c and 说明: not insured, five times the freight, at most 100 yuan
# for each kg of actual weight. That limit is on the compensation alone; the freight comes on top. The
# value of the goods is not asked: the text fixes an amount.
def _whole_compensation(facts: ClaimFacts, policy: DatedValues) -> tuple[Decimal, tuple[Line, ...]]:
    """C, for a parcel that is lost altogether, and its sentence."""
    if facts.insured and facts.insured_amount is not None:
        return facts.insured_amount, (line("insured", base=facts.insured_amount),)
    assert facts.posted_on is not None
    assert facts.fee is not None
    assert facts.weight_kg is not None
    multiple = policy.value_on("fee_multiple", facts.posted_on)
    cap = policy.value_on("cap_per_kg", facts.posted_on)
    times, limit = facts.fee * multiple, facts.weight_kg * cap
    figures = {"fee": facts.fee, "times": times, "limit": limit, "base": min(times, limit)}
    words = {"multiple": plain(multiple), "cap": plain(cap), "kg": plain(facts.weight_kg)}
    return min(times, limit), (line("uninsured", **figures, **words),)


def _share_keys(facts: ClaimFacts, share: Fraction) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sentences on the share before and after the one on C."""
    if not share or facts.factor == "loss":
        return (), ()
    if facts.factor == "mismatch":
        return (("mismatch_name",), ()) if facts.mismatch_by == "name" else ((), ("mismatch_quantity",))
    before = ("delay_spoilt",) if facts.factor == "delay" else ()
    return ((*before, "damage_total"), ()) if share == WHOLE else (before, ("damage_partial",))


def _fee_key(facts: ClaimFacts, share: Fraction) -> str:
    if not frees_whole_fee(facts):
        return "share_of_fee"
    return "delay_fee" if facts.factor == "delay" or share < WHOLE else "loss_fee"


def _to_fen(amount: Fraction) -> Decimal:
    """Half up from the exact value; a sum is never negative."""
    return Decimal(int(amount * 100 + Fraction(1, 2))).scaleb(-2)

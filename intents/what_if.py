"""What a claim would come to: a table for staff, a row for every combination of the facts that are given."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from faq.claim_policy import ClaimFacts, ClaimVerdict, assess
from faq.claim_wording import plain
from faq.service_promise import total_delay_day

FACTORS = ("loss", "damage", "mismatch", "delay")
ZONES = ("same_city", "domestic", "hk_mo", "tw", "international")
CAUSES = ("customer_fault", "goods_nature", "force_majeure", "customer_side", "weather")
POSTED_BEFORE = timedelta(days=10)
"""Where no day of posting is given."""


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The facts of a claim; of factor, fee, weight and insured amount several may be tried at once."""
    add = parser.add_argument
    add("--factor", nargs="+", choices=FACTORS, default=FACTORS, help="default: all four")
    add("--fee", nargs="+", type=_decimal, default=[None], help="freight paid, yuan, without surcharges")
    add("--weight", nargs="+", type=_decimal, default=[None], help="actual weight, kg")
    add("--insured", nargs="+", type=_decimal, default=[None], help="insured amount, yuan; 0 is not insured")
    add("--value", type=_decimal, help="value of all the contents, yuan")
    add("--lost", type=_decimal, help="value lost or damaged, yuan")
    add("--count", type=_share, metavar="MISSING/ALL", help="articles missing of how many")
    add("--missing-weight", type=_share, metavar="MISSING/ALL", help="kg missing of how many")
    add("--extent", choices=("total", "partial"), default="", help="of a damage")
    add("--by", choices=("name", "quantity"), default="", help="mismatch: other goods, or fewer")
    add("--spoilt", action="store_true", help="the delay took value from the contents")
    add("--late", action="store_true", help="damaged or short, and late")
    add("--posted", type=date.fromisoformat, help="day of posting, default ten days before the claim")
    add("--claimed", type=date.fromisoformat, help="day of the claim, default today")
    add("--promised", type=date.fromisoformat, help="promised day")
    add("--zone", choices=ZONES, default="domestic", help="gives the total-delay limit of a promise")
    add("--delivered", type=date.fromisoformat, help="day of delivery")
    add("--found-lost", action="store_true", help="the network has found it to be lost")
    add("--cause", choices=CAUSES, default="", help="an exemption of A.2")
    add("--packed-by", choices=("customer", "courier"), default="")
    add("--signed", action="store_true", help="signed for, and the courier gone")
    add("--claimant", choices=("sender", "beneficiary", "receiver", "unknown"), default="sender")
    add("--queried", action="store_true", help="asked about within the year of posting")
    add("--agreement", action="store_true", help="a special agreement with the customer")


def facts_of(given: argparse.Namespace, today: date) -> Iterator[ClaimFacts]:
    """A claim for every combination of factor, freight, weight and insured amount."""
    claimed = given.claimed or today
    posted = given.posted or claimed - POSTED_BEFORE
    missing, whole = given.count or (None, None)
    kg_missing, kg_whole = given.missing_weight or (None, None)
    common = ClaimFacts(
        posted_on=posted,
        claimed_on=claimed,
        factor="",
        extent=given.extent,
        by=given.by,
        value_total=given.value,
        value_lost=given.lost,
        count_missing=None if missing is None else int(missing),
        count_total=None if whole is None else int(whole),
        weight_missing=kg_missing,
        weight_total=kg_whole,
        goods_spoilt=given.spoilt,
        late=given.late or None,
        promised_on=given.promised,
        total_delay_on=given.promised and total_delay_day(given.promised, given.zone, posted),
        delivered_on=given.delivered,
        found_lost=given.found_lost,
        cause=given.cause,
        packed_by=given.packed_by,
        signed_and_gone=given.signed,
        claimant=given.claimant,
        queried_within_year=given.queried,
        special_agreement=given.agreement,
    )
    for factor, fee, weight, insured in product(given.factor, given.fee, given.weight, given.insured):
        yield replace(
            common, factor=factor, fee=fee, weight_kg=weight, insured=bool(insured), insured_amount=insured
        )


def headings() -> Sequence[str]:
    return tuple(_words()["headings"])


def row(facts: ClaimFacts, verdict: ClaimVerdict) -> tuple[str, ...]:
    """One line of the table; a sum only where there is one to pay."""
    words, unknown = _words(), str(_words()["unknown"])
    sums = (verdict.fee_refund, verdict.compensation, verdict.total)
    paid = [f"{each:.2f}" if verdict.decision == "pay" else "" for each in sums]
    return (
        words["factors"][verdict.factor],
        f"{facts.fee:.2f}" if facts.fee is not None else unknown,
        plain(facts.weight_kg) if facts.weight_kg else unknown,
        plain(facts.insured_amount) if facts.insured and facts.insured_amount else words["uninsured"],
        f"{plain(verdict.ratio * 100)}%" if verdict.ratio is not None else "",
        words["decisions"][verdict.decision],
        *paid,
        "、".join(verdict.rules),
    )


def verdicts(given: argparse.Namespace, now: datetime) -> list[tuple[ClaimFacts, ClaimVerdict]]:
    return [(facts, assess(facts)) for facts in facts_of(given, now.date())]


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise argparse.ArgumentTypeError(f"expected a number such as 12.50, found {text}")
    return number


def _share(text: str) -> tuple[Decimal, Decimal]:
    missing, slash, whole = text.partition("/")
    if not slash:
        raise argparse.ArgumentTypeError(f"expected missing/all such as 3/10, found {text}")
    return _decimal(missing), _decimal(whole)

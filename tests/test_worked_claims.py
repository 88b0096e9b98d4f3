"""Claims worked by hand from the annex (tests/data/worked_claims.csv): each decision, sum and article.

An empty day is posted on 2026-10-12 and claimed on 2026-11-23; `lost` and `whole` are values in yuan; `also`
has what else is so. `articles` are those that decide; A.3, under which each sum is totalled, is not repeated.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from faq.claim_policy import ClaimFacts, assess

FILE = Path(__file__).parent / "data" / "worked_claims.csv"
CASES = list(csv.DictReader(FILE.open(encoding="utf-8")))
POSTED, CLAIMED = "2026-10-12", "2026-11-23"


def also(words: str) -> dict[str, Any]:
    """Flags stand alone, values behind "=", shares as missing/total."""
    given: dict[str, Any] = {}
    for word in words.split():
        name, _, value = word.partition("=")
        match name:
            case "count":
                missing, total = map(int, value.split("/"))
                given |= {"count_missing": missing, "count_total": total}
            case "kg":
                lost, whole = map(Decimal, value.split("/"))
                given |= {"weight_missing": lost, "weight_total": whole}
            case "receiver_paid":
                given["fee_paid_by"] = "receiver"
            case "packed_by_customer":
                given["packed_by"] = "customer"
            case "premium_unpaid":
                given["insured"] = False
            case "spoilt":
                given["goods_spoilt"] = True
            case _:
                given[name] = value or True
    return given


def yuan(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text and text != "none" else None


def facts_of(case: Mapping[str, str]) -> ClaimFacts:
    named: dict[str, Any] = {
        "posted_on": day(case["posted"] or POSTED),
        "claimed_on": date.fromisoformat(case["claimed"] or CLAIMED),
        "factor": case["factor"],
        "extent": case["extent"],
        "by": case["by"],
        "fee": yuan(case["fee"]),
        "insured": bool(case["insured"]),
        "insured_amount": yuan(case["insured"]),
        "weight_kg": yuan(case["kg"]),
        "value_lost": yuan(case["lost"]),
        "value_total": yuan(case["whole"]),
        "promised_on": day(case["promised"]),
        "total_delay_on": day(case["limit"]),
        "delivered_on": day(case["delivered"]),
    }
    return ClaimFacts(**{**named, **also(case["also"])})


def title(case: Mapping[str, str]) -> str:
    return f"{case['id']} {case['title']}"


@pytest.mark.parametrize("case", CASES, ids=title)
def test_a_claim_comes_to_what_was_worked_by_hand(case: Mapping[str, str]) -> None:
    verdict = assess(facts_of(case))
    found = (verdict.decision, *(f"{each:.2f}" for each in (verdict.fee_refund, verdict.compensation)))
    assert found == (case["decision"], case["refund"], case["compensation"])
    assert (f"{verdict.total:.2f}", verdict.reason) == (case["total"], case["reason"])


@pytest.mark.parametrize("case", CASES, ids=title)
def test_a_claim_names_the_articles_that_decide_it(case: Mapping[str, str]) -> None:
    named = set(case["articles"].split("|"))
    assert set(assess(facts_of(case)).rules) - {"A.3"} == named - {"A.3"}


def test_the_table_holds_every_factor_insured_and_not_and_every_decision() -> None:
    assert len(CASES) >= 60
    kinds = Counter((case["factor"], bool(case["insured"])) for case in CASES)
    assert len(kinds) == 8
    assert {case["decision"] for case in CASES} == {"pay", "refuse", "manual", "not_yet"}

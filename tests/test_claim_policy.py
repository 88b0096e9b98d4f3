"""Compensation: the worked examples, situations (rules/claims.yaml), and what holds for every claim."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.claim_policy import (
    ClaimFacts,
    assess,
    claim_policy,
    facts_from_shipment,
    policy_value,
    ways_of_dispute,
)
from faq.claim_wording import FILE as WORDING
from faq.dated import NoValueInForce, read_dated
from faq.service_promise import last_claim_day, total_delay_day
from faq.shipment import shipment_from_json

HERE = Path(__file__).parent
EXAMPLES = json.loads((HERE / "data" / "claim_examples.json").read_text("utf-8"))["claims"]
SITUATIONS = yaml.safe_load((HERE / "rules" / "claims.yaml").read_text("utf-8"))

FACTOR = {"undelivered": "delay", "delivered_late": "delay"}
CAUSE = {
    "inherent": "goods_nature",
    "sender_misdeclared": "customer_fault",
    "force_majeure": "force_majeure",
}
MISMATCH = {"name": "name", "quantity": "quantity", "weight": "quantity"}
UNSHIFTED = {"C34": "2026-11-21", "C39": "2027-11-13", "C45": "2027-11-07", "C46": "2027-11-07"}
"""Last days that the examples move past a weekend; the contract keeps the same date a year on."""


def amount(given: Mapping[str, Any], key: str) -> Decimal | None:
    return Decimal(given[key]) if given.get(key) is not None else None


def count(given: Mapping[str, Any], key: str) -> int | None:
    return int(given[key]) if key in given else None


def day(given: Mapping[str, Any], key: str) -> date | None:
    return date.fromisoformat(given[key]) if key in given else None


def facts_of(given: Mapping[str, Any]) -> ClaimFacts:
    """A worked example's input as facts; the weight is the actual one, as the contract has it."""
    promised = day(given, "promised_on")
    return ClaimFacts(
        posted_on=day(given, "accepted_on"),
        claimed_on=date.fromisoformat(given["claim_on"]),
        factor=FACTOR.get(given["factor"], given["factor"]),
        extent="total" if given.get("full") else "",
        by=MISMATCH.get(given.get("mismatch", ""), ""),
        fee=amount(given, "service_fee"),
        insured=given.get("insured", False),
        insured_amount=amount(given, "insured_amount"),
        weight_kg=amount(given, "actual_weight_kg"),
        value_total=amount(given, "total_value") or amount(given, "value"),
        value_lost=amount(given, "lost_value"),
        count_total=count(given, "total_count"),
        count_missing=count(given, "lost_count"),
        weight_total=amount(given, "total_weight"),
        weight_missing=amount(given, "lost_weight"),
        goods_spoilt=given.get("delay_value_loss", False),
        promised_on=promised,
        total_delay_on=promised and total_delay_day(promised, given["zone"], promised),
        delivered_on=day(given, "delivered_on"),
        late=given.get("also_late"),
        signed_and_gone=given.get("signed_and_courier_left", False),
        cause=CAUSE.get(given.get("cause", ""), ""),
        packed_by="customer" if given.get("cause") == "customer_packaging" else "",
        claimant=given.get("claimant", "sender"),
        queried_within_year="query_on" in given,
        special_agreement="contract" in given,
    )


def title(example: Mapping[str, Any]) -> str:
    return f"{example['id']} {example['title']}"


@pytest.mark.parametrize("example", EXAMPLES, ids=title)
def test_worked_example_is_decided_as_written_or_as_the_contract_says(example: Mapping[str, Any]) -> None:
    verdict = assess(facts_of(example["input"]))
    expected = example["expect"]["decision"]
    assert verdict.decision == example.get("contract", {}).get("decision", expected)


AS_WRITTEN = [example for example in EXAMPLES if "contract" not in example]
PAID = [example for example in AS_WRITTEN if example["expect"]["decision"] == "pay"]


@pytest.mark.parametrize("example", AS_WRITTEN, ids=title)
def test_worked_example_comes_to_the_sum(example: Mapping[str, Any]) -> None:
    verdict = assess(facts_of(example["input"]))
    expected = example["expect"]
    sums = (str(verdict.fee_refund), str(verdict.compensation), str(verdict.total))
    assert sums == (expected["fee_refund"], expected["compensation"], expected["total"])


@pytest.mark.parametrize("example", PAID, ids=title)
def test_worked_example_names_factor_share_and_review(example: Mapping[str, Any]) -> None:
    verdict = assess(facts_of(example["input"]))
    expected = example["expect"]
    numerator, _, denominator = expected["ratio"].partition("/")
    share = Decimal(numerator) / Decimal(denominator or 1)
    assert verdict.factor == expected["factor"]
    assert verdict.ratio is not None
    assert abs(verdict.ratio - share) < Decimal("0.0001")
    assert bool(verdict.review) == ("review" in expected)


@pytest.mark.parametrize("example", AS_WRITTEN, ids=title)
def test_worked_example_names_its_article(example: Mapping[str, Any]) -> None:
    reason = example["expect"]["reason"][0]
    article = re.match(r"(A\.\d(?:\.\d)?(?: [abc](?=\)))?|投诉受理 3)", reason)
    assert article is not None
    rules = assess(facts_of(example["input"])).rules
    assert any(rule.startswith(article.group(1)) for rule in rules)


DATED = [example for example in EXAMPLES if "last_claim_day" in example["expect"]]


@pytest.mark.parametrize("example", DATED, ids=title)
def test_worked_example_has_its_last_day(example: Mapping[str, Any]) -> None:
    posted = date.fromisoformat(example["input"]["accepted_on"])
    expected = UNSHIFTED.get(example["id"], example["expect"]["last_claim_day"])
    assert last_claim_day(posted).isoformat() == expected


@pytest.mark.parametrize("situation", SITUATIONS["situations"], ids=lambda each: each["name"])
def test_situation_is_decided_as_written(situation: Mapping[str, Any]) -> None:
    shipment = shipment_from_json("300100000001", {**SITUATIONS["shipment"], **situation["shipment"]})
    said = {key: decimal_or_same(value) for key, value in situation.get("said", {}).items()}
    claimed = datetime.fromisoformat(f"{situation['claimed']}+08:00")
    facts = facts_from_shipment(shipment, situation["factor"], claimed, **said)
    verdict = assess(facts)
    expect = situation["expect"]
    found = {key: plain(getattr(verdict, key)) for key in expect if key != "says"}
    assert found == {key: value for key, value in expect.items() if key != "says"}
    sentences = "".join(text for _, text in verdict.explanation)
    assert [words for words in expect.get("says", []) if words not in sentences] == []


def decimal_or_same(value: Any) -> Any:
    """Decimal text of the file as a Decimal; words and counts as they are."""
    return Decimal(value) if isinstance(value, str) and value.replace(".", "").isdigit() else value


def plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else str(value)


def test_a_loss_is_explained_with_each_figure_and_article() -> None:
    facts = facts_of(EXAMPLES[1]["input"])
    assert assess(facts).explanation == (
        (
            "A.3.2 c",
            "快件未保价，全部损失按运费12.00元的5倍（60.00元）赔偿，最高每公斤100元（1公斤为100.00元），取较小的60.00元。",
        ),
        ("A.3.2 a", "退还本次运费12.00元，保价费等附加费用不退。"),
        ("A.3", "按本公司规定预计合计72.00元（退还运费12.00元＋赔偿60.00元）。"),
    )


def test_a_partial_damage_is_explained_by_its_share() -> None:
    facts = facts_of(next(each["input"] for each in EXAMPLES if each["id"] == "C09"))
    assert [text for _, text in assess(facts).explanation][1:] == [
        "内件部分损毁，损失占30%，按丢失赔偿的30%计算：赔偿75.00元×30%＝22.50元。",
        "运费按同样的比例退还：15.00元×30%＝4.50元。",
        "按本公司规定预计合计27.00元（退还运费4.50元＋赔偿22.50元）。",
    ]


def test_no_sentence_calls_it_law_or_a_promise_to_pay() -> None:
    sentences = [row["text"] for row in yaml.safe_load(WORDING.read_text("utf-8")).values()]
    banned = ("法律规定", "同意赔付", "三倍", "3倍", "邮政法")
    assert [text for text in sentences for words in banned if words in text] == []


def test_every_sum_is_called_an_estimate_by_the_companys_rules() -> None:
    verdicts = [assess(facts_of(example["input"])) for example in PAID]
    unmarked = [verdict for verdict in verdicts if "按本公司规定预计" not in str(verdict.explanation)]
    assert unmarked == []


def test_arbitration_is_a_way_only_where_it_was_agreed_at_posting() -> None:
    assert "按寄件时的约定申请仲裁" in ways_of_dispute(arbitration_agreed=True)
    assert "申请仲裁" not in ways_of_dispute(arbitration_agreed=False)
    assert "仲裁只适用于寄件时已有约定的快件" in ways_of_dispute(arbitration_agreed=False)


@pytest.mark.parametrize("way", ["协商", "投诉", "申诉", "12305", "起诉"])
def test_a_dispute_has_its_other_ways_always(way: str) -> None:
    assert way in ways_of_dispute(arbitration_agreed=False)
    assert way in ways_of_dispute(arbitration_agreed=True)


def test_the_figures_are_those_in_force_on_the_day_of_posting(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(
        """
fee_multiple: {article: A, unit: times, standing: ours, values: {2026-01-01: "5", 2026-11-01: "7"}}
cap_per_kg: {article: A, unit: yuan, standing: ours, values: {2026-01-01: "100.00"}}
""",
        "utf-8",
    )
    policy = read_dated(file)
    facts = replace(LOST, weight_kg=Decimal(5), claimed_on=date(2026, 11, 23))
    october, november = date(2026, 10, 31), date(2026, 11, 1)
    assert assess(replace(facts, posted_on=october), policy).compensation == Decimal("60.00")
    assert assess(replace(facts, posted_on=november), policy).compensation == Decimal("84.00")


def test_a_day_without_a_figure_is_an_error() -> None:
    with pytest.raises(NoValueInForce, match="fee_multiple"):
        policy_value("fee_multiple", date(1999, 12, 31))


def test_an_unknown_figure_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(NoValueInForce, match=r"claim_policy\.yaml: expected one of fee_multiple, cap_per_kg"):
        claim_policy().value_on("multiple", date(2026, 11, 23))


@pytest.mark.parametrize(
    "row",
    [
        "{article: A, unit: kg, values: {2026-01-01: '1'}}",
        "{article: A, unit: kg, standing: ours, values: {}}",
        "{article: A, unit: kg, standing: ours, values: {2026-01-01: many}}",
        "{article: A, unit: kg, standing: ours, values: {soon: '1'}}",
        "{article: A, unit: kg, standing: ours, values: 5}",
        "5",
    ],
)
def test_a_figure_that_cannot_be_read_is_named_with_its_file(tmp_path: Path, row: str) -> None:
    file = tmp_path / "figures.yaml"
    file.write_text(f"cap: {row}", "utf-8")
    with pytest.raises(ValueError, match=r"figures\.yaml: cap: "):
        read_dated(file)


LOST = ClaimFacts(
    posted_on=date(2026, 10, 12),
    claimed_on=date(2026, 11, 23),
    factor="loss",
    fee=Decimal("12.00"),
    weight_kg=Decimal(1),
)

YUAN = st.decimals(0, 100_000, places=2)
KG = st.none() | st.decimals(0, 500, places=3)
COUNT = st.none() | st.integers(-3, 50)
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
ANY_CLAIM = st.builds(
    ClaimFacts,
    posted_on=st.none() | DAYS,
    claimed_on=DAYS,
    factor=st.sampled_from(["delay", "loss", "damage", "mismatch"]),
    extent=st.sampled_from(["", "total", "partial"]),
    by=st.sampled_from(["", "name", "quantity"]),
    fee=st.none() | YUAN,
    insured=st.booleans(),
    insured_amount=st.none() | YUAN,
    weight_kg=KG,
    value_total=st.none() | YUAN,
    value_lost=st.none() | YUAN,
    count_total=COUNT,
    count_missing=COUNT,
    weight_total=KG,
    weight_missing=KG,
    goods_spoilt=st.booleans(),
    promised_on=st.none() | DAYS,
    total_delay_on=st.none() | DAYS,
    delivered_on=st.none() | DAYS,
    late=st.none() | st.booleans(),
    found_lost=st.booleans(),
    found_ours=st.booleans(),
    cause=st.sampled_from(["", "", "weather", "customer_fault", "customer_side", "force_majeure"]),
    packed_by=st.sampled_from(["", "customer", "courier"]),
    claimant=st.sampled_from(["sender", "sender", "beneficiary", "receiver", "unknown"]),
    queried_within_year=st.booleans(),
)
PAYABLE = st.builds(
    replace,
    st.just(replace(LOST, factor="damage")),
    factor=st.sampled_from(["delay", "damage", "mismatch"]),
    fee=YUAN,
    insured=st.booleans(),
    insured_amount=YUAN,
    weight_kg=st.decimals("0.001", 500, places=3),
    value_total=st.decimals("0.01", 100_000, places=2),
    goods_spoilt=st.booleans(),
    late=st.none() | st.just(True),
)


@given(ANY_CLAIM)
@settings(max_examples=300)
def test_every_claim_gets_a_consistent_verdict_with_a_sentence(facts: ClaimFacts) -> None:
    verdict = assess(facts)
    assert verdict.decision in ("pay", "refuse", "manual", "not_yet")
    assert verdict.total == verdict.fee_refund + verdict.compensation
    assert min(verdict.fee_refund, verdict.compensation) >= 0
    assert verdict.decision == "pay" or verdict.total == 0
    assert verdict.rules
    assert verdict.ratio is None or 0 <= verdict.ratio <= 1


@given(PAYABLE, YUAN)
def test_a_sum_never_exceeds_the_whole_compensation_and_the_freight(facts: ClaimFacts, lost: Decimal) -> None:
    verdict = assess(replace(facts, value_lost=lost))
    assert facts.fee is not None
    assert facts.insured_amount is not None
    assert facts.weight_kg is not None
    limit = facts.insured_amount if facts.insured else min(facts.fee * 5, facts.weight_kg * 100)
    assert verdict.fee_refund <= facts.fee
    assert verdict.compensation <= limit + Decimal("0.005")


@given(PAYABLE, YUAN, YUAN)
def test_who_lost_more_never_gets_less(facts: ClaimFacts, one: Decimal, other: Decimal) -> None:
    less, more = sorted((one, other))
    assert assess(replace(facts, value_lost=less)).total <= assess(replace(facts, value_lost=more)).total


MORE = st.decimals(0, 10_000, places=2)


@given(PAYABLE, YUAN, MORE)
def test_who_paid_more_freight_never_gets_less(facts: ClaimFacts, lost: Decimal, more: Decimal) -> None:
    facts = replace(facts, value_lost=lost)
    assert facts.fee is not None
    assert assess(replace(facts, fee=facts.fee + more)).total >= assess(facts).total


@given(PAYABLE, YUAN, MORE)
def test_a_heavier_parcel_never_gets_less(facts: ClaimFacts, lost: Decimal, more: Decimal) -> None:
    facts = replace(facts, value_lost=lost)
    assert facts.weight_kg is not None
    assert assess(replace(facts, weight_kg=facts.weight_kg + more)).total >= assess(facts).total


@given(PAYABLE, YUAN, MORE)
def test_who_insured_more_never_gets_less(facts: ClaimFacts, lost: Decimal, more: Decimal) -> None:
    facts = replace(facts, value_lost=lost, insured=True)
    assert facts.insured_amount is not None
    insured_for_more = replace(facts, insured_amount=facts.insured_amount + more)
    assert assess(insured_for_more).total >= assess(facts).total


@given(PAYABLE, YUAN, KG)
def test_the_weight_is_nothing_to_an_insured_parcel(
    facts: ClaimFacts, lost: Decimal, kg: Decimal | None
) -> None:
    facts = replace(facts, value_lost=lost, insured=True)
    assert assess(replace(facts, weight_kg=kg)) == assess(facts)


@given(ANY_CLAIM)
def test_the_weight_never_changes_what_an_insured_claim_comes_to(facts: ClaimFacts) -> None:
    facts = replace(facts, insured=True)
    verdict, weightless = assess(facts), assess(replace(facts, weight_kg=None))
    assert (verdict.decision, verdict.total) == (weightless.decision, weightless.total)

"""The written entries: found by meaning, filled with the courier's figures, faults told with their place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Settings
from bot.reference import read_knowledge
from faq.answer import Entries, Entry, check_entries, read_entry
from faq.answer_values import entry_values
from faq.faults import Fault
from faq.knowledge import Knowledge

ENTRIES = Entries(
    [
        Entry("price", ("运费怎么算", "快递费怎么收"), "price", "首重{{ first }}元"),
        Entry("invoice", ("怎么开发票", "能开增值税发票吗"), "other", "请提供抬头和税号"),
        Entry("redelivery", ("错过派送怎么办", "没在家能再送吗"), "other", "免费再派送{{ free }}次"),
    ]
)


@pytest.fixture
def knowledge(settings: Settings) -> Knowledge:
    return read_knowledge(settings)[0]


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("邮费咋收的", "price"),
        ("运费怎么算？", "price"),
        ("给开个发票呗", "invoice"),
        ("昨天没在家，能不能再送一趟", "redelivery"),
    ],
)
def test_other_words_find_the_entry(question: str, entry: str) -> None:
    assert ENTRIES.search(question)[0].entry.id == entry


def test_a_wording_sent_back_verbatim_is_certain() -> None:
    assert ENTRIES.search("能开增值税发票吗")[0].score == 100.0


def test_what_has_nothing_in_common_scores_low() -> None:
    assert all(found.score < 30 for found in ENTRIES.search("明天会下雨么"))


def test_only_entries_of_a_topic_are_searched_where_one_is_given() -> None:
    assert {found.entry.topic for found in ENTRIES.search("费用发票怎么弄", topic="other")} == {"other"}


def test_the_answer_takes_its_figures_from_values() -> None:
    assert ENTRIES.render(ENTRIES.entries[0], {"first": "12.00"}) == "首重12.00元"


def test_an_unknown_value_is_a_fault_with_its_entry() -> None:
    faults = check_entries(ENTRIES, {"first": "12.00"})
    assert [(fault.file, "free" in str(fault)) for fault in faults] == [("faq/redelivery.md", True)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("---\nquestions: []\ntopic: price\n---\n答", "questions"),
        ("---\nquestions: [几点]\ntopic: hours\n---\n答", "topic"),
        ("---\nquestions: [几点]\ntopic: other\n---\n", "answer"),
        ("---\nquestions: [几点\n---\n答", "front matter"),
        ("没有开头", "questions"),
    ],
)
def test_a_bad_file_is_told_with_its_place(text: str, place: str) -> None:
    faults: list[Fault] = []
    assert read_entry("bad", text, faults) is None
    assert (faults[0].file, faults[0].place) == ("faq/bad.md", place)


def test_the_shipped_entries_are_many_and_each_wording_finds_its_own(knowledge: Knowledge) -> None:
    entries = knowledge.entries
    assert len(entries) >= 60
    for entry in entries.entries:
        for question in entry.questions:
            assert entries.search(question)[0].entry.id == entry.id


def test_no_two_shipped_entries_share_a_wording(knowledge: Knowledge) -> None:
    questions = [question for entry in knowledge.entries.entries for question in entry.questions]
    assert len(questions) == len(set(questions))


def test_the_shipped_answers_are_short_and_keep_to_the_rules(knowledge: Knowledge) -> None:
    values = entry_values(knowledge)
    for entry in knowledge.entries.entries:
        answer = knowledge.entries.render(entry, values)
        assert 0 < len(answer) <= 200, entry.id
        assert not any(word in answer for word in ("法律规定最多", "同意赔付", "三倍", "{{", "大概")), (
            entry.id
        )


def test_figures_are_never_typed_into_an_entry(knowledge: Knowledge) -> None:
    figures = {
        value
        for value in entry_values(knowledge).values()
        if isinstance(value, str) and value.strip("0123456789.:") == "" and len(value) > 2
    }
    for entry in knowledge.entries.entries:
        assert not any(figure in entry.answer for figure in figures), entry.id


@given(st.text(max_size=60))
def test_any_text_can_be_searched(text: str) -> None:
    assert all(0 <= found.score <= 100 for found in ENTRIES.search(text))

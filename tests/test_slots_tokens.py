"""The words that stand around the values of a message."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.slots import read
from intents.slots.spans import PLACE, Found
from intents.slots.tokens import tokens
from tests.slots_at import NOW


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("寄打.火机行吗", ["寄", "打火机", "行", "吗"]),
        ("几本书", ["#", "本", "书"]),
        ("少了两瓶香水", ["少", "了", "#", "瓶", "香水"]),
    ],
)
def test_a_figure_counts_as_one_and_a_disguised_word_as_itself(text: str, words: list[str]) -> None:
    assert [word.text for word in tokens(text, [])] == words


def test_a_hidden_value_is_one_word() -> None:
    found = tokens(f"寄到{PLACE * 4}多少钱", [Found(2, 6, None)])
    assert [(word.start, word.end, word.text) for word in found][1:3] == [(1, 2, "到"), (2, 6, PLACE)]


@settings(max_examples=150)
@given(st.text(alphabet="寄到北京的打.火·机3两箱书 ,a*点明天", max_size=40))
def test_words_stand_in_order_and_leave_no_character_out(text: str) -> None:
    reading = read(text, NOW)
    ends = [0, *(word.end for word in reading.tokens)]
    assert all(end <= word.start for end, word in zip(ends, reading.tokens, strict=False))
    covered = {at for word in reading.tokens for at in range(word.start, word.end)}
    assert set(range(len(reading.rest))) - covered <= {
        at for at, sign in enumerate(reading.rest) if sign in ".·*"
    }

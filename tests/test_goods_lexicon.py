"""The lists of articles: the longest name, of Latin letters only whole words."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.slots.goods_lexicon import ARTICLES, BLOCKED, STRONG, WEAK, lexicon


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("寄两箱脐橙到北京", ["脐橙"]),
        ("我的 winter jackets 和 nail polish", ["winter jackets", "nail polish"]),
        ("the watch was watched", ["watch"]),
        ("寄件T恤和u盘".lower(), ["t恤", "u盘"]),
    ],
)
def test_names_are_found_whole(text: str, said: list[str]) -> None:
    found = [text[start:end] for start, end, kind in lexicon().words(text) if kind in (STRONG, WEAK)]
    assert found == said


def test_an_article_that_hides_in_another_word_is_blocked() -> None:
    assert [kind for _, _, kind in lexicon().words("机器人")] == [BLOCKED]


def test_no_list_repeats_what_it_or_another_has() -> None:
    listed = [
        word
        for path in sorted(ARTICLES.glob("*.txt"))
        for line in path.read_text("utf-8").splitlines()
        if not line.startswith("#")
        for word in line.removeprefix(WEAK).removeprefix(BLOCKED).split()
    ]
    assert [word for word, count in Counter(listed).items() if count > 1] == []


@given(st.text(alphabet="茶叶脐橙机器人watches 3", max_size=30))
def test_words_stand_in_order_and_apart(text: str) -> None:
    spans = [(start, end) for start, end, _ in lexicon().words(text)]
    assert spans == sorted(spans)
    assert all(start < end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))

"""Words as WeChat shows them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat_text import MAX_BYTES, shown, split


def test_choices_are_numbered_lines() -> None:
    assert shown("请核对", ["确认", "修改"]) == "请核对\n1. 确认\n2. 修改"
    assert shown("好的", []) == "好的"


@given(st.text(alphabet="一二。，\nab👍é", max_size=400), st.integers(min_value=8, max_value=80))
def test_a_long_text_is_split_without_losing_a_character(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(len(part.encode()) <= limit for part in parts)
    assert "".join(parts).replace("\n", "") == text.replace("\n", "")


def test_a_cut_prefers_the_end_of_a_line_then_of_a_sentence() -> None:
    assert split("一二三四五\n六。七八九", 30) == ["一二三四五", "六。七八九"]
    assert split("一二三四五六。七八九", 27) == ["一二三四五六。", "七八九"]


def test_a_full_message_is_2048_bytes() -> None:
    assert split("寄" * 682 + "ab") == ["寄" * 682 + "ab"]
    assert [len(part.encode()) for part in split("寄" * 700)] == [MAX_BYTES - 2, 54]

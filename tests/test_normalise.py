"""One spelling for matching."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.normalise import MAX_CHARACTERS, normalise, tidy


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("　１３８　００１３８０００　", "138 00138000"),
        ("你好，在吗？", "你好,在吗?"),
        ("請問什麼時候會送達", "请问什么时候会送达"),
        ("臺北市信義區", "台北市信义区"),
        ("㎏ ㎥ ①", "kg m3 1"),
        ("a\r\n\r\n  b\t c", "a\nb c"),
        ("零\u200b宽", "零宽"),
        ("1️⃣", "1"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_width_script_and_spaces_are_made_one(typed: str, normal: str) -> None:
    assert normalise(typed) == normal


def test_full_stops_and_enumeration_commas_stay_chinese() -> None:
    assert normalise("好。甲、乙") == "好。甲、乙"


def test_tidy_keeps_the_script_as_typed() -> None:
    assert tidy("寄兩箱茶葉，謝謝") == "寄兩箱茶葉,謝謝"


def test_a_broken_character_is_replaced() -> None:
    assert normalise("寄\ud800书") == "寄?书"


def test_two_thousand_characters_are_read() -> None:
    assert len(normalise("寄" * 5000)) == MAX_CHARACTERS


@settings(max_examples=200)
@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x9FFF), max_size=40))
def test_tidying_twice_changes_nothing(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)

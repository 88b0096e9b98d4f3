"""Both segmenters cut alike, so a model made with one may be served with the other."""

import pytest

from faq import segment
from intents.features import with_placeholders
from intents.normalise import normalise
from intents.sentences import read_sentences

SEGMENTERS = pytest.mark.parametrize("cut", [segment._jieba(), segment._rjieba()], ids=["jieba", "rjieba"])


@SEGMENTERS
def test_the_trade_s_words_are_never_cut(cut: segment.Cut) -> None:
    assert cut("我要索赔保价费") == ["我", "要", "索赔", "保价费"]


@SEGMENTERS
@pytest.mark.parametrize("text", ["", "a", "ABC 123", "寄到杭州\n西湖区", "😀好的", "𠮷野家"])
def test_words_joined_give_the_text_again(cut: segment.Cut, text: str) -> None:
    assert "".join(cut(text)) == text


def test_the_faster_segmenter_gives_the_same_words_as_jieba() -> None:
    slow, fast = segment._jieba(), segment._rjieba()
    typed = [with_placeholders(normalise(text).lower()) for _, text in read_sentences()]
    assert [fast(text) for text in typed] == [slow(text) for text in typed]

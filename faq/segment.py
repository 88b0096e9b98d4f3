"""Words of a Chinese text: rjieba where it is installed, otherwise jieba; both with the trade's own words."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

WORDS = Path(__file__).parent / "data" / "segment_words.txt"
FREQUENCY = 100_000
"""Above every compound of the dictionary, so that a trade word is never cut."""

Cut = Callable[[str], list[str]]


def words(text: str) -> list[str]:
    """The words of a text in order; joined they give the text again."""
    return start()(text)


@lru_cache(maxsize=1)
def start() -> Cut:
    """Make the segmenter ready (about 0.6 s with jieba), so that no customer waits for it."""
    try:
        return _rjieba()
    except ImportError:
        return _jieba()


def trade_words() -> list[str]:
    """The words of segment_words.txt."""
    lines = map(str.strip, WORDS.read_text("utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _rjieba() -> Cut:
    from rjieba import Jieba

    tokenizer = Jieba()
    for word in trade_words():
        tokenizer.add_word(word, FREQUENCY, None)

    def cut(text: str) -> list[str]:
        found: list[str] = tokenizer.cut(text, False)
        return found

    return cut


def _jieba() -> Cut:
    """jieba's own start-up leaves a pickle in the shared temporary folder that anybody may replace; reading
    the dictionary directly takes 0.2 s more than the pickle and leaves nothing behind."""
    import jieba

    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    for word in trade_words():
        tokenizer.add_word(word, FREQUENCY)

    def cut(text: str) -> list[str]:
        found: list[str] = tokenizer.lcut(text, HMM=False)
        return found

    return cut

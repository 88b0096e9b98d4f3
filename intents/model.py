"""A linear model over TF-IDF features of a message, served with plain numpy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import repeat
from math import log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intents.features import WHOLE, tokens
from intents.wishes import Ranking

UNKNOWN = "out_of_scope"
"""The label of what is not understood."""
SEPARATOR = "\x00"
OFTEN = np.array([0.0, *(1.0 + log(count) for count in range(1, 64))], np.float32)
"""Sublinear term frequency by count."""
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Model:
    """A linear model over TF-IDF features. The last row of `weights` is the bias."""

    labels: tuple[str, ...]
    vocabulary: Mapping[str, int]
    """Token → its row in `weights`."""
    idf: NDArray[np.float32]
    """One weight a row, and last that of a token that no sentence has."""
    weights: NDArray[np.float16]
    temperature: float = 1.0
    floor: float = 0.0
    """Below this probability a message counts as not understood."""
    _table: Floats = field(init=False, repr=False, compare=False)
    """The weights with nothing in the last row, where unknown tokens point."""
    _bias: Floats = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        table = self.weights.astype(np.float32)
        object.__setattr__(self, "_bias", table[-1].copy())
        table[-1] = 0
        object.__setattr__(self, "_table", table)

    def predict(self, text: str) -> Ranking:
        """The labels of a message, best first; `out_of_scope` is put in front of an uncertain one, and of one
        in which no character is known."""
        counts = Counter(tokens(text))
        scores = self.scores(counts) / self.temperature
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        ranking = sorted(zip(self.labels, shares.tolist(), strict=True), key=lambda pair: -pair[1])
        signs = (each for each in counts if each[0] == WHOLE or (len(each) == 1 and not each.isspace()))
        known = any(sign in self.vocabulary for sign in signs)
        if (known and ranking[0][1] >= self.floor) or UNKNOWN not in self.labels:
            return ranking
        return sorted(ranking, key=lambda pair: (pair[0] != UNKNOWN, -pair[1]))

    def surest(self, text: str) -> tuple[str, float]:
        """The likeliest label of a message and its probability, with no floor under it."""
        scores = self.scores(Counter(tokens(text))) / self.temperature
        best = int(scores.argmax())
        return self.labels[best], 1.0 / float(np.exp(scores - scores[best]).sum())

    def best(self, counts: Mapping[str, int]) -> str:
        """The likeliest label of a bag of tokens."""
        return self.labels[int(self.scores(counts).argmax())]

    def scores(self, counts: Mapping[str, int]) -> Floats:
        """The uncalibrated score of each label for a bag of tokens."""
        rows, values = self.vector(counts)
        out: Floats = values @ self._table.take(rows, axis=0) + self._bias
        return out

    def vector(self, counts: Mapping[str, int]) -> tuple[NDArray[np.intp], Floats]:
        """Rows and values of the unit-length TF-IDF vector; unknown tokens share the row behind the last."""
        unknown = len(self.idf) - 1
        rows = np.fromiter(map(self.vocabulary.get, counts, repeat(unknown)), np.intp, len(counts))
        often = np.fromiter(counts.values(), np.intp, len(counts))
        values = OFTEN.take(np.minimum(often, len(OFTEN) - 1)) * self.idf.take(rows)
        return rows, values / (sqrt(values @ values) or 1.0)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `of` makes the model from again."""
        return {
            "labels": np.array(self.labels),
            "vocabulary": np.frombuffer(SEPARATOR.join(self.vocabulary).encode(), np.uint8),
            "idf": self.idf,
            "weights": self.weights,
            "calibration": np.array([self.temperature, self.floor]),
        }

    @staticmethod
    def of(arrays: Mapping[str, NDArray[Any]], known: dict[str, str]) -> Model:
        """The model of stored arrays; `known` lets several models hold each token once."""
        temperature, floor = arrays["calibration"].tolist()
        words = arrays["vocabulary"].tobytes().decode().split(SEPARATOR)
        return Model(
            labels=tuple(arrays["labels"].tolist()),
            vocabulary={known.setdefault(word, word): row for row, word in enumerate(words)},
            idf=arrays["idf"],
            weights=arrays["weights"],
            temperature=temperature,
            floor=floor,
        )

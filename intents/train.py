"""Sentences → model: a linear support vector machine over TF-IDF features, fitted in numpy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from intents.features import WHOLE, tokens
from intents.model import UNKNOWN, Model
from intents.sentences import Line

Floats = NDArray[np.float64]
Loss = Callable[[Floats], tuple[float, Floats]]

PENALTY = 0.5
"""Weight of the L2 penalty; half or twice of it moves cross-validated macro-F1 by less than half a point."""
STEPS = 45
MEMORY = 8
"""Past steps that the quasi-Newton method keeps."""
EVENING = 0.25
"""How far the steps of frequent and rare features are evened: the power of their curvature that is taken out.
With 45 steps the loss is within 1 % of its least, with 60 within 0.2 %; without, that takes hundreds."""
FOLDS = 5
THREADS = 2
LEAST, RARE = 2, 10_000
"""A token of fewer sentences than that, or than one in so many, is not kept unless it is a whole message."""
FAINT = 0.5
"""Share of the tokens that are dropped after training: those that move every label least."""
TEMPERATURES = np.arange(0.05, 1.01, 0.01)
FLOORS = np.arange(0.0, 0.61, 0.02)
TOLERANCE = 0.001
"""Macro-F1 given up for asking again rather than guessing."""


@dataclass(frozen=True)
class HeldBack:
    """What models that had not seen a line say about it: one row of scores a line."""

    labels: tuple[str, ...]
    scores: Floats
    truth: NDArray[np.int64]
    """The index of each line's label."""

    def shares(self, temperature: float) -> Floats:
        return softmax(self.scores / temperature)


def train(lines: Sequence[Line]) -> Model:
    """A calibrated model of the lines; the same lines in the same order give the same arrays."""
    bags, labels = bags_of(lines)
    temperature, floor = calibrate(bags, labels)
    return replace(fit(bags, labels), temperature=temperature, floor=floor)


def bags_of(lines: Sequence[Line]) -> tuple[list[Counter[str]], list[str]]:
    """What `fit` takes: the tokens of each line, and its label."""
    return [Counter(tokens(text)) for _, text in lines], [label for label, _ in lines]


def calibrate(bags: Sequence[Counter[str]], labels: Sequence[str]) -> tuple[float, float]:
    """Temperature and floor, by what a model of four fifths of the lines says of the rest."""
    held_back = cross_validate(bags, labels, FOLDS, judged=1)
    temperature = best_temperature(held_back)
    return temperature, _best_floor(held_back, temperature)


def fit(bags: Sequence[Mapping[str, int]], labels: Sequence[str]) -> Model:
    """An uncalibrated model of token counts and their labels."""
    names = tuple(sorted(set(labels)))
    vocabulary, idf = _vocabulary(bags)
    empty = Model(names, vocabulary, idf, np.zeros((len(idf), len(names)), np.float16))
    truth = np.zeros((len(bags), len(names)))
    truth[np.arange(len(bags)), [names.index(label) for label in labels]] = 1.0
    rows = _Rows.of((empty.vector(bag) for bag in bags), len(vocabulary))
    scale = _curvature(rows, truth) ** -EVENING
    loss = _loss(rows, truth)

    def scaled(weights: Floats) -> tuple[float, Floats]:
        value, slope = loss(scale * weights)
        return value, scale * slope

    return _without_faint(empty, scale * _minimise(scaled, np.zeros(empty.weights.shape)))


def _without_faint(model: Model, weights: Floats) -> Model:
    """The model with weights, in half precision, without the tokens that hardly move any label."""
    loudest = np.abs(weights[:-1]).max(axis=1) * model.idf[:-1]
    kept = np.flatnonzero(loudest >= np.quantile(loudest, FAINT))
    names = list(model.vocabulary)
    return replace(
        model,
        vocabulary={names[row]: place for place, row in enumerate(kept.tolist())},
        idf=model.idf[np.append(kept, -1)],
        weights=weights[np.append(kept, -1)].astype(np.float16),
    )


def cross_validate(
    bags: Sequence[Counter[str]], labels: Sequence[str], folds: int = FOLDS, judged: int = FOLDS
) -> HeldBack:
    """Scores of each line of the first `judged` folds by a model of the others, as the lines stand.

    The lines of a label are dealt out to the folds in turn.
    """
    names = tuple(sorted(set(labels)))
    seen: Counter[str] = Counter()
    fold_of = np.zeros(len(labels), np.int64)
    for index, label in enumerate(labels):
        fold_of[index] = seen[label] % folds
        seen[label] += 1
    scores = np.zeros((len(labels), len(names)))

    def judge(fold: int) -> None:
        kept = np.flatnonzero(fold_of != fold).tolist()
        model = fit([bags[i] for i in kept], [labels[i] for i in kept])
        places = [names.index(label) for label in model.labels]
        for index in np.flatnonzero(fold_of == fold).tolist():
            scores[index, places] = model.scores(bags[index])

    with ThreadPoolExecutor(THREADS) as pool:  # numpy lets go of the interpreter in the long sums.
        list(pool.map(judge, range(judged)))
    truth = np.array([names.index(label) for label in labels])
    return HeldBack(names, scores[fold_of < judged], truth[fold_of < judged])


def softmax(scores: Floats) -> Floats:
    shares: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return shares


def f1_scores(truth: NDArray[np.int64], said: NDArray[np.int64], count: int) -> Floats:
    """F1 of each of `count` classes; 1 for a class that is neither there nor said."""
    hits = np.bincount(truth[truth == said], minlength=count)
    total = np.bincount(truth, minlength=count) + np.bincount(said, minlength=count)
    return np.where(total > 0, 2 * hits / np.maximum(total, 1), 1.0)


def _vocabulary(bags: Sequence[Mapping[str, int]]) -> tuple[dict[str, int], NDArray[np.float32]]:
    """Row of each token in order of name; its smoothed idf, and last that of an unknown token."""
    spread = Counter(token for bag in bags for token in bag)
    least = max(LEAST, len(bags) / RARE)
    kept = sorted(token for token, count in spread.items() if count >= least or token.startswith(WHOLE))
    idf = [sqrt(log((1 + len(bags)) / (1 + spread[token])) + 1) for token in kept]
    unknown = sqrt(log(1 + len(bags)) + 1)
    return {token: row for row, token in enumerate(kept)}, np.array([*idf, unknown], np.float32)


def best_temperature(held_back: HeldBack) -> float:
    """The temperature under which the held-back lines are least surprising."""
    rows = np.arange(len(held_back.truth))
    losses = [-np.log(held_back.shares(t)[rows, held_back.truth] + 1e-12).mean() for t in TEMPERATURES]
    return round(float(TEMPERATURES[int(np.argmin(losses))]), 2)


def _best_floor(held_back: HeldBack, temperature: float) -> float:
    """The highest probability below which "not understood" costs next to no macro-F1 on held-back lines."""
    if UNKNOWN not in held_back.labels:
        return 0.0
    shares = held_back.shares(temperature)
    best, unknown = shares.argmax(axis=1), held_back.labels.index(UNKNOWN)
    said = [np.where(shares.max(axis=1) < floor, unknown, best) for floor in FLOORS]
    values = np.array([f1_scores(held_back.truth, guess, len(held_back.labels)).mean() for guess in said])
    return round(float(FLOORS[np.flatnonzero(values >= values.max() - TOLERANCE)[-1]]), 2)


@dataclass(frozen=True)
class _Rows:
    """A sparse matrix, one row a message, in both orders of reading. Sums run in a fixed order."""

    shape: tuple[int, int]
    by_row: _Runs
    by_column: _Runs

    @staticmethod
    def of(vectors: Iterable[tuple[NDArray[np.intp], NDArray[np.float32]]], width: int) -> _Rows:
        pairs = list(vectors)
        row_of = np.repeat(np.arange(len(pairs)), [len(rows) for rows, _ in pairs])
        column_of = np.concatenate([rows for rows, _ in pairs])
        values = np.concatenate([given for _, given in pairs]).astype(np.float64)
        known = column_of < width
        row_of, column_of, values = row_of[known], column_of[known], values[known]
        order = np.argsort(column_of, kind="stable")
        return _Rows(
            (len(pairs), width),
            _Runs.of(row_of, column_of, values),
            _Runs.of(column_of[order], row_of[order], values[order]),
        )

    def times(self, table: Floats) -> Floats:
        return self.by_row.times(table, self.shape[0])

    def turned_times(self, table: Floats) -> Floats:
        return self.by_column.times(table, self.shape[1])

    def turned_squares_times(self, table: Floats) -> Floats:
        squares = replace(self.by_column, values=self.by_column.values**2)
        return squares.times(table, self.shape[1])


@dataclass(frozen=True)
class _Runs:
    """The entries of a sparse matrix in runs of the same row; `others` are their columns."""

    present: NDArray[np.int64]
    starts: NDArray[np.int64]
    others: NDArray[np.int64]
    values: Floats

    @staticmethod
    def of(runs: NDArray[np.int64], others: NDArray[np.int64], values: Floats) -> _Runs:
        present, starts = np.unique(runs, return_index=True)
        return _Runs(present, starts, others, values)

    def times(self, table: Floats, height: int) -> Floats:
        """Column by column, which is six times as fast as all columns at once."""
        out = np.zeros((table.shape[1], height))
        for row, column in zip(out, np.ascontiguousarray(table.T), strict=True):
            if len(self.present):
                row[self.present] = np.add.reduceat(self.values * column[self.others], self.starts)
        return np.ascontiguousarray(out.T)


def _loss(rows: _Rows, truth: Floats) -> Loss:
    """Squared hinge of each label against the rest plus the L2 penalty, and the gradient.

    A rare label's own lines weigh as much together as a common one's.
    """
    due, share, sign = _due(truth), PENALTY / len(truth), 2 * truth - 1

    def loss(weights: Floats) -> tuple[float, Floats]:
        short = np.maximum(0.0, 1 - sign * (rows.times(weights[:-1]) + weights[-1]))
        error = -2 * due * sign * short
        value = float((due * short * short).sum()) + share / 2 * float((weights * weights).sum())
        slope = np.concatenate([rows.turned_times(error), error.sum(axis=0, keepdims=True)])
        return value, slope + share * weights

    return loss


def _due(truth: Floats) -> Floats:
    """What each sentence counts for each label."""
    return np.where(truth > 0, 1 / (truth.shape[1] * truth.sum(axis=0)), 1 / len(truth))


def _curvature(rows: _Rows, truth: Floats) -> Floats:
    """How the loss bends along each weight while no margin is kept yet."""
    due = _due(truth)
    bent = np.concatenate([rows.turned_squares_times(due), due.sum(axis=0, keepdims=True)])
    return 2 * bent + PENALTY / len(truth)


def _minimise(loss: Loss, start: Floats) -> Floats:
    """L-BFGS with a halving line search: full batches, no chance, no threads that sum in another order."""
    here, (value, slope) = start, loss(start)
    past: list[tuple[Floats, Floats]] = []
    for _ in range(STEPS):
        step = _direction(slope, past)
        descent, size = float((step * slope).sum()), 1.0
        while size > 1e-6:
            there = here + size * step
            new_value, new_slope = loss(there)
            if new_value <= value + 1e-4 * size * descent:
                break
            size /= 2
        past = [*past[-MEMORY + 1 :], (there - here, new_slope - slope)]
        if value - new_value <= 1e-7 * abs(value):
            return there if new_value <= value else here
        here, value, slope = there, new_value, new_slope
    return here


def _direction(slope: Floats, past: Sequence[tuple[Floats, Floats]]) -> Floats:
    """The two-loop recursion: the slope turned by what the past steps say of the curvature."""
    step, shares = -slope, []
    for moved, bent in reversed(past):
        share = float((moved * step).sum()) / float((moved * bent).sum())
        shares.append(share)
        step = step - share * bent
    if past:
        moved, bent = past[-1]
        step = step * (float((moved * bent).sum()) / float((bent * bent).sum()))
    for (moved, bent), share in zip(past, reversed(shares), strict=True):
        step = step + (share - float((bent * step).sum()) / float((moved * bent).sum())) * moved
    return step

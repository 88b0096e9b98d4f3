"""How good understanding is: accuracy, F1, confusions, slots, and how far confidence can be believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from intents.sentences import Line, Meant
from intents.train import bags_of, best_temperature, cross_validate, f1_scores, train
from intents.understand import labelled, understand

BINS = 10
MOST_CONFUSED = 12


def report_on_test(learned: Sequence[Line], tested: Sequence[Line]) -> str:
    """Train on some lines, test on others."""
    model = train(learned)
    truth = [label for label, _ in tested]
    return _report(truth, [model.predict(text)[0][0] for _, text in tested])


def report_on_meanings(wanted: Sequence[Meant]) -> str:
    """The whole of understanding, with the stored model, against messages of which all is known."""
    meanings = [understand(each.text, each.now) for each in wanted]
    intents = _report([each.intent for each in wanted], [meaning.intent for meaning in meanings])
    right, missed, made_up = Counter[str](), Counter[str](), Counter[str]()
    for each, meaning in zip(wanted, meanings, strict=True):
        found = labelled(meaning)
        agreed = {name for name, value in each.slots.items() if found.get(name) == value}
        right.update(agreed)
        missed.update(set(each.slots) - agreed)
        made_up.update(set(found) - agreed)
    return intents + "\n\n" + _slots(right, missed, made_up)


def _slots(right: Counter[str], missed: Counter[str], made_up: Counter[str]) -> str:
    """A row a slot; a wrong value counts as missed and as made up."""
    lines = [f"slot micro-F1  {_f1(right.total(), missed.total(), made_up.total()):.4f}"]
    lines.append("                    F1     right  missed  made up")
    for name in sorted({*right, *missed, *made_up}):
        counts = (right[name], missed[name], made_up[name])
        lines.append(f"  {name:<18}{_f1(*counts):.3f}{counts[0]:>8}{counts[1]:>8}{counts[2]:>9}")
    return "\n".join(lines)


def _f1(right: int, missed: int, made_up: int) -> float:
    return 2 * right / (2 * right + missed + made_up) if right else 0.0


def report_on_own(lines: Sequence[Line]) -> str:
    """Cross-validation, with a table of how often each height of confidence is right."""
    bags, labels = bags_of(lines)
    held_back = cross_validate(bags, labels)
    shares = held_back.shares(best_temperature(held_back))
    said = [held_back.labels[index] for index in shares.argmax(axis=1)]
    truth = [label for label, _ in lines]
    right = np.array([a == b for a, b in zip(truth, said, strict=True)])
    return _report(truth, said) + "\n\n" + _reliability(shares.max(axis=1), right)


def _report(truth: Sequence[str], said: Sequence[str]) -> str:
    names = sorted({*truth, *said})
    place = {name: index for index, name in enumerate(names)}
    scores = f1_scores(_places(truth, place), _places(said, place), len(names))
    known = sorted(set(truth))
    counts, wrong = Counter(truth), Counter((a, b) for a, b in zip(truth, said, strict=True) if a != b)
    accuracy = 1 - wrong.total() / len(truth)
    macro = float(np.mean([scores[place[name]] for name in known]))
    lines = [f"messages  {len(truth)}", f"accuracy  {accuracy:.4f}", f"macro-F1  {macro:.4f}", "", "F1"]
    lines += [f"  {name:<18}{scores[place[name]]:.3f}  of {counts[name]}" for name in known]
    lines += ["", "most confused (meant → understood)"]
    lines += [f"  {count:>4}  {a} → {b}" for (a, b), count in wrong.most_common(MOST_CONFUSED)]
    return "\n".join(lines)


def _places(labels: Sequence[str], place: dict[str, int]) -> NDArray[np.int64]:
    return np.array([place[label] for label in labels], np.int64)


def _reliability(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> str:
    """A row for each tenth of confidence, and the mean distance between confidence and truth."""
    lines, gap = ["confidence  messages  said   right"], 0.0
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    for index in range(BINS):
        inside = bins == index
        if inside.any():
            said, true = confidence[inside].mean(), right[inside].mean()
            gap += abs(said - true) * inside.mean()
            lines.append(
                f"{index / BINS:.1f} to {(index + 1) / BINS:.1f}  {inside.sum():>8}  {said:.3f}  {true:.3f}"
            )
    return "\n".join([*lines, f"expected calibration error  {gap:.3f}"])

"""The stored models: of the intents, of each sub-label, of what each mention is for, and of the article."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intents.model import Model
from intents.sentences import HERE
from intents.stamp import stamp
from intents.wishes import weigh

PATH = HERE / "model.npz"
GOODS, PLAIN = "goods", "plain"
"""The names of the stored tagger and of the words that it need not see."""
INTENT = "intent"
"""The name of the model of intents; the others bear the name of their slot or kind of mention."""


class StaleModel(Exception):
    """The stored models are missing or were not made from the sentences that are there now."""


@dataclass(frozen=True)
class Trained:
    """Everything that was learnt from the sentences."""

    models: Mapping[str, Model]
    goods: bytes
    """The conditional random field that marks the article, as CRFsuite stores it."""
    plain: frozenset[str]
    """Words with which no article begins: a message of nothing else need not be marked."""


def save(learnt: Trained, path: Path = PATH, sentences: Path = HERE) -> None:
    """Store what was learnt from the sentences in a folder."""
    arrays: dict[str, NDArray[Any]] = {
        "names": np.array(list(learnt.models)),
        "stamp": np.array(stamp(sentences)),
        GOODS: np.frombuffer(learnt.goods, np.uint8),
        PLAIN: np.frombuffer("\n".join(sorted(learnt.plain)).encode(), np.uint8),
    }
    for name, model in learnt.models.items():
        arrays.update({f"{name}.{part}": array for part, array in model.arrays().items()})
    np.savez_compressed(path, allow_pickle=False, **arrays)


def load(path: Path = PATH, sentences: Path = HERE) -> Trained:
    """What was stored; StaleModel where it is not of the sentences in `sentences`, or of other code."""
    if not path.exists():
        raise StaleModel(f"{path} is missing: run `python -m intents train`")
    with np.load(path, allow_pickle=False) as stored:
        if "stamp" not in stored or str(stored["stamp"]) != stamp(sentences):
            raise StaleModel(
                f"{path} is older than its sentences or their reading: run `python -m intents train`"
            )
        known: dict[str, str] = {}
        models = {name: Model.of(_part(stored, name), known) for name in stored["names"].tolist()}
        plain = frozenset(stored[PLAIN].tobytes().decode().split("\n"))
        return Trained(models, stored[GOODS].tobytes(), plain)


def _part(stored: Mapping[str, NDArray[Any]], name: str) -> dict[str, NDArray[Any]]:
    return {key.partition(".")[2]: stored[key] for key in stored if key.startswith(f"{name}.")}


@cache
def trained(path: Path = PATH) -> Trained:
    """What was stored, read once; StaleModel where it is not of today's sentences."""
    return load(path)


def load_model() -> Model:
    """The stored model of the intents."""
    return trained().models[INTENT]


def classify(text: str) -> tuple[str, float, tuple[str, ...]]:
    """The intent of a message, its confidence, and the real second wishes (docs/labels.md, `also`)."""
    model = load_model()
    return weigh(text, model.predict, model.surest)

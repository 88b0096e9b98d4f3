"""The stored models, one of the intents and one for each sub-label, and what they say of a message."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intents.features import version
from intents.model import Model
from intents.sentences import HERE, digest
from intents.wishes import weigh

PATH = HERE / "model.npz"
INTENT = "intent"
"""The name of the model of intents among the stored ones; the others bear the name of their slot."""


class StaleModel(Exception):
    """The stored models are missing or were not made from the sentences that are there now."""


def save(models: Mapping[str, Model], path: Path = PATH, sentences: Path = HERE) -> None:
    """Store the models of the sentences in a folder."""
    arrays = {"names": np.array(list(models)), "stamp": np.array(digest(sentences, version()))}
    for name, model in models.items():
        arrays.update({f"{name}.{part}": array for part, array in model.arrays().items()})
    np.savez_compressed(path, allow_pickle=False, **arrays)


def load(path: Path = PATH, sentences: Path = HERE) -> Mapping[str, Model]:
    """The stored models; StaleModel where they are not of the sentences in `sentences`."""
    if not path.exists():
        raise StaleModel(f"{path} is missing: run `python -m intents train`")
    with np.load(path, allow_pickle=False) as stored:
        if "stamp" not in stored or str(stored["stamp"]) != digest(sentences, version()):
            raise StaleModel(f"{path} is older than its sentences: run `python -m intents train`")
        arrays = dict(stored)
    return {name: Model.of(_part(arrays, name)) for name in arrays["names"].tolist()}


def _part(arrays: Mapping[str, NDArray[Any]], name: str) -> dict[str, NDArray[Any]]:
    return {key.partition(".")[2]: array for key, array in arrays.items() if key.startswith(f"{name}.")}


@cache
def load_models(path: Path = PATH) -> Mapping[str, Model]:
    """The stored models, read once; StaleModel where they are not of today's sentences."""
    return load(path)


def load_model() -> Model:
    """The stored model of the intents."""
    return load_models()[INTENT]


def classify(text: str) -> tuple[str, float, tuple[str, ...]]:
    """The intent of a message, its confidence, and the real second wishes (docs/labels.md, `also`)."""
    return weigh(text, load_model().predict)

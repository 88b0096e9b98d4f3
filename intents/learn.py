"""Sentences → all that is served: the models of intents, kinds and roles, and the tagger of the article."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import pycrfsuite

from intents.classify import INTENT, Trained
from intents.goods import BEGINS, marks_of
from intents.goods import evidence as goods_evidence
from intents.kinds import SLOTS, evidence
from intents.model import Model
from intents.normalise import normalise
from intents.roles import KINDS, role_of
from intents.roles import evidence as role_evidence
from intents.sentences import HERE, SAID_AT, Meant, read_kinds, read_labelled, read_marked, read_sentences
from intents.slots import Reading, read
from intents.slots.tokens import Token
from intents.train import bags_of, calibrate, fit
from intents.understand import WORDLESS

CRF = {"c1": 0.1, "c2": 0.05, "feature.minfreq": 2, "max_iterations": 60}
"""A little L1 makes the field a quarter as large at no loss."""
NAMED = 4
"""How often a sentence counts that names an article: three in four name none, and a miss costs a question."""
RARELY = 0.005
"""A word that begins an article more seldom counts as one that begins none: of 390 articles of fresh messages
three would be lost, and half of the messages need not be marked."""
PROCESSES = 2


def learn(folder: Path = HERE) -> Trained:
    """What is served, of the sentences in a folder; the same sentences give the same bytes."""
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        # The longest come first, so that no process is left with one while the other rests.
        goods, intents = pool.submit(goods_tagger, folder), pool.submit(intent_model, folder)
        calibration = pool.submit(calibration_of, folder)
        roles, kinds = pool.submit(role_models, folder), pool.submit(kind_models, folder)
        temperature, floor = calibration.result()
        model = replace(intents.result(), temperature=temperature, floor=floor)
        return Trained({INTENT: model, **kinds.result(), **roles.result()}, *goods.result())


def intent_model(folder: Path) -> Model:
    return fit(*bags_of(read_sentences(folder)))


def calibration_of(folder: Path) -> tuple[float, float]:
    """The temperature and the floor of the model of intents."""
    return calibrate(*bags_of(read_sentences(folder)))


def kind_models(folder: Path) -> dict[str, Model]:
    models = {}
    for intent, slot in SLOTS.items():
        rows = read_kinds(intent, slot, folder)
        bags = [evidence(normalise(text), intent) for _, text in rows]
        models[slot] = fit(bags, [kind for kind, _ in rows])
    return models


def role_models(folder: Path) -> dict[str, Model]:
    """A model for each kind of mention, of the messages of which all is known."""
    rows = [
        (mention.kind, role_evidence(reading, at, (meant.intent, *meant.also)), role_of(mention, meant.slots))
        for meant, reading in _read(folder)
        for at, mention in enumerate(reading.mentions)
        if mention.values
    ]
    return {
        kind: fit(
            [bag for each, bag, _ in rows if each == kind], [role for each, _, role in rows if each == kind]
        )
        for kind in KINDS
    }


def goods_tagger(folder: Path) -> tuple[bytes, frozenset[str]]:
    """The conditional random field of the article, and the words with which none begins.

    It learns of all sentences in which a desk has something to do.
    """
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", params=CRF, verbose=False)
    seen, begun = Counter[str](), Counter[str]()
    for words, article in [*_marked(folder), *_labelled(folder)]:
        marks = marks_of(words, article)
        seen.update(word.text for word in words)
        begun.update(word.text for word, mark in zip(words, marks, strict=True) if mark == BEGINS)
        for _ in range(NAMED if article else 1):
            trainer.append(goods_evidence(words), marks)
    plain = frozenset(word for word, count in seen.items() if begun[word] <= RARELY * count)
    with TemporaryDirectory() as place:
        trainer.train(str(Path(place) / "goods"))
        return (Path(place) / "goods").read_bytes(), plain


Article = tuple[Sequence[Token], tuple[int, int] | None]


def _marked(folder: Path) -> Iterator[Article]:
    for sentence in read_marked(folder):
        if sentence.intent not in WORDLESS:
            reading = read(sentence.text, SAID_AT)
            if reading.typed == sentence.text or not sentence.article:
                yield reading.tokens, sentence.article
            else:
                yield from _found(reading, sentence.text[slice(*sentence.article)])


def _labelled(folder: Path) -> Iterator[Article]:
    for meant, reading in _read(folder):
        yield from _found(reading, meant.slots.get("goods", ""))


def _read(folder: Path) -> Iterator[tuple[Meant, Reading]]:
    """The labelled messages in which a desk has something to do."""
    for each in read_labelled(folder):
        if each.intent not in WORDLESS:
            yield each, read(each.text, each.now)


def _found(reading: Reading, article: str) -> Iterator[Article]:
    """A message with where its article stands; none where it does not stand in the text as it was read."""
    at = reading.typed.find(article) if article else -1
    if not article or at >= 0:
        yield reading.tokens, (at, at + len(article)) if article else None

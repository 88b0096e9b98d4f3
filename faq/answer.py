"""The courier's written entries, found by what a question means rather than by its letters.

An entry's score has two parts: how much of the question's weight (rare words and pairs of characters
weigh more, as in BM25) the entry covers, and how alike the nearest of its wordings is by rapidfuzz over
jieba tokens with synonyms folded.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import frontmatter
import yaml
from jinja2 import Environment, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from rapidfuzz import fuzz

from faq.faults import Fault
from faq.segment import words

TOPICS = frozenset(
    {
        "price",
        "transit_time",
        "service_area",
        "prohibited_goods",
        "insurance",
        "packaging",
        "claim_policy",
        "service_hours",
        "other",
    }
)
FILE = Path(__file__).parent / "data" / "synonyms.yaml"
RECALLED = 12
IN_ANSWER = 0.5
"""A term that only the answer has counts for so much of one in the questions."""
LIKENESS = 0.3
"""Weight of the likeness beside the coverage, which weighs 1."""
PUNCTUATION = re.compile(r"[\s\W_]+")
JINJA = re.compile(r"\{[{%].*?[}%]\}")


@dataclass(frozen=True)
class Entry:
    """One written entry: the ways it is asked, its topic, and the Jinja source of its answer."""

    id: str
    questions: tuple[str, ...]
    topic: str
    answer: str


@dataclass(frozen=True)
class Scored:
    """An entry with the nearest of its questions; `score` is 0 to 100."""

    entry: Entry
    question: str
    score: float


class Entries:
    """All entries of a courier, indexed once."""

    def __init__(self, entries: Sequence[Entry] = ()) -> None:
        self.entries = tuple(entries)
        self._exact = {_bare(question): entry for entry in self.entries for question in entry.questions}
        self._keys = [[_key(question) for question in entry.questions] for entry in self.entries]
        self._index = _Coverage(
            [
                ({*_terms(" ".join(keys))}, {*_terms(_key(_prose(entry.answer)))})
                for keys, entry in zip(self._keys, self.entries, strict=True)
            ]
        )
        self._templates = cache(_environment().from_string)

    def __len__(self) -> int:
        return len(self.entries)

    def search(self, text: str, limit: int = 3, topic: str | None = None) -> list[Scored]:
        """The nearest entries, best first, each once; only those of a topic where one is given."""
        exact = self._exact.get(_bare(text))
        if exact is not None and topic in (None, exact.topic):
            rest = [each for each in self._nearest(text, limit, topic) if each.entry is not exact]
            return [Scored(exact, text, 100.0), *rest][:limit]
        return self._nearest(text, limit, topic)

    def _nearest(self, text: str, limit: int, topic: str | None) -> list[Scored]:
        key = _key(text)
        found = []
        for place, coverage in self._index.best(set(_terms(key)), RECALLED):
            entry = self.entries[place]
            if topic is not None and entry.topic != topic:
                continue
            likeness, nearest = max(
                (_likeness(key, other), -index) for index, other in enumerate(self._keys[place])
            )
            score = (100 * coverage + LIKENESS * likeness) / (1 + LIKENESS)
            found.append(Scored(entry, entry.questions[-nearest], score))
        return sorted(found, key=lambda each: -each.score)[:limit]

    def render(self, entry: Entry, values: Mapping[str, Any]) -> str:
        """The answer with the courier's figures in it."""
        return self._templates(entry.answer).render(**values).strip()


def read_entry(name: str, text: str, faults: list[Fault]) -> Entry | None:
    """An entry from its file; what is wrong is added to the faults."""
    file = f"faq/{name}.md"
    try:
        metadata, answer = frontmatter.parse(text)
    except yaml.YAMLError:
        faults.append(Fault(file, "front matter", "valid YAML between two lines of ---"))
        return None
    questions: Any = metadata.get("questions")
    topic = metadata.get("topic")
    found = len(faults)
    if not isinstance(questions, list) or not questions or not all(isinstance(one, str) for one in questions):
        faults.append(Fault(file, "questions", "a list of at least one question", str(questions or "")))
    if topic not in TOPICS:
        faults.append(Fault(file, "topic", "one of " + ", ".join(sorted(TOPICS)), str(topic or "")))
    if not answer.strip():
        faults.append(Fault(file, "answer", "text after the front matter"))
    if len(faults) > found:
        return None
    return Entry(name, tuple(questions), str(topic), answer)


def check_entries(entries: Entries, values: Mapping[str, Any]) -> list[Fault]:
    """The entries whose answers cannot be filled in, with what stands in the way."""
    faults = []
    for entry in entries.entries:
        try:
            entries.render(entry, values)
        except (TemplateError, TypeError, ValueError) as error:
            known = "a value that is known: " + ", ".join(sorted(values))
            faults.append(Fault(f"faq/{entry.id}.md", "answer", known, str(error)))
    return faults


def _environment() -> Environment:
    return SandboxedEnvironment(undefined=StrictUndefined, autoescape=False, trim_blocks=True)


def _likeness(one: str, other: str) -> float:
    """Likeness of two keys, 0 to 100: of their words in any order, or of their characters in order."""
    return max(fuzz.token_sort_ratio(one, other), fuzz.ratio(one.replace(" ", ""), other.replace(" ", "")))


def _prose(answer: str) -> str:
    """An answer without its Jinja."""
    return JINJA.sub(" ", answer)


@cache
def _folded() -> tuple[Mapping[str, str], frozenset[str], re.Pattern[str]]:
    data = yaml.safe_load(FILE.read_text("utf-8"))
    same = {word: group[0] for group in data["same"] for word in group}
    longest = sorted(same, key=len, reverse=True)
    return same, frozenset(data["empty"]), re.compile("|".join(map(re.escape, longest)))


def _bare(text: str) -> str:
    return PUNCTUATION.sub("", text).lower()


def _key(text: str) -> str:
    """A question as its meaningful words, synonyms folded, separated by blanks."""
    same, empty, pattern = _folded()
    plain = pattern.sub(lambda found: same[found.group()], PUNCTUATION.sub(" ", text.lower()))
    kept = [word for word in words(plain) if word.strip() and word not in empty]
    return " ".join(kept) or plain


def _terms(key: str) -> list[str]:
    joined = key.replace(" ", "")
    pairs = [joined[place : place + 2] for place in range(len(joined) - 1)]
    return [*key.split(), *joined, *pairs]


class _Coverage:
    """How much of a query's weight each document covers, by an inverted index; rare terms weigh more."""

    def __init__(self, documents: Sequence[tuple[set[str], set[str]]]) -> None:
        self._postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, (asked, told) in enumerate(documents):
            for term in asked | told:
                self._postings[term].append((place, 1.0 if term in asked else IN_ANSWER))
        self._total = len(documents)

    def best(self, query: set[str], limit: int) -> list[tuple[int, float]]:
        """Documents with the share of the query that they cover, 0 to 1, best first."""
        weights = {term: self._weight(term) for term in query}
        whole = sum(weights.values()) or 1.0
        shares: defaultdict[int, float] = defaultdict(float)
        for term, weight in weights.items():
            for place, share in self._postings.get(term, ()):
                shares[place] += weight * share / whole
        return sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]

    def _weight(self, term: str) -> float:
        """BM25's inverse document frequency."""
        found = len(self._postings.get(term, ()))
        return math.log(1 + (self._total - found + 0.5) / (found + 0.5))

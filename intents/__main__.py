"""The command line of understanding and rules: parse, train, check, evaluate, review, explain, claim."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from intents import what_if
from intents.check import faults
from intents.classify import INTENT, PATH, StaleModel, load, load_model, save
from intents.evaluate import report_on_meanings, report_on_own, report_on_test
from intents.explain import explain
from intents.learn import learn
from intents.review import review
from intents.sentences import Line, Row, meant_of, moment, read_rows, read_sentences
from intents.slots.clock import CHINA
from intents.understand import labelled, start, understand


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    try:
        match given.command:
            case "parse":
                return parse(sys.stdin.buffer)
            case "train":
                print(_train(given.out, given.if_stale))
            case "check":
                return check()
            case "evaluate":
                print(_evaluate(given.train, given.test))
            case "review":
                print(review(_doubts(given.file), load_model(), read_sentences()))
            case "claim":
                _claim(given)
            case "explain":
                print(explain(given.text, datetime.now(CHINA)))
    except (StaleModel, OSError, ValueError) as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m intents", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("parse", help="JSON Lines with text (and id, now) in, their meaning out")
    teach = commands.add_parser("train", help="make the models from the sentences in the folders")
    teach.add_argument("--out", type=Path, default=PATH, help=f"default: {PATH.name} beside the code")
    teach.add_argument("--if-stale", action="store_true", help="leave a model that fits its sentences")
    commands.add_parser("check", help="list training sentences that repeat or contradict one another")
    measure = commands.add_parser("evaluate", help="without files: cross-validation on the own sentences")
    measure.add_argument("--train", type=Path, help="JSON Lines with text and intent")
    measure.add_argument(
        "--test", type=Path, help="JSON Lines with text and intent; without --train also slots and now"
    )
    learn_from = commands.add_parser(
        "review", help="messages not understood or corrected, with the nearest intents and sentences"
    )
    learn_from.add_argument(
        "file",
        nargs="?",
        type=Path,
        help="JSON Lines of `python -m bot misunderstood`; default: standard input",
    )
    if_so = commands.add_parser("claim", help="what a claim would come to, with its articles")
    what_if.add_arguments(if_so)
    why = commands.add_parser("explain", help="why a message is understood as it is")
    why.add_argument("text")
    return parser


def _claim(given: argparse.Namespace) -> None:
    """The table; of a single claim also its sentences, line by line."""
    from rich.console import Console
    from rich.table import Table

    found = what_if.verdicts(given, datetime.now(CHINA))
    table = Table(*what_if.headings(), show_edge=False)
    for facts, verdict in found:
        table.add_row(*what_if.row(facts, verdict))
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    console.print(table)
    if len(found) == 1:
        for rule, text in found[0][1].explanation:
            console.print(f"{rule}\t{text}", markup=False, soft_wrap=True)


def parse(lines: Iterable[bytes]) -> int:
    """One answer a line, in order; a bad line gets an error in its place. 1 if there was one."""
    start()
    bad = False
    for line in lines:
        answer = _answer(line)
        bad = bad or "error" in answer
        written = json.dumps(answer, ensure_ascii=False, default=float) + "\n"
        sys.stdout.buffer.write(written.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()
    return int(bad)


def _answer(line: bytes) -> Mapping[str, Any]:
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        return {"id": None, "error": "not a line of JSON"}
    if not isinstance(asked, dict):
        return {"id": None, "error": "not a JSON object"}
    name, text = asked.get("id"), asked.get("text")
    if not isinstance(text, str):
        return {"id": name, "error": "text is missing or no string"}
    try:
        now = _moment(asked.get("now"))
    except ValueError:
        return {"id": name, "error": "now is no ISO 8601 time, such as 2026-11-23T10:00:00+08:00"}
    meaning = understand(text, now)
    return {
        "id": name,
        "intent": meaning.intent,
        "confidence": round(meaning.confidence, 4),
        "also": meaning.also,
        "slots": labelled(meaning),
    }


def _moment(said: Any) -> datetime:
    """The time a message was said; the clock where none is given."""
    if said is None:
        return datetime.now(CHINA)
    if not isinstance(said, str):
        raise ValueError(said)
    return moment(said)


def _train(out: Path, if_stale: bool) -> str:
    """Train and store the model; `if_stale`: only where none is stored that fits the sentences."""
    if if_stale and _is_current(out):
        return f"the model is current: {out}"
    learnt = learn()
    save(learnt, out)
    model = learnt.models[INTENT]
    return (
        f"{len(read_sentences())} sentences, {len(model.labels)} intents, {len(model.vocabulary)} features, "
        f"temperature {model.temperature}, floor {model.floor} → {out}"
    )


def _is_current(path: Path) -> bool:
    try:
        load(path)
    except StaleModel:
        return False
    return True


def check() -> int:
    """Print the faults of the training sentences; 1 if there is one."""
    lines = read_sentences()
    found = faults(lines)
    print("\n".join([*found, f"{len(lines)} sentences, {len(found)} faults"]))
    return int(bool(found))


def _evaluate(learned: Path | None, tested: Path | None) -> str:
    if tested is None and learned is None:
        return report_on_own(read_sentences())
    if tested is None:
        raise ValueError("evaluate --train needs --test")
    if learned is None:
        return report_on_meanings(_read_rows(tested, meant_of))
    return report_on_test(_read_rows(learned, _line), _read_rows(tested, _line))


def _doubts(path: Path | None) -> list[dict[str, Any]]:
    """The messages to review: `text`, and `meant` where staff said what was meant."""
    if path is None and sys.stdin.isatty():
        raise ValueError("review reads JSON Lines: python -m bot misunderstood | python -m intents review")
    text = sys.stdin.buffer.read().decode("utf-8") if path is None else path.read_text("utf-8")
    return read_rows(
        text, str(path or "standard input"), lambda row: {"meant": "", **row, "text": row["text"]}
    )


def _line(row: Any) -> Line:
    return str(row["intent"]), str(row["text"])


def _read_rows(path: Path, read: Callable[[Any], Row]) -> list[Row]:
    found = read_rows(path.read_text("utf-8"), str(path), read)
    if not found:
        raise ValueError(f"{path}: no lines")
    return found


if __name__ == "__main__":
    sys.exit(main())

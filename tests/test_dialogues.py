"""Whole conversations, words in and words out: tests/dialogues/*.yaml.

`customer` is what is typed, `says` what must stand in the replies, `not` what must not, `after` the time
that passed before, `picture: true` that one comes with it; `agent` is a step of the human side. `shipments` are
reported by the network before. At the end `cases` must be in the ledger.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from bot import shipments
from bot.app import App
from bot.cases import cases_json
from bot.desk import Inbound
from bot.store import tables
from handoff import lookup
from tests.conftest import Clock
from tests.words import check_words

PICTURE = {"name": "a.jpg", "url": "/chat/uploads/a"}
DIALOGUES = sorted((Path(__file__).parent / "dialogues").glob("*.yaml"))


@pytest.mark.parametrize("path", DIALOGUES, ids=lambda path: path.stem)
async def test_a_conversation_goes_as_written(path: Path, app: App, clock: Clock) -> None:
    script = yaml.safe_load(path.read_text("utf-8"))
    conversation = script.get("conversation", "web:dialogue-1")
    await _report(app, script.get("shipments", {}))
    for number, turn in enumerate(script["turns"], start=1):
        clock.forward(**turn.get("after", {"minutes": 1}))
        told = await _step(app, conversation, turn, str(turn.get("id", number)), script.get("verified_phone"))
        _check(turn, told)
    await _check_cases(app, conversation, script.get("cases", []))


async def _report(app: App, reported: dict[str, dict[str, Any]]) -> None:
    def save(connection: Any) -> None:
        for waybill, data in reported.items():
            shipments.save(connection, app.desk.now(), waybill, data)

    await app.store.write(save)


async def _step(app: App, conversation: str, turn: dict[str, Any], id: str, phone: str | None) -> str:
    if "agent" in turn:
        await _agent(app, turn["agent"])
        return ""
    pictures = (PICTURE,) if turn.get("picture") else ()
    inbound = Inbound(conversation, id, turn["customer"], pictures, verified_phone=phone)
    answer = await app.desk.answer(inbound)
    for said in answer.replies:
        check_words(said.text)
    return "\n".join(f"{said.text} {' '.join(said.choices)}" for said in answer.replies)


async def _agent(app: App, step: dict[str, str]) -> None:
    queue, now = app.desk.queue, app.desk.now()

    def act(connection: Any) -> None:
        handoff = lookup.list_handoffs(connection)[0]
        match step["do"]:
            case "take":
                queue.assign(connection, now, handoff.id, "A01", "小李")
            case "say":
                queue.post(connection, now, handoff.id, step["text"], "A01", "小李")
            case "return":
                queue.give_back(connection, now, handoff.id, "")
            case "resolve":
                queue.resolve(connection, now, handoff.id)

    await app.store.write(act)


def _check(turn: dict[str, Any], told: str) -> None:
    said = turn.get("customer", turn.get("agent"))
    for words in turn.get("says", []):
        options = words if isinstance(words, list) else [words]
        assert any(str(each) in told for each in options), f"after {said!r}: expected {options} in {told!r}"
    for words in turn.get("not", []):
        assert str(words) not in told, f"after {said!r}: {words!r} in {told!r}"
    if turn.get("silent"):
        assert told == "", f"after {said!r}: expected silence, heard {told!r}"


async def _check_cases(app: App, conversation: str, expected: list[dict[str, Any]]) -> None:
    def read(connection: Any) -> list[dict[str, Any]]:
        table = tables.cases
        query = select(table.c.number).where(table.c.conversation == conversation).order_by(table.c.opened_at)
        numbers = list(connection.execute(query).scalars())
        return cases_json(connection, numbers, app.desk.zone)

    cases = await app.store.read(read)
    found = [case for case in cases if case["kind"] != "inquiry"]
    assert [case["kind"] for case in found] == [case["kind"] for case in expected]
    for case, wanted in zip(found, expected, strict=True):
        _contains(case, wanted, case["number"])


def _contains(actual: Any, wanted: Any, where: str) -> None:
    if isinstance(wanted, dict):
        for key, value in wanted.items():
            assert key in actual, f"{where}: no {key} in {actual}"
            _contains(actual[key], value, f"{where}.{key}")
    else:
        assert actual == wanted, f"{where}: expected {wanted!r}, found {actual!r}"

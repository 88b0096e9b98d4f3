"""The periodic sweep: what was left overnight joins the queue, a missed deadline is told once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.app import App
from bot.cases import case_json, open_case, update_case
from bot.deadlines import sweep
from bot.desk import Inbound
from handoff import outbox
from intents.meaning import OpenCase, UpdateCase
from tests.conftest import START, Clock

WEB = "web:deadlines-1"


async def test_a_missed_deadline_is_marked_and_told_once(either_app: App, clock: Clock) -> None:
    app = either_app
    order = OpenCase("complaint", "open", {}, deadlines={"answer": START + timedelta(hours=24)})
    number = await app.store.write(lambda connection: open_case(connection, START, WEB, order))
    await sweep(app.desk)
    assert not (await app.store.read(lambda c: case_json(c, number, app.desk.zone)))["deadlines"][0][
        "breached"
    ]
    clock.forward(hours=25)
    await sweep(app.desk)
    await sweep(app.desk)
    assert (await app.store.read(lambda c: case_json(c, number, app.desk.zone)))["deadlines"][0]["breached"]
    told = await app.store.read(lambda connection: outbox.read(connection, WEB, 0))
    assert [event["type"] for event in told].count("deadline.breached") == 1


async def test_a_deadline_that_is_near_is_told_once_and_before_it_is_missed(
    either_app: App, clock: Clock
) -> None:
    app = either_app
    order = OpenCase("claim", "submitted", {}, deadlines={"answer": START + timedelta(hours=24)})
    number = await app.store.write(lambda connection: open_case(connection, START, WEB, order))
    clock.forward(hours=21, minutes=59)
    assert await sweep(app.desk) == pytest.approx(30)
    clock.forward(minutes=1)
    await sweep(app.desk)
    await sweep(app.desk)
    clock.forward(hours=2, seconds=1)
    await sweep(app.desk)
    told = await app.store.read(lambda connection: outbox.read(connection, WEB, 0))
    deadlines = [event["type"] for event in told if event["type"].startswith("deadline")]
    assert deadlines == ["deadline.near", "deadline.breached"]
    case = await app.store.read(lambda c: case_json(c, number, app.desk.zone))
    assert (case["priority"], case["history"][-1]["what"]) == ("high", "deadline.breached answer")


async def test_the_sweep_comes_back_when_the_next_deadline_passes(app: App, clock: Clock) -> None:
    order = OpenCase("inquiry", "open", {}, deadlines={"answer": START + timedelta(minutes=20)})
    await app.store.write(lambda connection: open_case(connection, START, WEB, order))
    assert await sweep(app.desk) == 30
    clock.forward(minutes=14, seconds=50)
    assert await sweep(app.desk) == pytest.approx(10)
    clock.forward(minutes=5, seconds=6)
    assert await sweep(app.desk) == pytest.approx(4)


async def test_a_deadline_met_too_late_stays_breached(app: App, clock: Clock) -> None:
    order = OpenCase("complaint", "open", {}, deadlines={"answer": START + timedelta(hours=24)})
    number = await app.store.write(lambda connection: open_case(connection, START, WEB, order))
    clock.forward(hours=25)
    change = UpdateCase(number, "answered", "in_progress")
    await app.store.write(lambda connection: update_case(connection, clock(), change))
    case = await app.store.read(lambda c: case_json(c, number, app.desk.zone))
    assert case["deadlines"][0]["met_at"] == clock().isoformat()
    assert case["deadlines"][0]["breached"]


async def test_a_message_left_overnight_joins_the_queue_when_the_desk_opens(app: App, clock: Clock) -> None:
    clock.forward(hours=12)
    answer = await app.desk.answer(Inbound(WEB, "m1", "转人工"))
    assert answer.handled_by == "bot"
    await sweep(app.desk)
    clock.forward(hours=12)
    await sweep(app.desk)
    answer = await app.desk.answer(Inbound(WEB, "m2", "你好"))
    assert answer.handled_by == "queue"

"""The periodic sweep: what was left overnight joins the queue, a missed deadline is told once."""

from __future__ import annotations

from datetime import timedelta

from bot.app import App
from bot.cases import case_json, open_case
from bot.deadlines import sweep
from bot.desk import Inbound
from handoff import outbox
from intents.meaning import OpenCase
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


async def test_a_message_left_overnight_joins_the_queue_when_the_desk_opens(app: App, clock: Clock) -> None:
    clock.forward(hours=12)
    answer = await app.desk.answer(Inbound(WEB, "m1", "转人工"))
    assert answer.handled_by == "bot"
    await sweep(app.desk)
    clock.forward(hours=12)
    await sweep(app.desk)
    answer = await app.desk.answer(Inbound(WEB, "m2", "你好"))
    assert answer.handled_by == "queue"

"""After a person's part: asked once for a rating, asked a day later whether it is solved, and coming back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from bot import case_steps, quota, staff
from bot.after_service import read_rating
from bot.app import App
from bot.deadlines import sweep
from bot.messages import read_latest
from bot.store import tables
from handoff import lookup, presence, ratings
from handoff.lookup import Handoff
from handoff.tables import events, follow_ups
from tests.conftest import Clock
from tests.test_turns import WEB, rows, say

TAKEN = case_steps.Taken("close", "AG001", "已与您电话沟通。")


@pytest.mark.parametrize(
    ("text", "score", "word"),
    [
        ("5", 5, ""), ("5分", 5, ""), ("４ 分！", 4, ""), ("满意", 4, ""), ("5分，小李很耐心", 5, "小李很耐心"),
        ("5，很好", 5, "很好"), ("2 态度太差", 2, "态度太差"), ("1。等了半天", 1, "等了半天"),
        ("2 件衣服", 0, ""), ("2件", 0, ""), ("3公斤", 0, ""), ("15", 0, ""), ("6", 0, ""), ("1 2", 0, ""),
        ("1，2", 0, ""), ("5号取件", 0, ""), ("我给5分钟", 0, ""), ("5分钟内到吗", 0, ""),
    ],
)  # fmt: skip
def test_a_rating_is_told_from_other_numbers(text: str, score: int, word: str) -> None:
    assert read_rating(text) == (score, word)


async def settled(app: App) -> str:
    """A chat that 小李 took and settled; her id."""
    li = (await staff.add(app.store, app.desk.now(), "xiaoli", "小李")).agent.id
    queue = app.desk.queue
    await app.store.write(lambda c: presence.set_status(queue, c, app.desk.now(), li, "online"))
    await say(app, "h1", "转人工")
    open = await held(app)
    await app.store.write(lambda c: queue.resolve(c, app.desk.now(), open.id))
    return li


async def held(app: App) -> Handoff:
    found = await app.store.read(lambda c: lookup.open_for(c, WEB))
    assert found is not None
    return found


async def rated(app: App) -> list[tuple[int | None, str]]:
    found = await app.store.read(lambda c: ratings.of_conversation(c, WEB))
    return [(row["score"], row["word"]) for row in found]


async def test_a_rating_is_asked_for_once_and_takes_a_word(app: App) -> None:
    await settled(app)
    assert "1到5分" in (await rows(app))[-1][1]
    assert await say(app, "r1", "5") == "谢谢您的评价。"
    await say(app, "r2", "嗯嗯小李挺不错哒")
    assert await rated(app) == [(5, "嗯嗯小李挺不错哒")]
    told = select(events.c.data).where(events.c.type == "conversation.rated").order_by(events.c.id)
    data: Sequence[Any] = await app.store.read(lambda c: c.execute(told).scalars().all())
    assert [each["score"] for each in data] == [5, 5]
    await say(app, "h2", "转人工")
    again = await held(app)
    await app.store.write(lambda c: app.desk.queue.resolve(c, app.desk.now(), again.id))
    assert "1到5分" not in (await rows(app))[-1][1]


async def test_a_wish_is_served_though_a_rating_was_asked_for(app: App) -> None:
    await settled(app)
    assert "评价" not in await say(app, "r1", "我要寄2件衣服")
    assert await rated(app) == [(None, "")]


async def test_who_is_not_satisfied_gets_his_agent_again(app: App) -> None:
    li = await settled(app)
    assert "很抱歉" in await say(app, "r1", "1分，什么都没解决")
    again = await held(app)
    assert (again.status, again.agent_id, again.reason) == ("assigned", li, "dispute")
    assert again.reopened_from


async def test_what_is_not_understood_within_a_day_goes_back_to_the_agent(app: App, clock: Clock) -> None:
    li = await settled(app)
    clock.forward(hours=23)
    await app.store.write(lambda c: presence.heartbeat(c, clock(), li))
    await say(app, "r1", "阿巴阿巴阿巴")
    assert (await held(app)).agent_id == li


async def closed_complaint(app: App, conversation: str = WEB) -> str:
    await say(app, "c1", "我要投诉，你们快递员态度太差了，骂人，电话13800138000，昨天上午", conversation)
    await say(app, "c2", "ANE300123456931", conversation)
    query = select(tables.cases.c.number).where(tables.cases.c.kind == "complaint")
    number: str = await app.store.read(lambda c: c.execute(query).scalar_one())
    await app.store.write(lambda c: case_steps.take(c, app.desk.now(), number, TAKEN))
    return number


async def status_of(app: App, number: str) -> tuple[str, str]:
    case, asked = tables.cases, follow_ups
    query = select(case.c.status, asked.c.status).join(asked, asked.c.number == case.c.number)
    row = await app.store.read(lambda c: c.execute(query.where(case.c.number == number)).one())
    return row[0], row[1]


async def test_a_day_after_a_case_is_closed_the_customer_is_asked_once(app: App, clock: Clock) -> None:
    number = await closed_complaint(app)
    clock.forward(hours=23)
    await sweep(app.desk)
    assert await status_of(app, number) == ("closed", "waiting")
    clock.forward(hours=1)
    await sweep(app.desk)
    await sweep(app.desk)
    asked = [text for _, text in await rows(app) if "问题解决了吗" in text]
    assert [number in text for text in asked] == [True]
    assert "谢谢您的确认" in await say(app, "f1", "1")
    assert await status_of(app, number) == ("closed", "satisfied")


@pytest.mark.parametrize("words", ["没解决", "还是没有处理好啊", "不满意", "2"])
async def test_an_unsatisfied_answer_opens_the_case_again(app: App, clock: Clock, words: str) -> None:
    number = await closed_complaint(app)
    clock.forward(days=1)
    await sweep(app.desk)
    assert number in await say(app, "f1", words)
    assert await status_of(app, number) == ("open", "unsatisfied")
    assert (await held(app)).priority == "high"


async def test_outside_the_channels_window_nobody_is_asked(app: App, clock: Clock) -> None:
    number = await closed_complaint(app, "wechat:o-1")
    clock.forward(days=1)
    await sweep(app.desk)
    assert await status_of(app, number) == ("closed", "missed")


async def test_within_the_channels_window_the_customer_is_asked(app: App, clock: Clock) -> None:
    number = await closed_complaint(app, "wechat:o-1")
    clock.forward(days=1)
    grant = quota.Grant(5, clock.at.replace(hour=23))
    await app.store.write(lambda c: quota.grant(c, clock(), "wechat:o-1", grant, "m1"))
    await sweep(app.desk)
    assert await status_of(app, number) == ("closed", "sent")
    said = await app.store.read(lambda c: read_latest(c, "wechat:o-1"))
    assert "问题解决了吗" in said[-1]["text"]

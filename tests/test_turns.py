"""One message, one answer: once, in order, whole, and never over a person; on both databases."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, update

from bot import messages
from bot.app import App
from bot.desk import Inbound
from bot.store import tables
from handoff import lookup

WEB = "web:turns-0001"


async def say(app: App, id: str, text: str, conversation: str = WEB) -> str:
    answer = await app.desk.answer(Inbound(conversation, id, text))
    return "\n".join(said.text for said in answer.replies)


async def rows(app: App, conversation: str = WEB) -> list[tuple[str, str]]:
    found = await app.store.read(lambda connection: messages.read_latest(connection, conversation))
    return [(row["sender"], row["text"]) for row in found]


async def cases(app: App) -> int:
    query = select(func.count()).select_from(tables.cases).where(tables.cases.c.kind == "pickup")
    return await app.store.read(lambda connection: int(connection.execute(query).scalar_one()))


async def test_the_same_message_again_gets_the_same_answer_and_changes_nothing(either_app: App) -> None:
    first = await either_app.desk.answer(Inbound(WEB, "m1", "查下300100000026"))
    again = await either_app.desk.answer(Inbound(WEB, "m1", "查下300100000026"))
    assert again.replies == first.replies
    assert again.repeated
    assert len(await rows(either_app)) == 2


async def test_two_confirmations_make_one_order(either_app: App) -> None:
    await say(
        either_app,
        "m1",
        "寄书3公斤，杭州西湖区文三路90号到上海浦东新区张杨路500号，明天上午取，李四13800138402",
    )
    answers = await asyncio.gather(*(say(either_app, f"yes{n}", "确认") for n in range(4)))
    assert sum("预约成功" in answer for answer in answers) == 1
    assert await cases(either_app) == 1


async def test_messages_of_one_conversation_are_answered_in_order_of_arrival(either_app: App) -> None:
    await asyncio.gather(*(say(either_app, f"m{n}", f"你好{n}") for n in range(12)))
    said = [text for sender, text in await rows(either_app) if sender == "customer"]
    assert sorted(said) == sorted(f"你好{n}" for n in range(12))
    pairs = await rows(either_app)
    assert [sender for sender, _ in pairs] == ["customer", "bot"] * 12


async def test_conversations_side_by_side_do_not_mix(either_app: App) -> None:
    async def book(number: int) -> str:
        conversation = f"web:side-by-side-{number}"
        await say(either_app, "a", f"我要寄{number + 2}公斤书", conversation)
        await say(either_app, "b", "从杭州西湖区文三路90号寄到北京", conversation)
        await say(either_app, "c", "李四13800138402，明天上午", conversation)
        return await say(either_app, "d", "确认", conversation)

    answers = await asyncio.gather(*(book(number) for number in range(8)))
    assert all("预约成功" in answer for answer in answers)
    assert await cases(either_app) == 8


async def test_a_late_bot_never_speaks_over_a_person(either_app: App) -> None:
    await say(either_app, "m1", "转人工")

    def take(connection: Connection) -> None:
        queue = either_app.desk.queue
        handoff = lookup.list_handoffs(connection)[0]
        queue.assign(connection, either_app.desk.now(), handoff.id, "A01", "小李")

    await either_app.store.write(take)
    answer = await either_app.desk.answer(Inbound(WEB, "m2", "在吗"))
    assert answer.replies == ()
    assert answer.handled_by == "agent"


async def test_a_turn_that_was_overtaken_is_done_again(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot import ledger

    apply, tries = ledger.apply, []

    def overtaken_once(connection: Connection, *arguments: Any) -> Any:
        if not tries:
            tries.append(1)
            table = tables.conversations
            connection.execute(update(table).values(version=table.c.version + 1))
        return apply(connection, *arguments)

    monkeypatch.setattr(ledger, "apply", overtaken_once)
    assert "北京" in await say(app, "m1", "查下300100000026")
    assert len(await rows(app)) == 2


async def test_an_error_keeps_the_message_says_sorry_and_asks_a_person(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a rule is broken")

    monkeypatch.setattr("bot.after_service.decide", broken)
    answer = await app.desk.answer(Inbound(WEB, "m1", "我要寄快递"))
    assert "抱歉" in answer.replies[0].text
    assert answer.handled_by == "queue"
    assert ("customer", "我要寄快递") in await rows(app)


async def test_a_long_message_is_cut_with_a_word(app: App) -> None:
    assert "2000" in await say(app, "m1", "寄" * 2001)
    stored = (await rows(app))[0][1]
    assert len(stored) == 2000


async def test_a_number_picks_from_the_choices_offered_last(app: App) -> None:
    await say(app, "m1", "你好")
    assert "寄什么" in await say(app, "m2", "1")


async def test_what_is_said_while_waiting_is_before_the_agent_and_keeps_the_place(app: App) -> None:
    await say(app, "m1", "转人工")
    await say(app, "m2", "查一下300100000026到哪了")
    assert "第1位" in await say(app, "m3", "没收到")
    waits = await app.store.read(lambda connection: lookup.open_for(connection, WEB))
    assert waits
    assert "300100000026" in waits.summary
    assert "没收到" in waits.summary
    assert "取消排队" in await say(app, "m4", "不用了")

"""Messages that were not understood or were corrected by staff are kept for a maintainer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import aiohttp

from bot import doubts
from bot.app import App
from bot.desk import Inbound
from tests.test_api import SESSION, call, say


async def kept(app: App) -> list[dict[str, Any]]:
    since, zone = app.desk.now() - timedelta(days=1), app.settings.zone
    return await app.store.read(lambda connection: list(doubts.read(connection, since, zone)))


async def customers_messages(api: aiohttp.ClientSession) -> list[dict[str, Any]]:
    _, conversation = await call(api, "GET", f"/api/conversations/web:{SESSION}")
    return [each for each in conversation["messages"] if each["from"] == "customer"]


async def test_what_is_not_understood_is_kept_with_telephone_numbers_masked(app: App) -> None:
    await app.desk.answer(Inbound("web:doubt-0001", "m1", "帮我算算13800138000这个号码的运势"))
    await app.desk.answer(Inbound("web:doubt-0001", "m2", "我要寄快递"))
    [row] = await kept(app)
    assert (row["text"], row["intent"], row["meant"]) == (
        "帮我算算138****8000这个号码的运势",
        "out_of_scope",
        "",
    )


async def test_an_answer_that_does_not_fit_the_question_is_kept(app: App) -> None:
    await app.desk.answer(Inbound("web:doubt-0002", "m1", "我要投诉，300100000085太慢了"))
    await app.desk.answer(Inbound("web:doubt-0002", "m2", "ꙮꙮꙮꙮ"))
    assert [row["text"] for row in await kept(app)] == ["ꙮꙮꙮꙮ"]


async def test_staff_say_what_a_message_meant(
    app: App, api: aiohttp.ClientSession, chat: aiohttp.ClientSession
) -> None:
    await say(chat, "m1", "查下300100000026")
    [message] = await customers_messages(api)
    path = f"/api/messages/{message['id']}"
    assert await call(api, "PATCH", path, {"intent": "claim"}) == (
        200,
        {"id": message["id"], "intent": "claim"},
    )
    await call(api, "PATCH", path, {"intent": "complaint"})
    [row] = await kept(app)
    assert (row["text"], row["intent"], row["meant"]) == ("查下300100000026", "tracking_query", "complaint")


async def test_only_a_known_intent_and_a_customers_message_can_be_corrected(
    api: aiohttp.ClientSession, chat: aiohttp.ClientSession
) -> None:
    await say(chat, "m1", "查下300100000026")
    [message] = await customers_messages(api)
    status, problem = await call(api, "PATCH", f"/api/messages/{message['id']}", {"intent": "nonsense"})
    assert (status, "claim" in problem["errors"]["intent"]) == (422, True)
    for id in (message["id"] + 1, 999999, "x", 2**70):
        status, _ = await call(api, "PATCH", f"/api/messages/{id}", {"intent": "claim"})
        assert status == 404

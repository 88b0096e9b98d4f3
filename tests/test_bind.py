"""A verified phone makes the same customer known on every channel; a form stays where it was begun."""

from __future__ import annotations

import pytest

from bot.app import App
from bot.desk import Answer, Inbound

PHONE = "13800138021"
BOOKING = (
    "明天上午来取一箱书,杭州市西湖区文三路90号寄到北京市朝阳区建国路1号,5公斤,我姓王,收件人李梅13900139021"
)
CHANNELS = ["telegram:77", "wechat:o-77", "web:bound-77"]


async def say(app: App, conversation: str, text: str, phone: str | None = None) -> str:
    inbound = Inbound(conversation, f"{conversation}-{text[:20]}", text, verified_phone=phone)
    answer: Answer = await app.desk.answer(inbound)
    return "\n".join(reply.text for reply in answer.replies)


@pytest.mark.parametrize("other", CHANNELS[1:])
async def test_an_order_placed_on_one_channel_is_known_on_another(app: App, other: str) -> None:
    await say(app, CHANNELS[0], BOOKING, PHONE)
    booked = await say(app, CHANNELS[0], "确认")
    number = booked[booked.index("PU") :][:16]
    assert number in await say(app, other, "我的订单办到哪了", PHONE)


async def test_a_stranger_on_another_channel_does_not_see_it(app: App) -> None:
    await say(app, CHANNELS[0], BOOKING, PHONE)
    await say(app, CHANNELS[0], "确认")
    assert "PU" not in await say(app, CHANNELS[2], f"我的订单办到哪了,我的电话{PHONE}")


async def test_a_form_that_is_open_on_one_channel_stays_there(app: App) -> None:
    await say(app, CHANNELS[0], "我要寄一箱书到北京", PHONE)
    assert "书" not in await say(app, CHANNELS[2], "你好", PHONE)
    assert "请核对" in await say(app, CHANNELS[0], BOOKING)

"""A customer whom the company knows: the address book of a proved phone fills an order."""

from __future__ import annotations

import aiohttp

from bot.app import App
from bot.desk import Inbound

PHONE = "13800138021"
OWN = {"province": "浙江省", "city": "杭州市", "district": "滨江区", "detail": "江南大道200号"}
SISTER = {"province": "上海市", "city": "上海市", "district": "浦东新区", "detail": "张杨路500号"}
CUSTOMER = {
    "name": "王强",
    "returning": True,
    "usual_goods": ["茶叶"],
    "address_book": [
        {"name": "王强", "phone": PHONE, "address": OWN},
        {"name": "李梅", "phone": "13900139011", "address": SISTER},
    ],
}


async def say(app: App, number: int, text: str, phone: str | None = PHONE) -> str:
    conversation = f"web:book-{phone}"
    answer = await app.desk.answer(Inbound(conversation, str(number), text, verified_phone=phone))
    return "\n".join(f"{reply.text} {' '.join(reply.choices)}" for reply in answer.replies)


async def test_a_proved_phone_sends_from_the_usual_place_to_a_name_of_its_book(
    app: App, api: aiohttp.ClientSession
) -> None:
    await api.put(f"/api/customers/{PHONE}", json=CUSTOMER)
    hello = await say(app, 1, "我要寄快递")
    assert "王强您好" in hello
    assert "茶叶" in hello
    where = await say(app, 2, "茶叶2公斤")
    assert "上次地址：浙江省杭州市滨江区江南大道200号" in where
    assert "寄给李梅：上海市浦东新区张杨路500号" in where
    read_back = await say(app, 3, "老地方取，寄给李梅，明天上午")
    for words in ("江南大道200号，王强 13800138021", "张杨路500号，李梅 13900139011", "09:00-12:00"):
        assert words in read_back


async def test_a_typed_phone_opens_no_book(app: App, api: aiohttp.ClientSession) -> None:
    await api.put(f"/api/customers/{PHONE}", json=CUSTOMER)
    told = await say(app, 1, f"我是王强{PHONE}，寄茶叶2公斤，老地方取，寄给李梅", phone=None)
    assert "江南大道" not in told
    assert "张杨路" not in told

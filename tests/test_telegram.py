"""The Telegram channel with its real library, against a server that speaks the Bot API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.app import App, web_app
from bot.channel_settings import Telegram
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_sending import MAX_LENGTH, split
from bot.deliver import Delivery
from bot.inbox import Arrival
from bot.uploads import Uploads
from tests.conftest import Clock
from tests.fake_telegram import GROUP, TOKEN, FakeTelegram, buttons

CONVERSATION = "telegram:77"
IN_GROUP = "telegram:-500.77"
NO_ID = {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}
FLOOD = {
    "ok": False,
    "error_code": 429,
    "description": "Too Many Requests: retry after 1",
    "parameters": {"retry_after": 1},
}


@dataclass
class Line:
    """A customer's phone on one end, the desk on the other."""

    telegram: FakeTelegram
    app: App
    uploads: Path
    api: aiohttp.ClientSession
    clock: Clock

    async def conversation(self, name: str = CONVERSATION) -> dict[str, Any]:
        async with self.api.get(f"/api/conversations/{name}") as response:
            return dict(await response.json())

    async def words(self, name: str = CONVERSATION, sender: str = "customer") -> list[dict[str, Any]]:
        """None yet where the first message is acknowledged but its turn not done: the conversation begins with it."""
        said = (await self.conversation(name)).get("messages", ())
        return [each for each in said if each["from"] == sender]


def channel_of(app: App, telegram: FakeTelegram, uploads: Path, mode: str, address: str) -> TelegramChannel:
    told = Telegram(token=TOKEN, base_url=telegram.url, mode=mode)  # type: ignore[arg-type]
    channels = app.settings.channels.model_copy(update={"telegram": told})
    http = app.settings.http.model_copy(update={"public_url": address})
    settings = app.settings.model_copy(update={"channels": channels, "http": http})
    return TelegramChannel(app.desk, Uploads(app.store, uploads), settings)


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    telegram = FakeTelegram()
    await telegram.start()
    yield telegram
    await telegram.stop()


@pytest.fixture
async def line(
    app: App, telegram: FakeTelegram, tmp_path: Path, api: aiohttp.ClientSession, clock: Clock
) -> AsyncIterator[Line]:
    channel = channel_of(app, telegram, tmp_path / "uploads", "polling", "")
    app.channels["telegram"] = channel
    delivery = asyncio.create_task(Delivery(app.store, app.live, app.channels, app.desk.now).run())
    await channel.start()
    yield Line(telegram, app, tmp_path / "uploads", api, clock)
    await channel.stop()
    app.live.close()
    await delivery


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not await true():
            await asyncio.sleep(0.02)


async def test_a_text_is_answered_once_however_often_it_is_delivered(line: Line) -> None:
    line.telegram.say("查下300100000026")
    assert "北京转运中心" in (await line.telegram.heard(1))[0]
    await line.telegram.confirmed()
    line.telegram.again()
    await line.telegram.confirmed()
    line.telegram.say("你好")
    assert len(await line.telegram.heard(2)) == 2
    assert line.telegram.commands["track"] == "查快递，可直接带单号"


async def test_a_button_is_its_words_and_an_old_one_is_told_to_be_stale(line: Line) -> None:
    line.telegram.say("你好")
    await line.telegram.heard(1)
    line.telegram.press("我要寄件")
    assert "寄什么" in (await line.telegram.heard(2))[1]
    line.telegram.press("查快递")
    await line.telegram.confirmed()
    stale = "answer:这个按钮已过期，请看最新的消息。"
    await until(lambda: _true(stale in line.telegram.calls))
    assert len(line.telegram.sent) == 2


async def _true(value: bool) -> bool:
    return value


async def test_only_the_senders_own_contact_proves_a_phone(line: Line) -> None:
    line.telegram.share_contact("+8613800138021", user_id=5)
    assert "您自己的" in (await line.telegram.heard(1))[0]
    line.telegram.share_contact("+8613800138021", user_id=77)
    assert "已验证" in (await line.telegram.heard(2))[1]
    assert (await line.conversation())["verified_phone"] == "13800138021"


async def test_an_album_is_one_turn_and_joins_the_open_complaint(line: Line) -> None:
    line.telegram.say("我要投诉，300100000107送来摔碎了")
    await line.telegram.heard(1)
    before = len(line.telegram.sent)
    line.telegram.send_photo(album="a1")
    line.telegram.send_photo("看看这个", album="a1")
    line.telegram.say("都在这里了")
    await line.telegram.confirmed()
    line.clock.forward(seconds=2)
    await line.telegram.heard(before + 2)
    said = await line.words()
    assert [(each["text"], len(each["attachments"])) for each in said[1:]] == [
        ("看看这个", 2),
        ("都在这里了", 0),
    ]
    assert [path for path in line.uploads.rglob("*") if path.is_file()]


async def test_what_nobody_reads_is_kept_for_people_and_counts_as_no_misunderstanding(line: Line) -> None:
    line.telegram.say("我要寄件")
    await line.telegram.heard(1)
    line.telegram.send_voice()
    line.telegram.send(sticker={**STICKER, "emoji": "👍"})
    line.telegram.send_document("zip", 68)
    line.telegram.send_document("zip", 20 * 2**20)
    told = (await line.telegram.heard(5))[1:]
    assert [part in text for part, text in zip(("打字", "打字", "格式", "10MB"), told, strict=True)] == [
        True
    ] * 4
    said = await line.words()
    assert said[1]["attachments"][0]["url"].startswith("/chat/uploads/")
    assert said[2]["text"] == "[表情👍]"
    conversation = await line.conversation()
    assert (conversation["handled_by"], conversation["form"]["intent"]) == ("bot", "pickup_booking")


STICKER = {
    "file_id": "s1", "file_unique_id": "s1", "type": "regular", "width": 1, "height": 1,
    "is_animated": False, "is_video": False,
}  # fmt: skip


async def test_a_location_is_the_nearest_county_and_said_to_be_a_guess(line: Line) -> None:
    line.telegram.say("我要寄两箱茶叶")
    await line.telegram.heard(1)
    line.telegram.send(location={"latitude": 30.2741, "longitude": 120.1551})
    words = await line.telegram.heard(3)
    assert "您大概在浙江省杭州市西湖区（附近还有" in words[1]
    assert (await line.words())[1]["text"] == "浙江省杭州市西湖区"
    venue = {
        "location": {"latitude": 39.9087, "longitude": 116.3975},
        "title": "故宫",
        "address": "北京市东城区景山前街4号",
    }
    line.telegram.send(venue=venue, location=venue["location"])
    await line.telegram.heard(5)
    assert (await line.words())[2]["text"] == "北京市东城区景山前街4号故宫"
    line.telegram.send(location={"latitude": 0.0, "longitude": 0.0})
    assert "没有我认得的区县" in (await line.telegram.heard(6))[5]


async def test_an_edited_answer_is_kept_beside_the_first_and_offered_as_a_correction(line: Line) -> None:
    line.telegram.say("我要寄两箱茶叶，从杭州西湖区文三路90号寄到北京")
    await line.telegram.heard(1)
    weight = line.telegram.say("10公斤")
    await line.telegram.heard(2)
    line.telegram.edit(weight, "15公斤")
    offer = (await line.telegram.heard(3))[2]
    assert "“10公斤”改成了“15公斤”" in offer
    assert (await line.conversation())["form"]["slots"]["weight_kg"] == 10
    line.telegram.press("按修改后的更正")
    await line.telegram.heard(4)
    assert (await line.conversation())["form"]["slots"]["weight_kg"] == 15
    said = await line.words()
    assert [(each["text"], each["edit_of"]) for each in said[1:3]] == [
        ("10公斤", None),
        ("15公斤", said[1]["id"]),
    ]


async def test_deep_links_and_commands_are_what_they_stand_for(line: Line) -> None:
    line.telegram.say("/start waybill_300100000026")
    assert "北京转运中心" in (await line.telegram.heard(1))[0]
    line.telegram.say("/track 300100000026")
    assert "北京转运中心" in (await line.telegram.heard(2))[1]
    line.telegram.say("/book")
    assert "寄什么" in (await line.telegram.heard(3))[2]
    line.telegram.say("/start verify")
    await line.telegram.heard(4)
    assert buttons(line.telegram.sent[3]) == ["验证手机号"]


async def test_in_a_group_only_those_who_address_us_are_answered_each_by_himself(line: Line) -> None:
    line.telegram.say_in_group("今天晚上吃什么")
    asked = line.telegram.say_in_group("@yida_bot 查下300100000026")
    assert "北京转运中心" in (await line.telegram.heard(1))[0]
    assert (line.telegram.sent[0]["chat"], line.telegram.sent[0]["answers"]) == (
        GROUP["id"],
        asked["message_id"],
    )
    line.telegram.say_in_group("帮我把300100000034拦截退回", reply_to_message=line.telegram.sent[0]["shown"])
    await line.telegram.heard(3)
    links = [
        button
        for each in line.telegram.sent
        for row in each["reply_markup"].get("inline_keyboard", [])
        for button in row
    ]
    assert {"text": "验证手机号", "url": "https://t.me/yida_bot?start=verify"} in links
    line.telegram.say_in_group("/book@yida_bot", **{"from": {"id": 78, "is_bot": False, "first_name": "丽"}})
    await line.telegram.heard(4)
    assert (await line.conversation(IN_GROUP))["form"]["intent"] == "delivery_change"
    assert (await line.conversation("telegram:-500.78"))["form"]["intent"] == "pickup_booking"


async def test_a_phone_is_not_proved_in_a_group(line: Line) -> None:
    line.telegram.share_contact("+8613800138021", 77, chat=GROUP, reply_to_message={**_ours(), "chat": GROUP})
    assert "单独" in (await line.telegram.heard(1))[0]
    line.telegram.say_in_group("@yida_bot 你好")
    await line.telegram.heard(2)
    assert (await line.conversation(IN_GROUP))["verified_phone"] is None


def _ours() -> dict[str, Any]:
    me = {"id": 1, "is_bot": True, "first_name": "Yida", "username": "yida_bot"}
    return {"message_id": 1, "date": 1795400000, "from": me, "text": "您好"}


async def test_a_group_that_moved_keeps_its_conversations(line: Line) -> None:
    line.telegram.say_in_group("@yida_bot 我要寄件")
    await line.telegram.heard(1)
    line.telegram.moved[-500] = -100500
    line.telegram.say_in_group("@yida_bot 两箱茶叶")
    await line.telegram.heard(2)
    assert line.telegram.sent[1]["chat"] == -100500
    line.telegram.move_group(-100500)
    await line.telegram.confirmed()
    line.telegram.say_in_group("@yida_bot 10公斤", chat={**GROUP, "id": -100500, "type": "supergroup"})
    await line.telegram.heard(3)
    assert (await line.conversation(IN_GROUP))["form"]["slots"]["weight_kg"] == 10


async def test_a_flood_limit_delays_a_reply_and_loses_nothing(line: Line) -> None:
    line.telegram.refuse = [(429, FLOOD)]
    line.telegram.say("你好")
    await until(lambda: _true(not line.telegram.refuse))

    async def heard() -> bool:
        line.clock.forward(seconds=1)
        return bool(line.telegram.sent)

    await until(heard)
    assert len(await line.telegram.heard(1)) == 1


async def test_a_word_to_a_customer_who_blocked_us_is_shown_to_be_undeliverable(line: Line) -> None:
    line.telegram.refuse = [(403, NO_ID)]
    line.telegram.say("你好")

    async def marked() -> bool:
        return [each["undeliverable"] for each in await line.words(sender="bot")] == [
            "客户已停用或屏蔽了我们"
        ]

    await line.telegram.confirmed()
    await until(marked)
    assert line.telegram.sent == []


async def test_a_choice_to_prove_the_phone_is_telegrams_contact_button(line: Line) -> None:
    line.telegram.say("帮我把300100000034拦截退回")
    await line.telegram.heard(2)
    rows = [row for each in line.telegram.sent for row in each["reply_markup"].get("keyboard", [])]
    assert [{"text": "验证手机号", "request_contact": True}] in rows


async def test_a_customers_words_never_become_markup(line: Line) -> None:
    line.telegram.say("我要寄件")
    await line.telegram.heard(1)
    goods = "<b>*_茶叶_*</b>[x](http://y)&amp;"
    edited = line.telegram.say("寄茶叶")
    await line.telegram.heard(2)
    line.telegram.edit(edited, goods)
    assert goods in (await line.telegram.heard(3))[2]
    assert {each["parse_mode"] for each in line.telegram.sent} == {None}


@pytest.fixture
async def hooked(app: App, telegram: FakeTelegram, tmp_path: Path) -> AsyncIterator[TelegramChannel]:
    """A desk that Telegram calls."""
    channel = channel_of(app, telegram, tmp_path / "uploads", "webhook", "http://127.0.0.1:1")
    app.channels["telegram"] = channel
    runner = web.AppRunner(web_app(app), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    channel.hook = f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks/telegram"
    delivery = asyncio.create_task(Delivery(app.store, app.live, app.channels, app.desk.now).run())
    await channel.start()
    await asyncio.wait_for(telegram.hooked.wait(), 10)
    yield channel
    await channel.stop()
    await runner.cleanup()
    app.live.close()
    await delivery


async def test_a_webhook_takes_updates_of_telegram_alone(
    hooked: TelegramChannel, telegram: FakeTelegram
) -> None:
    telegram.say("查下300100000026")
    assert await telegram.call_hook(secret="guessed") == 401
    assert await telegram.call_hook(update=["no update"]) == 400
    assert await telegram.call_hook(update={"message": {}}) == 400
    assert [await telegram.call_hook(), await telegram.call_hook()] == [200, 200]
    assert "北京转运中心" in (await telegram.heard(1))[0]
    telegram.say("你好")
    await telegram.call_hook()
    assert len(await telegram.heard(2)) == 2


async def test_what_was_acknowledged_before_a_crash_is_answered_after_it(
    app: App, telegram: FakeTelegram, tmp_path: Path
) -> None:
    dead = channel_of(app, telegram, tmp_path, "webhook", "http://127.0.0.1:1")
    telegram.say("查下300100000026")
    await dead.inbox.take([Arrival("1001", CONVERSATION, telegram.last)])
    channel = channel_of(app, telegram, tmp_path, "polling", "")
    app.channels["telegram"] = channel
    telegram.updates.clear()
    delivery = asyncio.create_task(Delivery(app.store, app.live, app.channels, app.desk.now).run())
    await channel.start()
    assert "北京转运中心" in (await telegram.heard(1))[0]
    await channel.stop()
    app.live.close()
    await delivery


@given(st.text(alphabet="一二三。，\nab😀", max_size=600), st.integers(min_value=20, max_value=60))
def test_a_long_text_is_split_without_losing_a_character(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(len(part.encode("utf-16-le")) <= 2 * limit for part in parts)
    assert "".join(parts).replace("\n", "") == text.replace("\n", "")


def test_a_long_text_is_cut_at_the_end_of_a_sentence() -> None:
    assert split("您好") == ["您好"]
    assert split("一句话说完了。下一句也说完了。尾巴", 16)[0].endswith("。")
    assert MAX_LENGTH == 4096

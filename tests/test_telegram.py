"""The Telegram channel with its real library, against a server that speaks the Bot API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.app import App
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_sending import MAX_LENGTH, split
from bot.config import Telegram
from bot.deliver import Delivery
from bot.store import tables
from bot.uploads import Uploads
from tests.fake_telegram import TOKEN, FakeTelegram

CONVERSATION = "telegram:77"


@dataclass
class Line:
    """A customer's phone on one end, the desk on the other."""

    telegram: FakeTelegram
    app: App
    uploads: Path


@pytest.fixture
async def line(app: App, tmp_path: Path) -> AsyncIterator[Line]:
    telegram = FakeTelegram()
    await telegram.start()
    channels = app.settings.channels.model_copy(
        update={"telegram": Telegram(token=TOKEN, base_url=telegram.url)}
    )
    settings = app.settings.model_copy(update={"channels": channels})
    channel = TelegramChannel(app.desk, Uploads(app.store, tmp_path / "uploads"), settings)
    app.channels["telegram"] = channel
    delivery = asyncio.create_task(Delivery(app.store, app.live, app.channels, app.desk.now).run())
    await channel.start()
    yield Line(telegram, app, tmp_path / "uploads")
    await channel.stop()
    app.live.close()
    await delivery
    await telegram.stop()


async def test_a_text_is_answered_and_confirmed(line: Line) -> None:
    line.telegram.say("查下300100000026")
    assert "北京转运中心" in (await line.telegram.heard(1))[0]
    await line.telegram.confirmed()


async def test_an_update_delivered_twice_is_answered_once(line: Line) -> None:
    line.telegram.say("你好")
    await line.telegram.heard(1)
    await line.telegram.confirmed()
    line.telegram.again()
    await line.telegram.confirmed()
    line.telegram.say("查下300100000026")
    assert len(await line.telegram.heard(2)) == 2


async def test_a_button_is_its_words_and_an_old_one_is_told_to_be_stale(line: Line) -> None:
    line.telegram.say("你好")
    await line.telegram.heard(1)
    line.telegram.press("我要寄件")
    assert "寄什么" in (await line.telegram.heard(2))[1]
    line.telegram.press("查快递")
    await line.telegram.confirmed()
    assert "answer:这个按钮已过期，请看最新的消息。" in line.telegram.calls
    assert len(line.telegram.sent) == 2


async def test_only_the_senders_own_contact_proves_a_phone(line: Line) -> None:
    line.telegram.share_contact("+8613800138021", user_id=5)
    assert "您自己的" in (await line.telegram.heard(1))[0]
    assert await _phone(line.app) is None
    line.telegram.share_contact("+8613800138021", user_id=77)
    assert "已验证" in (await line.telegram.heard(2))[1]
    assert await _phone(line.app) == "13800138021"


async def test_a_picture_is_kept_and_joins_the_open_complaint(line: Line) -> None:
    line.telegram.say("我要投诉，300100000107送来摔碎了")
    await line.telegram.heard(1)
    line.telegram.send_photo("看看这个")
    await line.telegram.heard(len(line.telegram.sent) + 1)
    assert [path for path in line.uploads.rglob("*") if path.is_file()]


async def test_a_voice_message_is_asked_to_be_typed(line: Line) -> None:
    line.telegram.send_voice()
    assert "打字" in (await line.telegram.heard(1))[0]


async def test_a_flood_limit_delays_a_reply_and_loses_nothing(line: Line) -> None:
    body = {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    line.telegram.refuse = [(429, body)]
    line.telegram.say("你好")
    for _ in range(100):
        if not line.telegram.refuse:
            break
        await asyncio.sleep(0.02)
    line.app.desk.now.forward(seconds=5)  # type: ignore[attr-defined]
    assert len(await line.telegram.heard(1)) == 1


async def test_a_customer_who_blocked_us_is_marked_undeliverable(line: Line) -> None:
    body = {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}
    line.telegram.refuse = [(403, body)]
    line.telegram.say("你好")
    await line.telegram.confirmed()
    for _ in range(100):
        if await _failed(line.app):
            break
        await asyncio.sleep(0.02)
    assert await _failed(line.app) == 1
    assert line.telegram.sent == []


async def test_a_choice_to_prove_the_phone_is_telegrams_contact_button(line: Line) -> None:
    line.telegram.say("帮我把300100000034拦截退回")
    await line.telegram.heard(2)
    keyboards = [each["reply_markup"].get("keyboard") for each in line.telegram.sent]
    assert [[{"text": "验证手机号", "request_contact": True}]] in keyboards


@given(st.text(alphabet="一二三。，\nab", max_size=600), st.integers(min_value=20, max_value=60))
def test_a_long_text_is_split_without_losing_a_character(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(len(part) <= limit for part in parts)
    assert "".join(parts).replace("\n", "") == text.replace("\n", "")


def test_a_short_text_stays_whole() -> None:
    assert split("您好") == ["您好"]
    assert MAX_LENGTH == 4096


async def _phone(app: App) -> str | None:
    table = tables.conversations
    query = select(table.c.verified_phone).where(table.c.name == CONVERSATION)
    return await app.store.read(lambda connection: connection.execute(query).scalar_one_or_none())


async def _failed(app: App) -> int:
    table = tables.deliveries
    query = select(func.count()).select_from(table).where(table.c.status == "failed")
    return await app.store.read(lambda connection: connection.execute(query).scalar_one())

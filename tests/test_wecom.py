"""WeCom customer service over real HTTP, against a server with its bells, cursor, sessions, quota and codes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import Connection, select

from bot.app import App
from bot.channel_settings import Wecom
from bot.channels.wechat_crypto import sign
from bot.channels.wecom import WecomChannel
from bot.channels.wecom_heard import heard
from bot.desk import Also, Answer, Inbound
from bot.inbox import Arrival
from bot.store import tables
from bot.uploads import Uploads
from tests.conftest import Clock
from tests.fake_wechat import PICTURE
from tests.fake_wecom import (
    ACCOUNT,
    AES_KEY,
    BOT,
    CORP_ID,
    CUSTOMER,
    ENDED,
    NEW,
    PERSON,
    POOL,
    SECRET,
    TOKEN,
    FakeWecom,
)
from tests.line import Line, connected

CONVERSATION = f"wecom:{ACCOUNT}:{CUSTOMER}"


@dataclass
class WecomLine(Line):
    """A customer in WeCom's chat on one end."""

    wecom: FakeWecom = field(kw_only=True)
    channel: WecomChannel = field(kw_only=True)

    async def said(self) -> list[tuple[str, str]]:
        """The conversation as our people read it."""
        return [(each["from"], each["text"]) for each in (await self.conversation())["messages"]]

    async def fetched(self) -> None:
        """Wait until every bell and what was fetched for it is answered."""
        table = tables.wecom_accounts
        query = select(table.c.rung - table.c.answered)
        async with asyncio.timeout(10):
            while any(await self.app.store.read(lambda c: c.execute(query).scalars().all())):
                await asyncio.sleep(0.02)
        await self.worked_off()


@pytest.fixture
async def line(
    app: App, clock: Clock, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[WecomLine]:
    """An open line; a test may say where the people sit."""
    wecom = FakeWecom(clock)
    await wecom.start()
    settings = Wecom(
        corp_id=CORP_ID,
        kf_secret=SECRET,
        token=TOKEN,
        aes_key=AES_KEY,
        base_url=wecom.url,
        people=getattr(request, "param", "desk"),
    )
    uploads = tmp_path / "uploads"
    channel = WecomChannel(app.desk, Uploads(app.store, uploads), settings)
    opened = WecomLine(app, clock, CONVERSATION, uploads, wecom=wecom, channel=channel)
    async with connected(opened, channel):
        wecom.desk_url = opened.desk_url
        yield opened
    await wecom.stop()


people_in_wecom = pytest.mark.parametrize("line", ["wecom"], indirect=True)


async def test_a_text_is_answered_by_a_message_with_our_own_id(line: WecomLine) -> None:
    await line.wecom.say("查下300100000026")
    assert "北京转运中心" in (await line.wecom.read(1))[0]
    assert line.wecom.session().state == BOT
    assert len(line.wecom.sent[0]["msgid"]) == 32
    await line.delivered("sent", 1)
    assert await line.left() == 4


async def test_the_address_is_verified_and_a_stranger_is_not(line: WecomLine) -> None:
    query, body = line.wecom.bell()
    envelope = line.channel.envelope
    echo = envelope.seal("4711")
    signed = {**query, "echostr": echo}
    signed["msg_signature"] = sign(TOKEN, query["timestamp"], query["nonce"], echo)
    async with aiohttp.ClientSession(line.desk_url) as session:
        async with session.get("/webhooks/wecom", params=signed) as response:
            assert (response.status, await response.text()) == (200, "4711")
        async with session.get("/webhooks/wecom", params={**signed, "echostr": "x"}) as response:
            assert response.status == 401
        async with session.post(
            "/webhooks/wecom", params={**query, "msg_signature": "0" * 40}, data=body
        ) as response:
            assert response.status == 401
        plain = b"<xml><Event>kf_msg_or_event</Event><OpenKfId>wk1</OpenKfId></xml>"
        async with session.post("/webhooks/wecom", params=query, data=plain) as response:
            assert response.status == 401
        async with session.post("/webhooks/wecom", params=query, data=b"x" * 70000) as response:
            assert response.status == 413
    assert line.wecom.calls["sync_msg"] == 0


async def test_choices_are_a_menu_and_a_tapped_line_is_understood(line: WecomLine) -> None:
    await line.wecom.say("你好")
    await line.wecom.read(1)
    choices = line.wecom.sent[0]["msgmenu"]["list"]
    assert choices[0] == {"type": "click", "click": {"id": "1", "content": "我要寄件"}}
    await line.wecom.say("我要寄件", menu_id="1")
    assert "寄什么" in (await line.wecom.read(2))[1]


async def test_a_customer_who_comes_in_is_welcomed_once_with_a_menu(line: WecomLine) -> None:
    await line.wecom.enter(scene="waybill_300100000026")
    assert "您好" in (await line.wecom.read(1))[0]
    assert "查快递300100000026" in line.wecom.shown[0]
    await line.fetched()
    await line.channel.events.take(heard(line.wecom.entries[0]))
    assert len(line.wecom.welcomes) == 1
    await line.wecom.enter(code=False)
    await line.fetched()
    assert len(line.wecom.welcomes) == 1
    assert len(await line.said()) == 1


async def test_a_welcome_that_is_late_is_not_tried(line: WecomLine) -> None:
    await line.wecom.enter(seconds_ago=21)
    await line.fetched()
    assert line.wecom.calls["send_msg_on_event"] == 0


async def test_many_pages_are_fetched_by_cursor_each_message_answered_in_order(line: WecomLine) -> None:
    line.wecom.page, line.wecom.empty_pages = 3, 1
    for number in range(8):
        line.wecom.write("text", {"content": f"第{number}句"})
    await line.wecom.ring()
    await line.fetched()
    said = [text for sender, text in await line.said() if sender == "customer"]
    assert said == [f"第{number}句" for number in range(8)]
    assert [body.get("cursor") for body in line.wecom.fetched] == [None, "0", "3", "6"]
    assert line.wecom.fetched[0]["token"] == "ENC-bell"


async def test_a_crash_between_fetching_and_storing_loses_and_doubles_nothing(line: WecomLine) -> None:
    """The page and its cursor are stored together or not at all; what was stored is not stored again."""
    store, died = line.channel.inbox.store, 0

    def dies_once(connection: Connection, arrivals: Iterable[Arrival]) -> None:
        nonlocal died
        store(connection, arrivals)
        died += 1
        if died == 1:
            raise ConnectionError("the database is gone")

    line.channel.inbox.store = dies_once  # type: ignore[method-assign]
    for text in ("你好", "我要寄件", "茶叶"):
        line.wecom.write("text", {"content": text})
    await line.wecom.ring()
    await line.wecom.read(3)
    await line.fetched()
    assert [body.get("cursor") for body in line.wecom.fetched] == [None, None]
    assert [text for sender, text in await line.said() if sender == "customer"] == [
        "你好",
        "我要寄件",
        "茶叶",
    ]
    assert len(line.wecom.shown) == len(line.wecom.sent) == 3


async def test_an_entry_that_fails_is_tried_again_and_others_do_not_wait(line: WecomLine) -> None:
    answer, tried = line.app.desk.answer, 0

    async def fails_once(inbound: Inbound, also: Also | None = None) -> Answer:
        nonlocal tried
        if inbound.conversation == CONVERSATION:
            tried += 1
            if tried == 1:
                raise ConnectionError("the database is gone")
        return await answer(inbound, also)

    line.app.desk.answer = fails_once  # type: ignore[method-assign]
    line.wecom.write("text", {"content": "你好"})
    line.wecom.write("text", {"content": "查下300100000026"}, "wmOther")
    await line.wecom.ring()
    assert "北京转运中心" in (await line.wecom.read(1))[0]
    line.clock.forward(seconds=3)
    await line.fetched()
    await line.wecom.read(2)
    assert tried == 2


async def test_what_was_said_while_nobody_listened_is_fetched_at_the_start(line: WecomLine) -> None:
    await line.wecom.say("你好")
    await line.fetched()
    line.wecom.write("text", {"content": "查下300100000026"})
    again = WecomChannel(line.app.desk, Uploads(line.app.store, line.uploads), line.channel.settings)
    await again.start()
    assert "北京转运中心" in (await line.wecom.read(2))[1]
    await again.stop()


async def test_a_busy_platform_is_asked_again(line: WecomLine) -> None:
    line.wecom.faults = {"sync_msg": [45033], "send_msg": [-1]}
    await line.wecom.say("你好")
    async with asyncio.timeout(10):
        while not line.wecom.shown:
            line.clock.forward(seconds=3)
            line.app.desk.told(CONVERSATION)
            await asyncio.sleep(0.05)
    assert line.wecom.calls["send_msg"] == 2


async def test_a_word_whose_receipt_was_lost_is_not_said_twice(line: WecomLine) -> None:
    line.wecom.silent_sends = 1
    await line.wecom.say("你好")
    await line.wecom.read(1)
    async with asyncio.timeout(10):
        while line.wecom.calls["send_msg"] < 2:
            line.clock.forward(seconds=3)
            line.app.desk.told(CONVERSATION)
            await asyncio.sleep(0.05)
    await line.delivered("sent", 1)
    assert len(line.wecom.shown) == 1
    assert await line.left() == 4


async def test_five_words_in_48_hours_and_the_rest_is_kept_until_the_customer_returns(
    line: WecomLine,
) -> None:
    await line.wecom.say("你好")
    await line.wecom.read(1)
    for number in range(1, 6):
        await line.tell(f"通知{number}")
        await line.delivered("waiting", 0)
    assert line.wecom.shown[1:] == ["通知1", "通知2", "通知3"]
    assert (await line.conversation())["messages"][-1]["delivery"]["status"] == "kept"
    assert await line.left() == 1
    await line.wecom.say("我要寄件")
    assert (await line.wecom.read(6))[4] == "您离开期间，我们给您的回复：\n\n通知4\n\n通知5"
    assert "寄什么" in line.wecom.shown[5]
    await line.delivered("waiting", 0)
    line.clock.forward(hours=49)
    sends = line.wecom.calls["send_msg"]
    await line.tell("理赔已支付")
    await line.delivered("kept", 1)
    assert line.wecom.calls["send_msg"] == sends


@pytest.mark.parametrize(("kind", "status"), [(6, "kept"), (10, "failed")])
async def test_a_word_that_failed_after_all_is_shown_to_the_agent(
    line: WecomLine, kind: int, status: str
) -> None:
    await line.wecom.say("你好")
    await line.wecom.read(1)
    await line.delivered("sent", 1)
    await line.wecom.fail(0, kind)
    await line.delivered(status, 1)
    assert (await line.conversation())["messages"][-1]["delivery"]["status"] == status


async def test_a_picture_is_kept_at_once_and_what_we_cannot_hear_is_said(line: WecomLine) -> None:
    await line.wecom.say("我要投诉，300100000107送来摔碎了")
    await line.wecom.send("image", {"media_id": "picture"})
    await line.fetched()
    assert [path.read_bytes() for path in line.uploads.rglob("*") if path.is_file()] == [PICTURE]
    await line.wecom.send("image", {"media_id": "expired"})
    await line.wecom.send("voice", {"media_id": "v"})
    await line.fetched()
    said = [text for sender, text in await line.said() if sender == "bot"]
    assert "再发一次" in said[-2]
    assert "打字" in said[-1]
    await line.wecom.send("location", {"latitude": 30.27, "longitude": 120.15})
    await line.fetched()
    assert any("您大概在浙江省杭州市" in text for _, text in await line.said())


async def test_entries_that_cannot_be_read_are_passed_over(line: WecomLine) -> None:
    line.wecom.entries += [{"msgtype": "text"}, {"msgid": "x", "send_time": "never"}]
    await line.wecom.say("查下300100000026")
    assert "北京转运中心" in (await line.wecom.read(1))[0]


@people_in_wecom
async def test_a_person_in_the_wecom_client_takes_over_and_gives_back(line: WecomLine) -> None:
    wecom = line.wecom
    await wecom.say("转人工")
    await wecom.read(1)
    async with asyncio.timeout(10):
        while wecom.session().state != POOL:
            await asyncio.sleep(0.02)
    await wecom.pick("zhangsan")
    await line.fetched()
    assert (await line.conversation())["handled_by"] == "agent"
    await wecom.servicer_says("您好，我来帮您")
    await wecom.say("我的件摔碎了")
    await line.fetched()
    assert ("agent", "您好，我来帮您") in await line.said()
    await line.tell("案件进展通知")
    await line.delivered("kept", 1)
    assert wecom.shown.count("案件进展通知") == 0
    await wecom.close()
    await line.fetched()
    assert (await line.conversation())["handled_by"] == "bot"
    await wecom.say("查下300100000026")
    async with asyncio.timeout(10):
        while not any("北京转运中心" in text for text in wecom.shown):
            await asyncio.sleep(0.02)
    assert any("案件进展通知" in text for text in wecom.shown)


@pytest.mark.parametrize("state", [POOL, PERSON, ENDED, NEW])
async def test_95018_never_reaches_the_customer(line: WecomLine, state: int) -> None:
    """The session changed and no event told us: the platform refuses the word, we ask and obey."""
    await line.wecom.say("你好")
    await line.wecom.read(1)
    line.wecom.session().state = state
    if state == NEW:
        line.wecom.faults = {"send_msg": [95018]}
    await line.tell("通知")
    if state == NEW:
        async with asyncio.timeout(10):
            while len(line.wecom.shown) < 2:
                line.clock.forward(seconds=2)
                line.app.desk.told(CONVERSATION)
                await asyncio.sleep(0.05)
        return
    await line.delivered("kept", 1)
    assert line.wecom.shown[1:] == []
    assert [text for _, text in await line.said() if "95018" in text] == []
    await line.tell("通知二")
    await line.delivered("kept", 2)
    assert line.wecom.calls["send_msg"] == 2

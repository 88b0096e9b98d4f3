"""The Official Account over real HTTP, against a server that signs, retries, counts and refuses as WeChat does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import App
from bot.channel_settings import Wechat
from bot.channels.wechat import WechatChannel
from bot.desk import Also, Answer, Inbound
from bot.uploads import Uploads
from tests.conftest import Clock
from tests.fake_wechat import AES_KEY, APP_ID, APP_SECRET, CUSTOMER, PICTURE, TOKEN, FakeWechat
from tests.line import Line, connected

CONVERSATION = f"wechat:{CUSTOMER}"


@dataclass
class WechatLine(Line):
    """A customer's WeChat on one end."""

    wechat: FakeWechat = field(kw_only=True)
    channel: WechatChannel = field(kw_only=True)


Dial = Callable[..., Any]


@pytest.fixture
def dial(app: App, clock: Clock, tmp_path: Path) -> Dial:
    """Opens a line: in which mode, how patient WeChat is, and how long we wait for our own answer."""

    @asynccontextmanager
    async def opened(
        mode: str = "plain", patience: float = 5.0, answer_seconds: float = 4.5, app_secret: str = APP_SECRET
    ) -> AsyncIterator[WechatLine]:
        wechat = FakeWechat(clock, mode, patience)
        await wechat.start()
        settings = Wechat(
            app_id=APP_ID,
            app_secret=app_secret,
            token=TOKEN,
            aes_key=AES_KEY,
            base_url=wechat.url,
            answer_seconds=answer_seconds,
        )
        uploads = tmp_path / "uploads"
        channel = WechatChannel(app.desk, Uploads(app.store, uploads), settings)
        line = WechatLine(app, clock, CONVERSATION, uploads, wechat=wechat, channel=channel)
        async with connected(line, channel):
            wechat.desk_url = line.desk_url
            yield line
        await wechat.stop()

    return opened


@pytest.fixture
async def line(dial: Dial) -> AsyncIterator[WechatLine]:
    async with dial() as opened:
        yield opened


@pytest.mark.parametrize("mode", ["plain", "compatible", "aes"])
async def test_a_text_is_answered_in_the_answer_to_the_call(dial: Dial, mode: str) -> None:
    async with dial(mode) as line:
        assert "北京转运中心" in await line.wechat.say("查下300100000026")
        assert "send" not in line.wechat.calls
        await line.delivered("sent", 1)
        assert (await line.conversation())["messages"][-1]["delivery"] == {"status": "sent", "reason": ""}


async def test_the_address_is_verified_and_a_stranger_is_not(line: WechatLine) -> None:
    _, query = line.wechat.packed({})
    async with aiohttp.ClientSession(line.desk_url) as session:
        async with session.get("/webhooks/wechat", params={**query, "echostr": "4711"}) as response:
            assert (response.status, await response.text()) == (200, "4711")
        forged = {**query, "signature": "0" * 40, "echostr": "4711"}
        async with session.get("/webhooks/wechat", params=forged) as response:
            assert response.status == 401
        async with session.post("/webhooks/wechat", params=query, data=b"<xml><a>") as response:
            assert response.status == 400
        async with session.post("/webhooks/wechat", params=query, data=b"x" * 70000) as response:
            assert response.status == 413
        line.clock.forward(minutes=6)
        async with session.get("/webhooks/wechat", params={**query, "echostr": "4711"}) as response:
            assert response.status == 401


async def test_choices_are_numbered_and_a_bare_number_picks_one(line: WechatLine) -> None:
    assert "1. 我要寄件" in await line.wechat.say("你好")
    assert "寄什么" in await line.wechat.say("1")


async def test_a_replayed_call_gets_the_same_answer_and_changes_nothing(line: WechatLine) -> None:
    message = line.wechat.message("text", Content="我要寄快递")
    first = await line.wechat.deliver(message)
    assert await line.wechat.deliver(message) == first
    assert len((await line.conversation())["messages"]) == 2


async def test_a_turn_that_takes_two_calls_is_answered_in_the_second(dial: Dial) -> None:
    async with dial(patience=1.5, answer_seconds=1.4) as line:
        slow(line, seconds=2.0)
        line.channel._kept = unwritten  # type: ignore[method-assign,assignment]
        assert "北京转运中心" in await line.wechat.say("查下300100000026")
        assert len((await line.conversation())["messages"]) == 2


async def test_a_late_answer_is_acknowledged_and_comes_by_message(dial: Dial) -> None:
    async with dial(patience=3.0, answer_seconds=0.2) as line:
        slow(line, seconds=0.5)
        assert await line.wechat.say("查下300100000026") == "success"
        assert "北京转运中心" in (await line.wechat.read(1))[0]
        await line.delivered("sent", 1)
        assert await line.left() == 4
        await line.worked_off()


async def test_a_late_message_survives_the_end_of_the_process(dial: Dial) -> None:
    async with dial(patience=3.0, answer_seconds=0.2) as line:
        answer = slow(line, seconds=60)
        assert await line.wechat.say("查下300100000026") == "success"
        for task in [line.channel._working, *line.channel.inbox._in_hand, *line.channel._turns.values()]:
            task.cancel()
        line.app.desk.answer = answer  # type: ignore[method-assign]
        line.clock.forward(seconds=61)
        again = WechatChannel(line.app.desk, Uploads(line.app.store, line.uploads), line.channel.settings)
        await again.start()
        assert "北京转运中心" in (await line.wechat.read(1))[0]
        await line.worked_off()
        await again.stop()


async def test_several_replies_are_one_text(line: WechatLine) -> None:
    text = await line.wechat.say("帮我把300100000034拦截退回")
    assert len((await line.conversation())["messages"]) > 2
    assert line.wechat.shown == [text]


async def test_taps_say_what_their_keys_say(line: WechatLine) -> None:
    assert "您好" in await line.wechat.tap("subscribe")
    assert "寄什么" in await line.wechat.tap("CLICK", "我要寄件")
    assert "北京转运中心" in await line.wechat.tap("SCAN", "waybill_300100000026")
    scanned = await line.wechat.tap("scancode_waitmsg", "scan", ScanResult="CODE_128,300100000026")
    assert "300100000026" in scanned
    assert await line.wechat.tap("VIEW", "https://example.com") == "success"
    assert await line.wechat.tap("unsubscribe") == "success"
    assert await line.left() == 0


async def test_a_voice_is_its_recognised_words_and_a_place_its_address(line: WechatLine) -> None:
    assert "北京转运中心" in await line.wechat.send_media("voice", "v1", Recognition="查下300100000026")
    assert "打字" in await line.wechat.send_media("voice", "v2", Recognition="")
    await line.wechat.say("我要寄快递")
    place = line.wechat.message(
        "location", Location_X="30.27", Location_Y="120.15", Label="浙江省杭州市西湖区文三路90号"
    )
    await line.wechat.deliver(place)
    form = (await line.conversation())["form"]
    assert "文三路90号" in str(form["slots"])
    unnamed = line.wechat.message("location", Location_X="30.27", Location_Y="120.15", Label="")
    await line.wechat.deliver(unnamed)
    assert "浙江省杭州市" in line.wechat.shown[-1]
    assert "打字" in await line.wechat.send_media("sticker", "x")


async def test_a_picture_is_kept_at_once_and_a_lost_one_is_asked_for_again(line: WechatLine) -> None:
    await line.wechat.say("我要投诉，300100000107送来摔碎了")
    await line.wechat.send_media("image", "picture")
    assert [path.read_bytes() for path in line.uploads.rglob("*") if path.is_file()] == [PICTURE]
    assert "再发一次" in await line.wechat.send_media("image", "expired")
    line.wechat.media["program"] = b"MZ" + b"\0" * 200
    assert "格式我们收不了" in await line.wechat.send_media("image", "program")
    line.wechat.media["film"] = b"\0" * (10 * 2**20 + 1)
    assert "超过10MB" in await line.wechat.send_media("image", "film")


async def test_a_text_does_not_overtake_the_picture_before_it(line: WechatLine) -> None:
    await line.wechat.say("我要投诉，300100000107送来摔碎了")
    line.wechat.media_seconds = 0.3
    async with asyncio.TaskGroup() as both:
        both.create_task(line.wechat.send_media("image", "picture"))
        await asyncio.sleep(0.1)
        both.create_task(line.wechat.say("请赔偿"))
    said = [each for each in (await line.conversation())["messages"] if each["from"] == "customer"]
    assert [bool(each["attachments"]) for each in said] == [False, True, False]


async def test_the_quota_is_kept_by_us_and_what_is_left_is_shown(line: WechatLine) -> None:
    await line.wechat.say("你好")
    assert await line.left() == 5
    for number in range(1, 7):
        await line.tell(f"通知{number}")
        await line.delivered("waiting", 0)
    assert line.wechat.shown[1:] == ["通知1", "通知2", "通知3", "通知4"]
    assert await line.left() == 1
    kept = (await line.conversation())["messages"][-1]["delivery"]
    assert kept["status"] == "kept"
    assert "until the customer writes" in kept["reason"]
    await line.tell("我是客服小李", sender="agent")
    assert (await line.wechat.read(6))[-1] == "我是客服小李"
    assert line.wechat.calls.count("send") == 5
    answer = await line.wechat.say("你好")
    assert answer.startswith("您离开期间，我们给您的回复：\n\n通知5\n\n通知6\n\n您好")
    assert line.wechat.calls.count("send") == 5


async def test_with_two_left_words_that_wait_are_merged(line: WechatLine) -> None:
    await line.wechat.say("你好")
    for number in range(1, 4):
        await line.tell(f"通知{number}")
        await line.delivered("waiting", 0)
    assert await line.left() == 2
    await line.tell("通知4", "通知5")
    assert (await line.wechat.read(5))[-1] == "通知4\n\n通知5"
    await line.delivered("sent", 6)
    assert await line.left() == 1


async def test_after_48_hours_words_are_kept_without_asking_wechat(line: WechatLine) -> None:
    await line.wechat.say("你好")
    line.clock.forward(hours=49)
    await line.tell("您的理赔已支付")
    await line.delivered("kept", 1)
    assert "send" not in line.wechat.calls
    assert (await line.conversation())["quota"] == {"left": 0, "until": None}
    assert "您的理赔已支付" in await line.wechat.tap("CLICK", "你好")
    assert await line.left() == 3
    line.clock.forward(seconds=61)
    assert await line.left() == 0


async def test_an_account_without_a_secret_only_answers(dial: Dial) -> None:
    async with dial(app_secret="") as line:
        await line.wechat.say("你好")
        await line.tell("通知")
        await line.delivered("kept", 1)
        assert line.wechat.calls == []
        assert "通知" in await line.wechat.say("你好")


@pytest.mark.parametrize(
    ("code", "status", "calls"),
    [(45047, "kept", 1), (45015, "kept", 1), (48001, "kept", 1), (43004, "failed", 1), (42001, "sent", 2)],
)
async def test_each_error_code_is_acted_on(line: WechatLine, code: int, status: str, calls: int) -> None:
    await line.wechat.say("你好")
    line.wechat.faults = [code]
    await line.tell("通知")
    await line.delivered(status, 1 if status != "sent" else 2)
    assert line.wechat.calls.count("send") == calls


async def test_a_busy_platform_is_asked_again_later(line: WechatLine) -> None:
    await line.wechat.say("你好")
    line.wechat.faults = [-1, 45011]
    await line.tell("通知")
    async with asyncio.timeout(10):
        while len(line.wechat.shown) < 2:
            line.clock.forward(seconds=61)
            line.app.desk.told(CONVERSATION)
            await asyncio.sleep(0.05)
    assert line.wechat.shown[-1] == "通知"
    assert await line.left() == 4


async def test_a_long_word_goes_in_parts_and_goes_on_where_it_was_refused(line: WechatLine) -> None:
    await line.wechat.say("你好")
    text = "".join(f"第{number}条说明，请您仔细阅读。" for number in range(100))
    line.wechat.faults = []
    await line.tell(text)
    parts = (await line.wechat.read(3))[1:]
    assert "".join(parts) == text
    assert await line.left() == 3


async def test_two_replicas_share_one_token_and_renew_it_when_it_is_refused(line: WechatLine) -> None:
    other = WechatChannel(line.app.desk, Uploads(line.app.store, line.uploads), line.channel.settings)
    await line.wechat.say("你好")
    await asyncio.gather(line.channel.api.media("picture", 1000), other.api.media("picture", 1000))
    assert line.wechat.calls.count("token") == 1
    line.wechat.revoke()
    await asyncio.gather(line.channel.api.media("picture", 1000), other.api.media("picture", 1000))
    assert line.wechat.calls.count("token") == 2
    line.clock.forward(minutes=116)
    await line.channel.api.media("picture", 1000)
    await other.api.media("picture", 1000)
    assert line.wechat.calls.count("token") == 3
    await other.api.close()


async def test_an_agents_words_reach_the_customer_and_the_bot_is_silent(line: WechatLine) -> None:
    await line.wechat.say("转人工")
    handoff = await line.request_person()
    queue, now = line.app.desk.queue, line.clock()
    await line.app.store.write(lambda c: queue.post(c, now, handoff, "我来帮您", "a1", "小李"))
    line.app.desk.told(CONVERSATION)
    assert (await line.wechat.read(3))[-1] == "我来帮您"
    assert await line.wechat.say("谢谢") == "success"


def slow(line: WechatLine, seconds: float) -> Callable[..., Any]:
    """The desk takes so long for a turn from now on; returns it as it was."""
    answer = line.app.desk.answer

    async def late(inbound: Inbound, also: Also | None = None) -> Answer:
        await asyncio.sleep(seconds)
        return await answer(inbound, also)

    line.app.desk.answer = late  # type: ignore[method-assign]
    return answer


async def unwritten(*_: Any) -> bool:
    """The database is as slow as the turn."""
    return False

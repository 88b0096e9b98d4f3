"""Parcels that only 快递100 knows: asked before the turn, kept by difference, told with its age when it is down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot import shipments
from bot.app import App, running, web_app
from bot.config import Settings
from bot.desk import Inbound
from tests.conftest import Clock, settings_with
from tests.fake_kuaidi100 import CUSTOMER, KEY, SALT, FakeKuaidi100, push_of

WAYBILL = "300555000011"
COLLECTED = {
    "time": "2026-11-21 09:00:00",
    "ftime": "2026-11-21 09:00:00",
    "context": "【杭州市】快件已由张三(13800138999)揽收",
    "areaName": "浙江,杭州市",
    "status": "揽收",
    "statusCode": "103",
}
ARRIVED = {
    "time": "2026-11-22 20:00:00",
    "ftime": "2026-11-22 20:00:00",
    "context": "【成都转运中心】已到达",
    "areaName": "",
    "status": "在途",
    "statusCode": "1001",
}
DELIVERING = {
    "time": "2026-11-23 09:30:00",
    "ftime": "2026-11-23 09:30:00",
    "context": "派件中，李四 13900139888",
    "areaName": "四川,成都市,武侯区",
    "status": "派件",
    "statusCode": "5",
}
ON_ITS_WAY = {"state": "0", "data": [ARRIVED, COLLECTED]}


@pytest.fixture
async def kuaidi() -> AsyncIterator[tuple[FakeKuaidi100, str]]:
    fake = FakeKuaidi100({WAYBILL: ON_ITS_WAY})
    runner = web.AppRunner(fake.site(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield fake, f"http://{host}:{port}"
    await runner.cleanup()


def with_kuaidi(folder: Path, base_url: str, **changed: Any) -> Settings:
    settings = settings_with("sqlite:///desk.db", folder)
    given = {"base_url": base_url, "customer": CUSTOMER, "key": KEY, "salt": SALT, "timeout_seconds": 0.3}
    kuaidi100 = settings.tracking.kuaidi100.model_copy(update={**given, **changed})
    tracking = settings.tracking.model_copy(update={"kuaidi100": kuaidi100})
    http = settings.http.model_copy(update={"public_url": "https://desk.example"})
    return settings.model_copy(update={"tracking": tracking, "http": http})


@pytest.fixture
async def desk(kuaidi: tuple[FakeKuaidi100, str], tmp_path: Path, clock: Clock) -> AsyncIterator[App]:
    async with running(with_kuaidi(tmp_path, kuaidi[1]), clock) as app:
        yield app


async def ask(app: App, text: str, conversation: str = "web:kuaidi-1") -> str:
    ask.count = getattr(ask, "count", 0) + 1  # type: ignore[attr-defined]
    answer = await app.desk.answer(Inbound(conversation, f"m{ask.count}", text))  # type: ignore[attr-defined]
    return "\n".join(said.text for said in answer.replies)


async def test_a_parcel_that_nobody_reports_is_asked_for_and_told(
    desk: App, kuaidi: tuple[FakeKuaidi100, str]
) -> None:
    told = await ask(desk, f"查下{WAYBILL}")
    assert "运输途中【成都转运中心】，11月22日（周日）20:00更新" in told
    assert kuaidi[0].queries == [{"com": "annengwuliu", "num": WAYBILL, "resultv2": "4", "order": "desc"}]


async def test_a_stranger_hears_no_name_and_no_phone_of_it(
    desk: App, kuaidi: tuple[FakeKuaidi100, str]
) -> None:
    kuaidi[0].tracks[WAYBILL] = {"state": "5", "data": [DELIVERING, ARRIVED, COLLECTED]}
    told = await ask(desk, f"查下{WAYBILL}")
    assert "正在派送【四川成都市武侯区】" in told
    assert not any(secret in told for secret in ("李四", "13900139888", "张三", "13800138999"))


async def test_one_waybill_is_asked_about_once_in_30_minutes(
    desk: App, kuaidi: tuple[FakeKuaidi100, str], clock: Clock
) -> None:
    for conversation in ("web:kuaidi-1", "web:kuaidi-2"):
        await ask(desk, f"查下{WAYBILL}", conversation)
    clock.forward(minutes=29)
    await ask(desk, "到哪了")
    assert len(kuaidi[0].queries) == 1
    clock.forward(minutes=1)
    await ask(desk, "到哪了")
    assert len(kuaidi[0].queries) == 2


async def test_two_who_ask_at_once_wait_for_one_query(desk: App, kuaidi: tuple[FakeKuaidi100, str]) -> None:
    told = await asyncio.gather(*(ask(desk, f"查{WAYBILL}", f"web:kuaidi-{n}") for n in range(3)))
    assert all("成都转运中心" in each for each in told)
    assert len(kuaidi[0].queries) == 1


@pytest.mark.parametrize("fault", ["502", "hang"])
async def test_a_query_without_an_answer_is_tried_once_more(
    desk: App, kuaidi: tuple[FakeKuaidi100, str], fault: str
) -> None:
    kuaidi[0].faults = [fault]
    assert "成都转运中心" in await ask(desk, f"查下{WAYBILL}")
    assert len(kuaidi[0].queries) == 2


@pytest.mark.parametrize("faults", [["502", "502"], ["html"], ["501"], ["601"]])
async def test_while_it_is_down_what_is_kept_is_told_with_its_age(
    desk: App, kuaidi: tuple[FakeKuaidi100, str], clock: Clock, faults: list[str]
) -> None:
    await ask(desk, f"查下{WAYBILL}")
    clock.forward(minutes=45)
    kuaidi[0].faults = faults
    told = await ask(desk, "到哪了")
    assert "成都转运中心" in told
    assert "暂时没有响应，以上是11月23日（周一）10:00查到的情况" in told
    clock.forward(minutes=31)
    assert "没有响应" not in await ask(desk, "到哪了")


async def test_down_and_nothing_kept_a_person_answers_in_20_minutes(
    desk: App, kuaidi: tuple[FakeKuaidi100, str]
) -> None:
    kuaidi[0].faults = ["502", "502"]
    told = await ask(desk, f"查下{WAYBILL}")
    assert "查询系统暂时没有响应" in told
    assert "10:20前答复" in told


async def test_a_wrong_key_is_no_answer_and_no_lie(
    kuaidi: tuple[FakeKuaidi100, str], tmp_path: Path, clock: Clock
) -> None:
    async with running(with_kuaidi(tmp_path, kuaidi[1], key="stolen"), clock) as app:
        assert "查询系统暂时没有响应" in await ask(app, f"查下{WAYBILL}")
    assert kuaidi[0].queries == []


async def test_what_it_has_no_record_of_is_not_found(desk: App, kuaidi: tuple[FakeKuaidi100, str]) -> None:
    assert "没有查到" in await ask(desk, "查下300555000099")


async def test_it_is_not_asked_about_what_our_own_systems_report_nor_without_need(
    desk: App, kuaidi: tuple[FakeKuaidi100, str]
) -> None:
    await ask(desk, "查下300100000026")
    await ask(desk, "白酒能寄吗")
    assert kuaidi[0].queries == []


async def test_a_parcel_that_was_asked_about_is_subscribed_to_once(
    desk: App, kuaidi: tuple[FakeKuaidi100, str], clock: Clock
) -> None:
    for _ in range(2):
        await ask(desk, f"查下{WAYBILL}")
        assert desk.desk.tracking is not None
        await desk.desk.tracking.close()
        clock.forward(minutes=31)
    (subscription,) = kuaidi[0].subscriptions
    assert subscription["number"] == WAYBILL
    assert subscription["parameters"]["callbackurl"] == "https://desk.example/webhooks/kuaidi100"


@pytest.fixture
async def caller(desk: App) -> AsyncIterator[aiohttp.ClientSession]:
    """The service, pushing."""
    runner = web.AppRunner(web_app(desk), shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with aiohttp.ClientSession(f"http://{host}:{port}") as session:
        yield session
    await runner.cleanup()


async def push(caller: aiohttp.ClientSession, form: dict[str, str]) -> tuple[int, Any]:
    async with caller.post("/webhooks/kuaidi100", data=form) as response:
        return response.status, await response.json()


async def kept(app: App) -> dict[str, Any]:
    data = await app.store.read(lambda connection: shipments.load(connection, WAYBILL))
    assert data is not None
    return data


async def test_a_push_is_kept_by_difference(desk: App, caller: aiohttp.ClientSession) -> None:
    await ask(desk, f"查下{WAYBILL}")
    form = push_of("polling", WAYBILL, {"state": "5", "data": [DELIVERING, ARRIVED, COLLECTED]})
    for _ in range(2):
        assert await push(caller, form) == (200, {"result": True, "returnCode": "200", "message": "成功"})
    data = await kept(desk)
    codes = [event["code"] for event in data["events"]]
    assert (data["status"], codes) == ("out_for_delivery", ["collected", "arrived", "out_for_delivery"])
    assert "正在派送" in await ask(desk, "到哪了")


async def test_a_push_that_was_overtaken_takes_nothing_back(desk: App, caller: aiohttp.ClientSession) -> None:
    await push(caller, push_of("polling", WAYBILL, {"state": "5", "data": [DELIVERING, ARRIVED, COLLECTED]}))
    await push(caller, push_of("polling", WAYBILL, {"state": "0", "data": [ARRIVED, COLLECTED]}))
    data = await kept(desk)
    assert (data["status"], len(data["events"])) == ("out_for_delivery", 3)


async def test_a_push_with_a_wrong_signature_is_refused(desk: App, caller: aiohttp.ClientSession) -> None:
    form = push_of("polling", WAYBILL, ON_ITS_WAY)
    assert (await push(caller, {**form, "param": form["param"].replace("在途", "签收")}))[0] == 401
    assert (await push(caller, {**form, "sign": "0" * 32}))[0] == 401
    assert (await push(caller, {"param": form["param"]}))[0] == 400
    assert await desk.store.read(lambda connection: shipments.load(connection, WAYBILL)) is None


async def test_a_push_does_not_touch_what_our_own_systems_report(
    desk: App, caller: aiohttp.ClientSession
) -> None:
    own = "300100000026"
    status, _ = await push(caller, push_of("polling", own, {"state": "3", "data": [DELIVERING]}))
    assert status == 200
    assert "北京转运中心" in await ask(desk, f"查{own}")

"""The agents' console over HTTP: who may do what, and what each page tells."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.app import App
from bot.case_steps import ALLOWED
from handoff import canned
from handoff.console.wording import words
from handoff.sign_in import MAX_FAILURES
from tests.conftest import Clock
from tests.console_desk import (
    PASSWORD,
    Console,
    add_staff,
    console_of,
    customer_says,
    handoff_of,
    open_session,
)

CLAIM = (
    "300100000026 羽绒服坏了，全部损坏，价值500元，签收前当面发现，赔款退到支付宝19911110002，收款人王女士"
)


@pytest.fixture
async def staff(app: App) -> dict[str, str]:
    return await add_staff(app)


@pytest.fixture
async def wang(app: App, desk_url: str, staff: dict[str, str]) -> AsyncIterator[Console]:
    async with console_of(app, desk_url, staff["wang"]) as console:
        yield console


@pytest.fixture
async def li(app: App, desk_url: str, staff: dict[str, str]) -> AsyncIterator[Console]:
    async with console_of(app, desk_url, staff["li"]) as console:
        yield console


@pytest.fixture
async def zhao(app: App, desk_url: str, staff: dict[str, str]) -> AsyncIterator[Console]:
    async with console_of(app, desk_url, staff["zhao"]) as console:
        yield console


@pytest.fixture
async def qian(app: App, desk_url: str, staff: dict[str, str]) -> AsyncIterator[Console]:
    async with console_of(app, desk_url, staff["qian"]) as console:
        yield console


async def test_five_wrong_passwords_lock_the_door_for_a_while(
    chat: aiohttp.ClientSession, staff: dict[str, str], clock: Clock
) -> None:
    async def sign_in(password: str) -> tuple[int, str]:
        form = {"login": "wang", "password": password}
        async with chat.post("/console/sign-in", data=form, allow_redirects=False) as response:
            return response.status, await response.text()

    for _ in range(MAX_FAILURES):
        status, page = await sign_in("wrong")
        assert (status, "账号或密码不正确" in page) == (403, True)
    status, page = await sign_in(PASSWORD)
    assert (status, "10:15 之后再试" in page) == (403, True)
    clock.forward(minutes=16)
    assert (await sign_in(PASSWORD))[0] == 303


async def test_without_a_session_there_is_only_the_door(chat: aiohttp.ClientSession) -> None:
    async with chat.get("/console/c/HO1?x=1", allow_redirects=False) as response:
        assert response.headers["Location"] == "/console/sign-in?next=%2Fconsole%2Fc%2FHO1%3Fx%3D1"
    async with chat.get("/console/list", headers={"X-Part": "1"}) as response:
        assert response.status == 401


async def test_the_door_leads_to_no_other_site(chat: aiohttp.ClientSession, staff: dict[str, str]) -> None:
    for place in ("//evil.example", "/console/..//evil.example"):
        form = {"login": "wang", "password": PASSWORD, "next": place}
        async with chat.post("/console/sign-in", data=form, allow_redirects=False) as response:
            assert response.headers["Location"] == "/console"


async def test_pages_run_no_script_but_our_own(wang: Console) -> None:
    async with wang.session.get("/console") as response:
        policy = response.headers["Content-Security-Policy"]
        page = await response.text()
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert re.findall(r"<script(?! type=\"module\" src=\"/console/static/main.js\">)", page) == []
    assert re.findall(r"\son\w+=|style=", page) == []


async def test_a_change_from_another_site_is_refused(wang: Console, app: App) -> None:
    async with wang.session.post("/console/presence", data={"status": "online"}) as response:
        assert response.status == 403
    headers = {"Origin": "https://evil.example", "X-CSRF": "guessed"}
    async with wang.session.post("/console/next", headers=headers) as response:
        assert (await response.json())["detail"] == "请求来源不正确，请刷新页面后重试。"


async def test_another_session_can_be_ended_and_is_out_at_once(
    app: App, desk_url: str, staff: dict[str, str], wang: Console
) -> None:
    async with console_of(app, desk_url, staff["wang"]) as other:
        await other.get("/canned")
        [hash] = re.findall(r"/console/sessions/(\w{64})/end", await wang.get("/password"))
        assert (await wang.post(f"/sessions/{hash}/end"))[0] == 200
        async with other.session.get("/console", allow_redirects=False) as response:
            assert response.headers["Location"].startswith("/console/sign-in")


async def test_who_signs_out_leaves_no_chat_behind(app: App, wang: Console, staff: dict[str, str]) -> None:
    await wang.post("/presence", {"status": "online"})
    await customer_says(app, "customer-0001", "转人工")
    assert (await handoff_of(app, "customer-0001")).agent_id == staff["wang"]
    await wang.post("/sign-out")
    assert (await handoff_of(app, "customer-0001")).status == "waiting"


@pytest.mark.parametrize("path", ["/supervisor", "/audit", "/staff"])
async def test_an_agent_does_not_see_what_is_the_supervisors(wang: Console, path: str) -> None:
    async with wang.session.get(f"/console{path}") as response:
        assert response.status == 403


async def test_phones_are_masked_until_somebody_asks_on_record(
    app: App, wang: Console, zhao: Console
) -> None:
    await customer_says(
        app,
        "customer-0001",
        "我电话13812345678，转人工",
        verified_phone="13812345678",
        customer_name="陈女士",
    )
    handoff = await handoff_of(app, "customer-0001")
    page = await wang.get(f"/c/{handoff.id}")
    assert "138****5678" in page
    assert "13812345678" not in page + await wang.get("") + await zhao.get("/supervisor")
    assert (await wang.post(f"/c/{handoff.id}/unmask"))[0] == 200
    assert "13812345678" in await wang.get(f"/c/{handoff.id}")
    assert "13812345678" not in await zhao.get(f"/c/{handoff.id}")
    log = await zhao.get("/audit")
    assert re.search(r"王芳</td><td>查看客户完整信息</td><td class=\"mono\">" + handoff.id, log)


async def test_a_long_conversation_comes_in_pieces(app: App, wang: Console) -> None:
    await customer_says(app, "customer-0001", "转人工")
    handoff = await handoff_of(app, "customer-0001")
    await wang.post(f"/c/{handoff.id}/take")
    for number in range(150):
        await customer_says(app, "customer-0001", f"第{number}句")
    page = await wang.get(f"/c/{handoff.id}")
    shown = re.findall(r"第(\d+)句</p>", page)
    assert (len(shown), shown[-1]) == (60, "149")
    [first] = re.findall(r'data-first="(\d+)" data-more="yes"', page)
    earlier = re.findall(r"第(\d+)句</p>", await wang.get(f"/c/{handoff.id}/earlier?before={first}"))
    assert (len(earlier), earlier[-1]) == (60, str(int(shown[0]) - 1))


async def test_the_list_finds_by_name_phone_waybill_and_case(app: App, wang: Console) -> None:
    await customer_says(app, "customer-0001", CLAIM, verified_phone="19911110002", customer_name="王女士")
    await customer_says(app, "customer-0001", "确认提交")
    await customer_says(app, "customer-0001", "转人工")
    await customer_says(app, "customer-0002", "转人工", customer_name="别人")
    [number] = re.findall(r"CL\d{8}-\d{5}", (await handoff_of(app, "customer-0001")).summary)
    for query in ("王女", "19911110002", "10002", "300100000026", number, number.lower()):
        found = await wang.get(f"/list?q={query}")
        assert (query, re.findall(r'class="name">([^<]*)<', found)) == (query, ["王女士"])
    assert re.findall(r'class="name">([^<]*)<', await wang.get("/list?q=没有这个人")) == []


async def test_canned_answers_know_the_customer_and_are_found_by_pinyin(app: App, wang: Console) -> None:
    await app.store.write(
        lambda connection: canned.save(
            connection, "", "nh", "您好问候", "{客户}您好，我是{公司}{客服}，单号{运单号}。"
        )
    )
    await customer_says(app, "customer-0001", "转人工", customer_name="陈女士")
    handoff = await handoff_of(app, "customer-0001")
    [found] = json.loads(await wang.get(f"/c/{handoff.id}/canned"))["canned"]
    assert found["text"] == "陈女士您好，我是安能快递王芳，单号{运单号}。"
    assert found["letters"] == "nhwh"


async def test_the_best_answers_for_the_last_words_are_offered(app: App, wang: Console) -> None:
    await app.store.write(
        lambda connection: canned.save(connection, "", "dg", "安检退回怎么处理", "安检退回的快件免费送回。")
    )
    await customer_says(app, "customer-0001", "转人工")
    handoff = await handoff_of(app, "customer-0001")
    await wang.post(f"/c/{handoff.id}/take")
    await customer_says(app, "customer-0001", "安检退回怎么处理呀")
    offered = re.findall(r'data-fill="([^"]+)"', await wang.get(f"/c/{handoff.id}"))
    assert offered[0] == "安检退回的快件免费送回。"
    assert 1 < len(offered) <= 3
    await wang.post(f"/c/{handoff.id}/say", {"text": "您好"})
    assert "data-fill" not in await wang.get(f"/c/{handoff.id}")


async def test_the_calculator_names_the_article_of_each_sentence(wang: Console) -> None:
    form = {"waybill": "300100000026", "factor": "damage", "extent": "total", "ours": "1"}
    status, told = await wang.post("/estimate", form)
    assert status == 200
    assert "830.00 元" in told["page"]
    assert re.search(r"<b>A\.\d", told["page"])
    status, told = await wang.post("/estimate", {"waybill": "999", "factor": "loss"})
    assert (status, told["detail"]) == (404, "没有查到该运单。")


async def test_a_note_and_a_whisper_are_never_the_customers(app: App, wang: Console, zhao: Console) -> None:
    await customer_says(app, "customer-0001", "转人工")
    handoff = await handoff_of(app, "customer-0001")
    await wang.post(f"/c/{handoff.id}/take")
    await wang.post(f"/c/{handoff.id}/note", {"text": "注意核对发票"})
    await zhao.post(f"/c/{handoff.id}/note", {"text": "<b>先道歉</b>"})
    page = await wang.get(f"/c/{handoff.id}")
    assert "内部备注 · 王芳" in page
    assert "主管提醒 · 赵敏" in page
    assert "&lt;b&gt;先道歉&lt;/b&gt;" in page
    async with wang.session.get("/chat/history?session=customer-0001") as response:
        assert "发票" not in await response.text()


async def test_an_agent_leaves_anothers_chat_alone(app: App, wang: Console, li: Console) -> None:
    await customer_says(app, "customer-0001", "转人工")
    handoff = await handoff_of(app, "customer-0001")
    await wang.post(f"/c/{handoff.id}/take")
    status, told = await li.post(f"/c/{handoff.id}/take")
    assert (status, told["detail"]) == (409, "该会话已由王芳接入，请勿重复处理。")
    assert (await li.post(f"/c/{handoff.id}/say", {"text": "您好"}))[0] == 409
    assert (await li.post(f"/c/{handoff.id}/resolve"))[0] == 403
    assert (await li.post(f"/c/{handoff.id}/take-over"))[0] == 403


async def test_a_supervisor_takes_over_and_passes_on_and_all_of_it_is_on_record(
    app: App, wang: Console, zhao: Console, li: Console, staff: dict[str, str]
) -> None:
    await li.post("/presence", {"status": "online"})
    await zhao.post("/presence", {"agent": staff["li"], "status": "away"})
    await zhao.post("/presence", {"status": "away"})
    await customer_says(app, "customer-0001", "转人工", customer_name="陈女士")
    handoff = await handoff_of(app, "customer-0001")
    await wang.post(f"/c/{handoff.id}/take")
    assert "陈女士 · 0′" in await zhao.get("/supervisor/load")
    assert (await zhao.post(f"/c/{handoff.id}/take-over"))[0] == 200
    to_li = {"to": f"agent:{staff['li']}", "note": "请李强跟进"}
    assert (await zhao.post(f"/c/{handoff.id}/transfer", to_li))[0] == 200
    assert (await handoff_of(app, "customer-0001")).agent_id == staff["li"]
    assert "请李强跟进" in await li.get(f"/c/{handoff.id}")
    log = await zhao.get("/audit")
    assert all(word in log for word in ("接管", "转接", "状态变更"))


async def test_a_refused_claim_is_a_supervisors_to_close(app: App, wang: Console, zhao: Console) -> None:
    await customer_says(app, "customer-0001", CLAIM, verified_phone="19911110002", customer_name="王女士")
    await customer_says(app, "customer-0001", "确认提交")
    await customer_says(app, "customer-0001", "转人工")
    handoff = await handoff_of(app, "customer-0001")
    [number] = re.findall(r"CL\d{8}-\d{5}", handoff.summary)
    step = f"/c/{handoff.id}/cases/{number}"
    assert (await wang.post(f"{step}/reject"))[1]["detail"] == "请输入内容。"
    assert (await wang.post(f"{step}/pay"))[1]["detail"] == "案件当前状态不能进行此操作。"
    assert (await wang.post(f"{step}/reject", {"text": "系寄件人自身原因"}))[0] == 200
    assert (await wang.post(f"{step}/close", {"text": "结案"}))[0] == 403
    assert (await zhao.post(f"{step}/close", {"text": "结案"}))[0] == 200


async def test_a_shift_is_handed_over_with_its_chats_and_signed_for_once(
    app: App, wang: Console, li: Console, zhao: Console, staff: dict[str, str], clock: Clock
) -> None:
    await li.post("/presence", {"status": "away"})
    await customer_says(app, "customer-0001", CLAIM, verified_phone="19911110002", customer_name="王女士")
    await customer_says(app, "customer-0001", "确认提交")
    await customer_says(app, "customer-0001", "转人工")
    await wang.post(f"/c/{(await handoff_of(app, 'customer-0001')).id}/take")
    clock.forward(hours=1)
    assert (await wang.post("/shifts"))[1]["detail"] == "请填写交接说明。"
    _, told = await wang.post("/shifts", {"note": "王女士的理赔已答应今天回复"})
    sheet = await li.get(told["go"].removeprefix("/console"))
    assert all(word in sheet for word in ("王女士", "王女士的理赔已答应今天回复", "11-24 10:00"))
    assert (await wang.post(f"{told['go'].removeprefix('/console')}/receive"))[0] == 403
    assert (await li.post(f"{told['go'].removeprefix('/console')}/receive"))[0] == 200
    assert (await handoff_of(app, "customer-0001")).agent_id == staff["li"]
    status, again = await zhao.post(f"{told['go'].removeprefix('/console')}/receive")
    assert (status, again["detail"]) == (403, "您没有权限进行此操作。")


async def test_a_manager_adds_an_agent_and_takes_one_out(
    app: App, desk_url: str, qian: Console, wang: Console, staff: dict[str, str]
) -> None:
    new = {"login": "sun", "name": "孙丽", "role": "agent", "capacity": "3", "skills": "国际件 理赔"}
    status, told = await qian.post("/staff", new)
    assert (status, told["login"], len(told["password"])) == (200, "sun", 14)
    assert (await qian.post("/staff", new))[1]["detail"] == "该账号已有人使用。"
    assert (await qian.post(f"/staff/{staff['qian']}/active", {"active": "no"}))[0] == 422
    assert (await qian.post(f"/staff/{staff['wang']}/active", {"active": "no"}))[0] == 200
    async with wang.session.get("/console", allow_redirects=False) as response:
        assert response.status == 303
    await open_session(app, staff["li"])
    _, told = await qian.post(f"/staff/{staff['li']}/password")
    form = {"login": "li", "password": told["password"]}
    async with (
        aiohttp.ClientSession(desk_url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session,
        session.post("/console/sign-in", data=form) as page,
    ):
        assert str(page.url).endswith("/console/password")


async def test_every_open_page_hears_of_a_new_customer(app: App, wang: Console) -> None:
    async with wang.session.get("/console/stream") as stream:
        assert await stream.content.readuntil(b"\n\n") == b"event: hello\ndata: {}\n\n"
        await customer_says(app, "customer-0001", "转人工", customer_name="<i>陈</i>")
        event, data = (await stream.content.readuntil(b"\n\n")).decode().splitlines()[:2]
        told = json.loads(data.removeprefix("data: "))
        assert (event, told["status"], told["title"]) == ("event: change", "waiting", "<i>陈</i>")
        assert "&lt;i&gt;陈&lt;/i&gt;" in told["row"]
        counts = (await stream.content.readuntil(b"\n\n")).decode()
        assert json.loads(counts.splitlines()[1].removeprefix("data: "))["waiting"] == 1


def test_every_step_and_status_of_a_case_has_its_word() -> None:
    steps = {step for allowed in ALLOWED.values() for step in allowed}
    statuses = {status for allowed in ALLOWED.values() for each in allowed.values() for status in each}
    assert steps == words()["steps"].keys()
    assert statuses <= words()["case_statuses"].keys()

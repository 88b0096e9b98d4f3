"""The console in a real browser, beside the customer's page, against a real desk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import Connection

from bot.app import App
from handoff import agents, canned, sign_in
from tests.conftest import Clock
from tests.console_desk import add_staff, customer_says, handoff_of, open_session
from tests.test_chat_page import picture

expect.set_options(timeout=10_000)

ARTEFACTS = Path(__file__).parent / "artefacts"
DESKTOP = {"width": 1440, "height": 860}
PHONE = {"width": 390, "height": 844}
CLAIM = (
    "300100000026 羽绒服坏了，全部损坏，价值500元，签收前当面发现，赔款退到支付宝19911110002，收款人王女士"
)

Opener = Callable[..., Awaitable[Page]]


@pytest.fixture
async def staff(app: App) -> dict[str, str]:
    return await add_staff(app)


@pytest.fixture
async def open_page(
    browser: Browser, app: App, desk_url: str, staff: dict[str, str]
) -> AsyncIterator[Opener]:
    """Opens a page in a browser of its own: an agent's by his login, or the customer's of a session.

    What a browser complains of fails the test.
    """
    complaints: list[str] = []

    async def open_page(
        path: str, *, login: str = "", session: str = "", size: dict[str, int] = DESKTOP
    ) -> Page:
        context = await stack.enter_async_context(
            await browser.new_context(base_url=desk_url, viewport=size, locale="zh-CN")  # type: ignore[arg-type]
        )
        context.set_default_timeout(10_000)
        if login:
            token = await open_session(app, staff[login])
            await context.add_cookies(
                [{"name": "yida_console", "value": token, "url": f"{desk_url}/console"}]
            )
        if session:
            stored = f"localStorage.setItem('yida.session', JSON.stringify('{session}'))"
            await context.add_init_script(stored)
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        await page.goto(path)
        return page

    async with AsyncExitStack() as stack:
        yield open_page
    expected = [
        each
        for each in complaints
        if "409 (Conflict)" not in each and "403" not in each and "422" not in each
    ]
    assert expected == []


async def customer_types(page: Page, text: str) -> None:
    await page.get_by_label("输入消息").fill(text)
    await page.keyboard.press("Enter")


async def test_a_first_sign_in_leads_to_a_password_of_ones_own(
    open_page: Opener, app: App, staff: dict[str, str]
) -> None:
    first = sign_in.first_password()

    def reset(connection: Connection) -> None:
        hashed = sign_in.hash_password(first)
        agents.set_password(connection, staff["wang"], hashed, must_change=True)

    await app.store.write(reset)
    page = await open_page("/console")
    await page.get_by_label("账号").fill("wang")
    await page.get_by_label("密码").fill("wrong password")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("账号或密码不正确。")
    await page.get_by_label("密码").fill(first)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("请先设置您自己的密码")).to_be_visible()
    await page.goto("/console")
    await page.get_by_label("当前密码").fill(first)
    await page.get_by_label("新密码").fill("my own long password")
    await page.get_by_label("再输一次").fill("my own long password")
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_text("您当前离线，不会分到会话")).to_be_visible()
    await page.get_by_role("button", name="上线接待").click()
    await expect(page.get_by_text("您当前离线，不会分到会话")).to_be_hidden()


async def test_of_two_agents_who_take_one_chat_one_gets_it_and_the_other_is_told(
    open_page: Opener, app: App
) -> None:
    await customer_says(app, "customer-0001", "转人工", customer_name="陈女士")
    path = f"/console/c/{(await handoff_of(app, 'customer-0001')).id}"
    pages = [await open_page(path, login=login) for login in ("wang", "li")]
    takes = [page.get_by_role("button", name="接入", exact=True) for page in pages]
    await asyncio.gather(*(take.click() for take in takes))
    await expect(pages[0].locator(".facts")).to_contain_text("服务中")
    taken = await handoff_of(app, "customer-0001")
    winner, loser = pages if taken.agent_name == "王芳" else reversed(pages)
    await expect(winner.get_by_role("button", name="结束")).to_be_visible()
    await expect(loser.locator(".toasts .bad")).to_have_text(
        f"该会话已由{taken.agent_name}接入，请勿重复处理。"
    )
    await expect(loser.locator(".facts")).to_contain_text(f"客服 {taken.agent_name}")
    await expect(loser.get_by_role("button", name="结束")).to_have_count(0)


async def test_an_answer_reaches_the_customers_page_live_and_the_bot_goes_on_after_it(
    open_page: Opener, app: App
) -> None:
    customer = await open_page("/", session="customer-0001", size=PHONE)
    await customer_types(customer, "明天下午三点来杭州市西湖区文三路90号取件，寄到上海，一箱书")
    await customer_types(customer, "转人工")
    agent = await open_page("/console?filter=waiting", login="wang")
    await agent.keyboard.press("Alt+n")
    await expect(agent.locator(".panel")).to_contain_text("杭州市西湖区")
    await agent.get_by_label("回复内容").press_sequentially("您好")
    await expect(customer.get_by_text("对方正在输入…")).to_be_visible()
    await agent.keyboard.press("Enter")
    await expect(customer.locator(".agent .bubble")).to_have_text("您好")
    await expect(agent.locator(".word.agent.seen")).to_have_count(1)
    await customer.get_by_label("输入消息").press_sequentially("麻烦改到后天")
    await expect(agent.get_by_text("对方正在输入…")).to_be_visible()
    await customer.keyboard.press("Enter")
    await expect(agent.locator(".word.customer .bubble").last).to_have_text("麻烦改到后天")
    await expect(customer.locator(".read-mark").last).to_have_text("已读")
    await expect(customer.locator(".bot .bubble").last).not_to_contain_text("后天")
    await agent.keyboard.press("Alt+r")
    await expect(customer.locator("#handled")).to_have_text("智能客服")
    before = await customer.locator(".bot .bubble").count()
    await customer_types(customer, "张三 13812345678，10公斤")
    await expect(customer.locator(".bot .bubble")).to_have_count(before + 1)
    await expect(customer.locator(".bot .bubble").last).to_contain_text("文三路90号")


async def test_what_a_customer_types_is_never_markup(open_page: Opener, app: App) -> None:
    markup = "<script>document.title='坏'</script><img src=x onerror=\"document.title='坏'\">"
    agent = await open_page("/console?filter=waiting", login="zhao")
    await customer_says(app, "customer-0001", markup, customer_name=markup[:60])
    await customer_says(app, "customer-0001", "转人工")
    row = agent.locator(".row").first
    await expect(row.locator(".name")).to_have_text(markup[:60])
    await row.click()
    await expect(agent.locator(".word.customer .bubble").first).to_have_text(markup)
    await agent.get_by_role("button", name="接入", exact=True).click()
    await expect(agent.get_by_role("button", name="结束")).to_be_visible()
    await customer_says(app, "customer-0001", markup)
    await expect(agent.locator(".word.customer .bubble").last).to_have_text(markup)
    await agent.goto("/console/supervisor")
    await expect(agent.locator(".chips a")).to_contain_text(markup[:40])
    await agent.goto("/console/shifts")
    await expect(agent.locator(".sheet-parts a").first).to_have_text(markup[:60])
    assert await agent.locator("img[src=x]").count() == 0
    assert "坏" not in await agent.title()


async def test_a_claim_is_offered_and_accepted_and_paid(open_page: Opener, app: App) -> None:
    await customer_says(app, "customer-0001", CLAIM, verified_phone="19911110002", customer_name="王女士")
    await customer_says(app, "customer-0001", "确认提交")
    await customer_says(app, "customer-0001", "转人工")
    customer = await open_page("/", session="customer-0001", size=PHONE)
    agent = await open_page(f"/console/c/{(await handoff_of(app, 'customer-0001')).id}", login="wang")
    await agent.get_by_role("button", name="接入", exact=True).click()
    case = agent.locator(".case").first
    await case.locator("summary", has_text="提出方案").click()
    await case.get_by_label("金额（元）").fill("530")
    await case.get_by_role("button", name="提出方案").click()
    await expect(customer.get_by_text("530.00").last).to_be_visible()
    await expect(case.locator(".tag.status")).to_have_text("已报方案")
    await agent.get_by_role("button", name="退回智能客服").click()
    await expect(customer.locator("#handled")).to_have_text("智能客服")
    await customer_types(customer, "同意")
    await expect(customer.locator(".bot .bubble").last).to_contain_text("7")
    await agent.locator("[data-filter=closed]").click()
    await agent.locator(".row").first.click()
    await expect(case.locator(".tag.status")).to_have_text("已同意")
    await case.locator("summary", has_text="登记付款").click()
    await case.get_by_role("button", name="登记付款").click()
    await expect(case.locator(".tag.status")).to_have_text("已支付")


async def test_an_agents_picture_is_shown_to_the_customer_and_nothing_else_is_taken(
    open_page: Opener, app: App
) -> None:
    customer = await open_page("/", session="customer-0001", size=PHONE)
    await customer_types(customer, "转人工")
    agent = await open_page("/console?filter=waiting", login="wang")
    await agent.keyboard.press("Alt+n")
    await expect(agent.get_by_role("button", name="结束")).to_be_visible()
    await agent.locator("#file").set_input_files(
        [{"name": "面单.png", "mimeType": "image/png", "buffer": picture()}]
    )
    await expect(customer.get_by_role("img", name="图片：面单.png")).to_have_js_property("naturalWidth", 40)
    await expect(agent.locator(".word.agent .picture img")).to_have_js_property("naturalWidth", 40)
    await agent.locator("#file").set_input_files(
        [{"name": "假.png", "mimeType": "image/png", "buffer": b"MZ"}]
    )
    await expect(agent.locator(".toasts .bad")).to_have_text("只能发送图片或 PDF，且不超过 10 MB。")


async def test_two_keystrokes_answer_with_a_canned_answer(open_page: Opener, app: App) -> None:
    await app.store.write(
        lambda connection: canned.save(connection, "", "nh", "您好问候", "{客户}您好，我是{客服}。")
    )
    await customer_says(app, "customer-0001", "转人工", customer_name="陈女士")
    agent = await open_page("/console", login="wang")
    await agent.keyboard.press("Alt+n")
    await expect(agent.get_by_label("回复内容")).to_be_focused()
    await agent.keyboard.type("/wh")
    await expect(agent.get_by_role("option", name="您好问候")).to_be_visible()
    await agent.keyboard.press("Enter")
    await agent.keyboard.press("Enter")
    await expect(agent.locator(".word.agent .bubble")).to_have_text("陈女士您好，我是王芳。")
    await agent.keyboard.press("Alt+i")
    await agent.keyboard.type("注意核对发票")
    await agent.keyboard.press("Enter")
    await expect(agent.locator(".word.note .bubble")).to_have_text("注意核对发票")
    await agent.keyboard.press("Alt+d")
    await expect(agent.locator("html")).to_have_attribute("data-theme", "dark")
    await agent.get_by_label("聊天记录").press("?")
    await expect(agent.get_by_role("dialog", name="快捷键")).to_be_visible()


async def test_pages_fit_a_phone_a_tablet_and_a_desk(open_page: Opener, app: App, clock: Clock) -> None:
    """Keeps a picture of each page in tests/artefacts for people to look at."""
    await customer_says(app, "customer-0001", CLAIM, verified_phone="19911110002", customer_name="王女士")
    await customer_says(app, "customer-0001", "确认提交")
    await customer_says(app, "customer-0001", "转人工")
    await customer_says(app, "customer-0002", "我要向邮政管理局12305申诉", customer_name="陈先生")
    clock.forward(hours=1)
    page = await open_page("/console?filter=all", login="zhao")
    open_chat = f"/console/c/{(await handoff_of(app, 'customer-0001')).id}"
    places = {
        "inbox": "/console?filter=all",
        "conversation": open_chat,
        "supervisor": "/console/supervisor",
        "canned": "/console/canned",
        "shifts": "/console/shifts",
        "audit": "/console/audit",
        "account": "/console/password",
    }
    ARTEFACTS.mkdir(exist_ok=True)
    for name, path in places.items():
        await page.goto(path)
        for size, shape in (
            ("desktop", DESKTOP),
            ("tablet", {"width": 1024, "height": 768}),
            ("phone", PHONE),
        ):
            await page.set_viewport_size(shape)  # type: ignore[arg-type]
            await page.screenshot(path=ARTEFACTS / f"console-{name}-{size}.png")
            wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert (name, size, wide) == (name, size, 0)

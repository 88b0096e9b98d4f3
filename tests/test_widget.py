"""The chat on a page of another site, in a real browser: framed where it is allowed, and nowhere else."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from html import escape

import aiohttp
import pytest
from aiohttp import web
from playwright.async_api import Browser, FrameLocator, Page, expect

from bot.config import Settings

STRICT = "default-src 'self'; script-src {desk}; frame-src {desk}; style-src 'none'"
PHONE = "13800138021"
SESSION = "user-of-the-site-1"


class Site:
    """A courier's own site on another origin, with a strict policy; `identity` is whom it vouches for."""

    def __init__(self) -> None:
        self.desk = ""
        self.identity = ""
        self.url = ""

    async def page(self, _: web.Request) -> web.Response:
        tag = f'<script async src="{self.desk}/widget.js" data-identity="{escape(self.identity)}"></script>'
        return web.Response(
            text=f'<!doctype html><meta name="viewport" content="width=device-width">{tag}<p>官网</p>',
            content_type="text/html",
            headers={"Content-Security-Policy": STRICT.format(desk=self.desk)},
        )


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site, application = Site(), web.Application()
    application.router.add_get("/", site.page)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = "http://127.0.0.1:{1}".format(*runner.addresses[0])
    yield site
    await runner.cleanup()


@pytest.fixture
def settings(settings: Settings, site: Site) -> Settings:
    """The desk lets the site show its chat."""
    chat = settings.channels.webchat.model_copy(update={"allowed_origins": (site.url,)})
    return settings.model_copy(update={"channels": settings.channels.model_copy(update={"webchat": chat})})


@pytest.fixture
async def visited(browser: Browser, site: Site, desk_url: str) -> AsyncIterator[Page]:
    """The site's page on a phone of 360 px."""
    site.desk = desk_url
    context = await browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN")
    context.set_default_timeout(10_000)
    page = await context.new_page()
    await page.goto(site.url)
    yield page
    await context.close()


async def opened(page: Page) -> FrameLocator:
    await page.get_by_role("button", name="打开在线客服").click()
    frame = page.frame_locator("iframe")
    await expect(frame.get_by_text("您好！这里是安能快递")).to_be_visible()
    return frame


async def say(frame: FrameLocator, text: str) -> None:
    await frame.get_by_label("输入消息").fill(text)
    await frame.get_by_label("输入消息").press("Enter")
    await expect(frame.locator(".customer", has_text=text).last).to_have_attribute("data-state", "sent")


async def test_a_customer_chats_on_the_site_and_goes_back_to_it(visited: Page) -> None:
    frame = await opened(visited)
    await say(frame, "我要寄件")
    sheet = await visited.locator("iframe").bounding_box()
    assert sheet is not None
    assert (sheet["x"], sheet["width"]) == (0, 360)
    assert sheet["y"] + sheet["height"] == 740
    await frame.get_by_role("button", name="收起").click()
    await expect(visited.locator("iframe")).to_be_hidden()
    await expect(visited.get_by_role("button", name="打开在线客服")).to_be_focused()


async def test_what_comes_while_the_chat_is_closed_is_counted_on_the_button(
    visited: Page, api: aiohttp.ClientSession
) -> None:
    frame = await opened(visited)
    await say(frame, "转人工")
    async with api.get("/api/handoffs") as response:
        [handoff] = (await response.json())["handoffs"]
    await frame.get_by_label("输入消息").press("Escape")
    await expect(visited.locator("iframe")).to_be_hidden()
    body = {"text": "您好", "agent": {"id": "a1", "name": "小周"}}
    async with api.post(f"/api/handoffs/{handoff['id']}/messages", json=body):
        await expect(visited.get_by_role("button", name="未读消息")).to_be_visible()
    await visited.reload()
    await expect(visited.get_by_role("button", name="未读消息")).to_be_visible()
    await visited.get_by_role("button", name="未读消息").click()
    await expect(visited.frame_locator("iframe").get_by_text("您好", exact=True)).to_be_visible()
    await expect(visited.get_by_role("button", name="未读")).to_have_count(0)


async def test_the_site_vouches_for_its_user(visited: Page, site: Site, api: aiohttp.ClientSession) -> None:
    told = f"{SESSION}.{PHONE}.王芳".encode()
    signature = hmac.new(b"test-secret", told, hashlib.sha256).hexdigest()
    site.identity = json.dumps({"session": SESSION, "phone": PHONE, "name": "王芳", "signature": signature})
    await visited.reload()
    await say(await opened(visited), "你好")
    async with api.get(f"/api/conversations/web:{SESSION}") as response:
        assert (await response.json())["verified_phone"] == PHONE


async def test_a_stranger_s_frame_is_refused_by_the_browser(
    browser: Browser,
    site: Site,
    desk_url: str,
) -> None:
    site.desk = desk_url
    context = await browser.new_context(locale="zh-CN")
    page = await context.new_page()
    await page.goto(site.url.replace("127.0.0.1", "localhost"))
    await page.get_by_role("button", name="打开在线客服").click()
    await expect(page.locator("iframe")).to_be_visible()
    await page.wait_for_timeout(500)
    assert not await page.frame_locator("iframe").get_by_label("输入消息").count()
    await context.close()


async def test_the_demo_page_shows_the_widget(browser: Browser, desk_url: str) -> None:
    context = await browser.new_context(viewport={"width": 1200, "height": 800}, locale="zh-CN")
    page = await context.new_page()
    await page.goto(f"{desk_url}/widget/demo")
    frame = await opened(page)
    box = await page.locator("iframe").bounding_box()
    assert box is not None
    assert box["width"] == 390
    await expect(frame.get_by_role("button", name="收起")).to_be_visible()
    await context.close()

"""The customer's chat page in a real browser, against a real desk."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser, FilePayload, Page, Route, expect

PAGES = Path(__file__).parent.parent / "bot" / "pages"


def picture(side: int = 40) -> bytes:
    """A PNG of one colour."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80\x40\x20" * side) * side)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture
async def page(browser: Browser, desk_url: str) -> AsyncIterator[Page]:
    """The chat page on a phone of 360 px, greeted and ready."""
    context = await browser.new_context(
        base_url=desk_url, viewport={"width": 360, "height": 740}, locale="zh-CN"
    )
    context.set_default_timeout(10_000)
    page = await context.new_page()
    await page.goto("/")
    await expect(page.get_by_text("您好！这里是安能快递")).to_be_visible()
    yield page
    await context.close()


async def say(page: Page, text: str) -> None:
    """Type and press Enter, then wait for the answer."""
    await page.get_by_label("输入消息").fill(text)
    await page.keyboard.press("Enter")
    await expect(page.locator(".customer", has_text=text).last).to_have_attribute("data-state", "sent")


async def bubbles(page: Page) -> list[str]:
    return await page.locator(".log .bubble").all_inner_texts()


async def customer_words(page: Page) -> list[str]:
    return await page.locator(".customer .bubble").all_inner_texts()


async def session_of(page: Page) -> str:
    return str(json.loads(await page.evaluate("localStorage.getItem('yida.session')")))


async def stored_words(page: Page, api: aiohttp.ClientSession) -> list[str]:
    """What the customer said, as the desk has it."""
    async with api.get(f"/api/conversations/web:{await session_of(page)}") as response:
        conversation = await response.json()
    return [each["text"] for each in conversation["messages"] if each["from"] == "customer"]


async def agent_says(page: Page, api: aiohttp.ClientSession, text: str) -> None:
    """An agent writes to the customer of this page, who waits in the queue."""
    conversation = f"web:{await session_of(page)}"
    async with api.get("/api/handoffs") as response:
        handoffs = (await response.json())["handoffs"]
    [handoff] = [each for each in handoffs if each["conversation"] == conversation]
    body = {"text": text, "agent": {"id": "a1", "name": "小王"}}
    async with api.post(f"/api/handoffs/{handoff['id']}/messages", json=body) as response:
        assert response.status == 200


async def is_as_wide_as_the_screen(page: Page) -> bool:
    return bool(
        await page.evaluate(
            "[document.documentElement, document.querySelector('#scroller')]"
            ".every((each) => each.scrollWidth <= each.clientWidth)"
        )
    )


async def test_enter_sends_and_the_desk_answers(page: Page) -> None:
    await say(page, "你好")
    assert await customer_words(page) == ["你好"]
    await expect(page.locator(".bot .bubble")).to_have_count(2)
    await expect(page.locator("#handled")).to_have_text("智能客服")


async def test_shift_and_enter_makes_a_new_line(page: Page) -> None:
    await page.get_by_label("输入消息").press_sequentially("第一行")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("第二行")
    await page.keyboard.press("Enter")
    assert await customer_words(page) == ["第一行\n第二行"]


async def test_enter_that_picks_a_word_in_an_input_method_does_not_send(page: Page) -> None:
    await page.get_by_label("输入消息").focus()
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Input.imeSetComposition", {"text": "ni hao", "selectionStart": 6, "selectionEnd": 6})
    await page.keyboard.press("Enter")
    assert await customer_words(page) == []


async def test_a_quick_reply_sends_its_words_and_goes_away(page: Page) -> None:
    await page.get_by_role("button", name="我要投诉").click()
    await expect(page.locator(".customer")).to_have_attribute("data-state", "sent")
    assert await customer_words(page) == ["我要投诉"]
    await expect(page.get_by_role("button", name="我要理赔")).to_have_count(0)


async def test_a_quick_reply_is_reached_and_pressed_by_the_keyboard(page: Page) -> None:
    await page.get_by_label("聊天内容").focus()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="我要寄件")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".customer .bubble")).to_have_text("我要寄件")
    await expect(page.get_by_label("输入消息")).to_be_focused()


async def test_a_reload_keeps_the_conversation_and_its_buttons(page: Page) -> None:
    await say(page, "你好")
    await say(page, "我要寄件")
    before, buttons = (await bubbles(page))[1:], await page.locator(".choice").all_inner_texts()
    await page.reload()
    await expect(page.locator(".log")).to_have_attribute("aria-busy", "false")
    assert await bubbles(page) == before
    assert await page.locator(".choice").all_inner_texts() == buttons


async def test_an_agents_word_comes_by_itself_and_names_who_answers(
    page: Page, api: aiohttp.ClientSession
) -> None:
    await say(page, "转人工")
    await expect(page.locator("#handled")).to_contain_text("排队中")
    await agent_says(page, api, "您好，我是小王，<马上>为您处理")
    await expect(page.locator(".agent .bubble")).to_have_text("您好，我是小王，<马上>为您处理")
    await expect(page.locator("#handled")).to_have_text("人工客服 · 小王")
    await expect(page.locator(".system .sender")).to_have_text("系统通知")
    await page.reload()
    await expect(page.locator(".agent .bubble")).to_have_count(1)
    await expect(page.locator("#handled")).to_have_text("人工客服 · 小王")


async def test_a_new_word_is_offered_to_who_reads_further_up(page: Page, api: aiohttp.ClientSession) -> None:
    await say(page, "转人工")
    await say(page, "很长的一段话，" * 120)
    await page.locator("#scroller").evaluate("(each) => { each.scrollTop = 0 }")
    await expect(page.locator("#jump")).to_be_visible()
    await agent_says(page, api, "还在吗？")
    await page.get_by_role("button", name="2 条新消息").click()
    await expect(page.get_by_text("还在吗？")).to_be_in_viewport()
    await expect(page.locator("#jump")).to_be_hidden()


async def test_a_picture_is_shown_before_and_after_it_is_sent(page: Page) -> None:
    sent: FilePayload = {"name": "箱子.png", "mimeType": "image/png", "buffer": picture()}
    await page.locator("#file").set_input_files([sent])
    await expect(page.locator("#tray .ready img")).to_be_visible()
    await page.get_by_role("button", name="发送", exact=True).click()
    shown = page.get_by_role("img", name="图片：箱子.png")
    await expect(shown).to_have_js_property("naturalWidth", 40)
    await expect(page.locator("#tray")).to_be_hidden()
    await page.reload()
    await expect(shown).to_have_js_property("naturalWidth", 40)
    await shown.click()
    await expect(page.get_by_role("dialog", name="查看图片")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="查看图片")).to_be_hidden()


async def test_what_is_no_picture_is_refused_in_words(page: Page) -> None:
    faked: FilePayload = {"name": "假.png", "mimeType": "image/png", "buffer": b"MZ not a picture"}
    await page.locator("#file").set_input_files([faked])
    await expect(page.get_by_role("alert")).to_have_text("“假.png”不是图片或 PDF，无法发送。")
    await expect(page.locator("#tray")).to_be_hidden()


async def test_words_typed_offline_are_sent_in_order_when_the_network_is_back(
    page: Page, api: aiohttp.ClientSession
) -> None:
    await say(page, "你好")
    await page.context.set_offline(True)
    await expect(page.get_by_text("网络已断开，正在重连…")).to_be_visible()
    for text in ("第一句", "第二句", "第三句"):
        await page.get_by_label("输入消息").fill(text)
        await page.keyboard.press("Enter")
        await expect(page.locator(".customer", has_text=text)).to_have_attribute("data-state", "waiting")
    await page.context.set_offline(False)
    await expect(page.locator(".customer[data-state=sent]")).to_have_count(4)
    await expect(page.get_by_text("网络已断开，正在重连…")).to_be_hidden()
    assert await stored_words(page, api) == ["你好", "第一句", "第二句", "第三句"]


async def test_a_message_whose_answer_was_lost_is_not_doubled(page: Page, api: aiohttp.ClientSession) -> None:
    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/chat/messages", lose_the_answer, times=1)
    await say(page, "查下300100000026")
    await expect(page.locator(".bot .bubble")).to_have_count(2)
    assert await stored_words(page, api) == ["查下300100000026"]


async def test_a_message_left_unsent_goes_out_at_the_next_visit_once(
    page: Page, api: aiohttp.ClientSession
) -> None:
    await page.route("**/chat/messages", lambda route: route.abort())
    await page.get_by_label("输入消息").fill("我要寄件")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="发送失败，点此重新发送")).to_be_visible()
    await page.unroute("**/chat/messages")
    await page.reload()
    await expect(page.locator(".log")).to_have_attribute("aria-busy", "false")
    assert await customer_words(page) == ["我要寄件"]
    assert await stored_words(page, api) == ["我要寄件"]


async def test_a_failed_message_is_sent_again_by_its_mark(page: Page) -> None:
    await page.route("**/chat/messages", lambda route: route.fulfill(status=422, json={}), times=1)
    await page.get_by_label("输入消息").fill("你好")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("这条消息无法发送，请修改后再试。")).to_be_visible()
    await page.get_by_role("button", name="发送失败，点此重新发送").click()
    await expect(page.locator(".customer")).to_have_attribute("data-state", "sent")
    await expect(page.locator(".bot .bubble")).to_have_count(2)


async def test_nothing_scrolls_sideways_on_a_narrow_phone(page: Page) -> None:
    await say(page, "运单号" + "300100000026" * 20 + " https://example.com/" + "a" * 120)
    assert await is_as_wide_as_the_screen(page)


async def test_markup_of_a_customer_is_shown_as_text(page: Page) -> None:
    markup = "<img src=x onerror=\"document.title='坏'\"><b>粗</b>"
    await say(page, markup)
    await page.reload()
    await expect(page.locator(".customer .bubble")).to_have_text(markup)
    await expect(page.locator(".bubble *")).to_have_count(0)
    assert await page.title() == "安能快递 · 在线客服"


async def test_a_new_conversation_starts_empty_after_a_question(page: Page) -> None:
    await say(page, "你好")
    first = await session_of(page)
    await page.get_by_role("button", name="更多操作").click()
    await page.get_by_role("menuitem", name="新对话").click()
    await page.get_by_role("button", name="开始").click()
    await expect(page.locator(".customer")).to_have_count(0)
    await expect(page.get_by_role("button", name="查快递")).to_be_visible()
    second = await session_of(page)
    assert second != first
    assert re.fullmatch(r"[A-Za-z0-9_-]{24,64}", second)


async def test_escape_closes_the_menu_and_gives_the_focus_back(page: Page) -> None:
    button = page.get_by_role("button", name="更多操作")
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem", name="转人工客服")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu")).to_be_hidden()
    await expect(button).to_be_focused()


async def test_a_user_whom_the_company_vouches_for_is_known(page: Page) -> None:
    told = "w-signed-by-the-site.19911110003.陈先生".encode()
    identity = {
        "session": "w-signed-by-the-site",
        "phone": "19911110003",
        "name": "陈先生",
        "signature": hmac.new(b"test-secret", told, hashlib.sha256).hexdigest(),
    }

    async def add_the_identity(route: Route) -> None:
        response = await route.fetch()
        meta = f"<head><meta name='yida-identity' content='{json.dumps(identity)}'>"
        await route.fulfill(response=response, body=(await response.text()).replace("<head>", meta))

    await page.route(re.compile(r":\d+/$"), add_the_identity)
    await page.reload()
    await say(page, "查下300100000034")
    await expect(page.locator(".bot .bubble").last).to_contain_text("李师傅")


async def test_the_browser_finds_nothing_to_complain_of(page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.reload()
    await say(page, "你好")
    assert complaints == []


CONTRAST = """([front, back]) => {
  const style = getComputedStyle(document.documentElement);
  const light = (name) => {
    const hex = style.getPropertyValue(name).trim().slice(1);
    const full = hex.length === 3 ? hex.replace(/./g, "$&$&") : hex;
    const [r, g, b] = full.match(/../g).map((each) => parseInt(each, 16) / 255)
      .map((each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const [a, b] = [light(front), light(back)];
  return Math.max(a, b) / Math.min(a, b);
}"""
WRITTEN = [
    *[["--ink", each] for each in ("--ground", "--surface", "--theirs")],
    *[["--soft", each] for each in ("--ground", "--surface")],
    *[["--accent", each] for each in ("--surface", "--theirs")],
    *[["--bad", each] for each in ("--ground", "--surface")],
    ["--on-mine", "--mine"],
    ["--on-accent", "--accent"],
    ["--on-accent", "--accent-strong"],
    ["--on-bad", "--bad"],
    ["--on-warn", "--warn-ground"],
    ["--on-bot-face", "--bot-face"],
    ["--on-agent-face", "--agent-face"],
    ["--on-system-face", "--system-face"],
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_has_the_contrast_of_wcag_aa(page: Page, scheme: Any) -> None:
    await page.emulate_media(color_scheme=scheme)
    measured = {tuple(pair): await page.evaluate(CONTRAST, pair) for pair in WRITTEN}
    assert [pair for pair, ratio in measured.items() if ratio < 4.5] == []


async def test_who_wants_no_motion_gets_none(page: Page) -> None:
    await page.emulate_media(reduced_motion="reduce")
    seconds = "(each) => parseFloat(getComputedStyle(each).animationDuration)"
    assert await page.locator(".message").first.evaluate(seconds) < 0.001


def test_every_word_that_the_scripts_name_stands_in_the_page() -> None:
    scripts = "".join(path.read_text("utf-8") for path in (PAGES / "static").glob("*.js"))
    named = set(re.findall(r'word\("([a-z.]+)"', scripts))
    written = set(re.findall(r'<data value="([a-z0-9.]+)">', (PAGES / "chat.html").read_text("utf-8")))
    assert named - written == set()


def test_the_scripts_hold_no_chinese_and_set_no_markup() -> None:
    scripts = "".join(path.read_text("utf-8") for path in (PAGES / "static").glob("*.js"))
    assert re.findall(r"[一-鿿]+|innerHTML|outerHTML|insertAdjacentHTML|document\.write", scripts) == []


async def test_a_second_tab_shows_what_is_typed_in_the_first_and_neither_doubles_it(page: Page) -> None:
    second = await page.context.new_page()
    await second.goto("/")
    await expect(second.locator(".log")).to_have_attribute("aria-busy", "false")
    await say(page, "我要寄件")
    await say(second, "茶叶两公斤")
    await expect(second.locator(".customer .bubble")).to_have_text(["我要寄件", "茶叶两公斤"])
    await expect(page.locator(".customer .bubble")).to_have_text(["我要寄件", "茶叶两公斤"])
    await expect(page.locator(".bot .bubble")).to_have_count(3)
    await expect(second.locator(".bot .bubble")).to_have_count(3)
    assert (
        await page.locator(".choice").all_inner_texts() == await second.locator(".choice").all_inner_texts()
    )
    await say(page, "转人工")
    await expect(second.locator("#handled")).to_contain_text("排队中")

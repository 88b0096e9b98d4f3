"""The web chat's API as the contract has it, over real HTTP."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from typing import Any

import aiohttp

SESSION = "w-7f3a-secret"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489") + b"\0" * 32


async def post(chat: aiohttp.ClientSession, **body: Any) -> tuple[int, dict[str, Any]]:
    async with chat.post("/chat/messages", json={"session": SESSION, "id": "m1", **body}) as response:
        return response.status, await response.json()


async def test_a_message_is_answered_with_choices(chat: aiohttp.ClientSession) -> None:
    status, answer = await post(chat, text="你好")
    assert status == 200
    assert answer["handled_by"] == "bot"
    assert "我要寄件" in answer["replies"][0]["choices"]


async def test_the_same_id_gives_the_same_replies(chat: aiohttp.ClientSession) -> None:
    _, first = await post(chat, text="查下300100000026")
    _, again = await post(chat, text="查下300100000026")
    assert again == first


async def test_a_bad_session_and_an_empty_message_are_problems_with_the_field(
    chat: aiohttp.ClientSession,
) -> None:
    status, problem = await post(chat, session="短", text="你好")
    assert (status, list(problem["errors"])) == (422, ["session"])
    status, problem = await post(chat, text="  ")
    assert (status, list(problem["errors"])) == (422, ["text"])


async def test_a_body_that_is_no_json_is_a_problem(chat: aiohttp.ClientSession) -> None:
    async with chat.post("/chat/messages", data="你好") as response:
        assert response.status == 400
        assert response.content_type == "application/problem+json"


async def test_history_has_every_word_oldest_first(chat: aiohttp.ClientSession) -> None:
    await post(chat, text="你好")
    await post(chat, id="m2", text="谢谢")
    async with chat.get("/chat/history", params={"session": SESSION}) as response:
        words = await response.json()
    assert [each["from"] for each in words] == ["customer", "bot", "customer", "bot"]
    assert words[0]["text"] == "你好"


async def test_the_stream_tells_what_is_said_and_resumes_with_nothing_lost(
    chat: aiohttp.ClientSession,
) -> None:
    _, first = await post(chat, text="你好")
    seen = str(first["replies"][0]["id"])
    await post(chat, id="m2", text="谢谢")
    async with chat.get(
        "/chat/stream", params={"session": SESSION}, headers={"Last-Event-ID": seen}
    ) as stream:
        missed = await next_event(stream)
        await post(chat, id="m3", text="再见")
        new = await next_event(stream)
    assert "不客气" in missed["text"]
    assert "再见" in new["text"]


async def next_event(stream: aiohttp.ClientResponse) -> dict[str, Any]:
    async with asyncio.timeout(5):
        async for line in stream.content:
            if line.startswith(b"data: "):
                return dict(json.loads(line[6:]))
    raise AssertionError("the stream ended")


def signature(phone: str, name: str) -> str:
    return hmac.new(b"test-secret", f"{SESSION}.{phone}.{name}".encode(), hashlib.sha256).hexdigest()


async def test_a_signed_identity_makes_a_party(
    chat: aiohttp.ClientSession, api: aiohttp.ClientSession
) -> None:
    identity = {"phone": "19911110003", "name": "陈先生", "signature": signature("19911110003", "陈先生")}
    status, answer = await post(chat, text="查下300100000034", identity=identity)
    assert status == 200
    assert "李师傅" in answer["replies"][0]["text"]
    async with api.get(f"/api/conversations/web:{SESSION}") as response:
        assert (await response.json())["verified_phone"] == "19911110003"


async def test_a_wrong_signature_is_refused(chat: aiohttp.ClientSession) -> None:
    identity = {"phone": "19911110003", "name": "", "signature": signature("19911110004", "")}
    status, _ = await post(chat, text="你好", identity=identity)
    assert status == 401


async def test_a_picture_is_taken_by_its_bytes_and_shown_again(chat: aiohttp.ClientSession) -> None:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", PNG, filename="../../箱子.exe", content_type="text/html")
    async with chat.post("/chat/uploads", data=form) as response:
        upload = await response.json()
    assert upload["name"] == "箱子.exe"
    async with chat.get(upload["url"]) as response:
        assert response.content_type == "image/png"
        assert await response.read() == PNG
    status, answer = await post(chat, text="", attachments=[{"name": "箱子", "url": upload["url"]}])
    assert (status, "图片" in answer["replies"][0]["text"]) == (200, True)


async def test_what_is_no_image_and_what_is_too_large_is_refused(chat: aiohttp.ClientSession) -> None:
    for content, expected in ((b"MZ not a picture", 415), (PNG + b"\0" * 10 * 2**20, 413)):
        form = aiohttp.FormData()
        form.add_field("file", content, filename="a.png")
        async with chat.post("/chat/uploads", data=form) as response:
            assert response.status == expected


async def test_the_page_is_served_under_a_strict_policy(chat: aiohttp.ClientSession) -> None:
    async with chat.get("/") as response:
        page = await response.text()
    assert "安能快递" in page
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert "<script>" not in page

"""What is no text reaches no database: a customer's is mended, a system's is refused with its field, none is a 500."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.app import App, web_app
from bot.desk import Inbound
from bot.tokens import add_token
from bot.untext import mend
from tests.conftest import Clock

SESSION = "w-untext-0001"
NUL, HALF = "\0", "\ud83d"
PROBLEM = "application/problem+json"


@pytest.fixture
async def url(either_app: App) -> AsyncIterator[str]:
    runner = web.AppRunner(web_app(either_app), access_log=None, shutdown_timeout=2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}"
    await runner.cleanup()


@pytest.fixture
async def http(either_app: App, url: str) -> AsyncIterator[aiohttp.ClientSession]:
    token = await either_app.store.write(lambda connection: add_token(connection, "t", either_app.desk.now()))
    async with aiohttp.ClientSession(url, headers={"Authorization": f"Bearer {token}"}) as session:
        yield session


async def send(
    http: aiohttp.ClientSession, method: str, path: str, body: Any = None, raw: str = ""
) -> tuple[int, Any]:
    data = raw or json.dumps(body)
    async with http.request(method, path, data=data, headers={"Content-Type": "application/json"}) as answer:
        return answer.status, await answer.json(content_type=None)


async def history(http: aiohttp.ClientSession) -> list[dict[str, Any]]:
    async with http.get("/chat/history", params={"session": SESSION}) as answer:
        return list(await answer.json())


def message(**more: Any) -> dict[str, Any]:
    return {"session": SESSION, "id": "m1", **more}


@pytest.mark.parametrize("bad", [NUL, HALF])
async def test_a_customers_text_and_file_names_are_mended(http: aiohttp.ClientSession, bad: str) -> None:
    attachment = {"name": f"箱{bad}子.jpg", "url": "/chat/uploads/abcdefghijklmnop"}
    status, answer = await send(
        http, "POST", "/chat/messages", message(text=f"白酒{bad}能寄吗", attachments=[attachment])
    )
    assert (status, answer["handled_by"]) == (200, "bot")
    said = (await history(http))[0]
    assert (said["text"], said["attachments"][0]["name"]) == ("白酒能寄吗", "箱子.jpg")


@pytest.mark.parametrize("text", [NUL, HALF, f" {NUL} "])
async def test_a_message_of_nothing_but_that_is_empty(http: aiohttp.ClientSession, text: str) -> None:
    status, problem = await send(http, "POST", "/chat/messages", message(text=text))
    assert (status, list(problem["errors"])) == (422, ["text"])


@pytest.mark.parametrize("field", ["phone", "name", "signature"])
async def test_an_identity_with_it_is_not_genuine(http: aiohttp.ClientSession, field: str) -> None:
    identity = {"phone": "13800138000", "name": "王", "signature": "0" * 64, field: f"1380013{HALF}{NUL}8000"}
    assert (await send(http, "POST", "/chat/messages", message(text="你好", identity=identity)))[0] == 401


async def test_a_name_longer_than_is_kept_does_not_stop_a_turn(either_app: App) -> None:
    inbound = Inbound("telegram:7", "1", f"你好{NUL}{HALF}", customer_name="王" * 129 + HALF)
    assert (await either_app.desk.answer(inbound)).replies


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PUT", "/api/shipments/300100099999", {"goods": f"书{NUL}"}, "goods"),
        ("PUT", "/api/shipments/300100099999", {"sender": {"address": {"detail": HALF}}}, "sender.address.detail"),
        ("PUT", "/api/shipments/300100099999", {"more": [{f"a{NUL}": 1}]}, "more.0"),
        ("PUT", "/api/customers/13800138000", {"name": HALF}, "name"),
        ("POST", "/api/cases", {"kind": "inquiry", "status": "open", "form": {"goods": NUL}}, "form.goods"),
        ("POST", "/api/handoffs/HO1/messages", {"text": f"您好{HALF}", "agent": {"id": "a"}}, "text"),
        ("POST", "/api/handoffs/HO1/assign", {"agent": {"id": "a", "name": NUL}}, "agent.name"),
        ("POST", "/api/handoffs/HO1/return", {"note": NUL}, "note"),
        ("PATCH", "/api/cases/CL1", {"status": "open", "by": NUL}, "by"),
        ("POST", "/api/cases/CL1/answer", {"text": NUL}, "text"),
    ],
)  # fmt: skip
async def test_a_systems_body_is_refused_with_the_field(
    http: aiohttp.ClientSession, method: str, path: str, body: Any, field: str
) -> None:
    status, problem = await send(http, method, path, body)
    assert (status, list(problem["errors"])) == (422, [field])


CASE: dict[str, Any] = {"kind": "claim", "status": "submitted"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/shipments/300100099999", {"fee": "NaN"}),
        ("/api/shipments/300100099999", {"weight_kg": "1e99999"}),
        ("/api/shipments/300100099999", {"finding": {"value_lost": "many"}}),
        ("/api/shipments/300100099999", {"declared": [{"quantity": "two"}]}),
        ("/api/shipments/300100099999", {"origin": {"city": 3}}),
        ("/api/customers/13800138000", {"address_book": ["杭州"]}),
        ("/api/cases", {**CASE, "customer": {"phone": "1" * 40}}),
        ("/api/cases", {**CASE, "owner": "x" * 200}),
        ("/api/cases", {**CASE, "waybill": "3" * 60}),
        ("/api/cases", {**CASE, "conversation": "web:" + "x" * 200}),
        ("/api/cases", {**CASE, "deadlines": [{"name": "answer", "due": "2026-11-24T10:00:00"}]}),
    ],
)
async def test_what_the_tables_or_a_later_turn_could_not_take_is_refused(
    http: aiohttp.ClientSession, path: str, body: Any
) -> None:
    method = "POST" if path == "/api/cases" else "PUT"
    assert (await send(http, method, path, body))[0] == 422


@pytest.mark.parametrize(
    "raw", ["NaN", "1e999", '{"a":' * 40 + "1" + "}" * 40, "[" * 100_000, "1" * 5000, "{"]
)
async def test_json_that_is_none_is_refused(http: aiohttp.ClientSession, raw: str) -> None:
    status, problem = await send(http, "PUT", "/api/customers/13800138000", raw='{"more":' + raw + "}")
    assert status in (400, 422), problem


@pytest.mark.parametrize(
    "path",
    [
        "/api/cases?kind=%00",
        "/api/cases?cursor=%00",
        "/api/cases/%00",
        "/api/conversations/web:%00",
        "/api/handoffs/%00",
        "/api/events?conversation=%00",
        "/chat/uploads/%00",
        "/api/events?after=%C2%B2",
        f"/chat/stream?session={SESSION}&after=%C2%B2",
        "/api/conversations/web:%ED%A0%BD",
        "/api/cases?cursor=%ED%A0%BD&kind=%FF",
        "/api/cases?since=0001-01-01T00:00:00%2B14:00",
    ],
)
async def test_no_address_is_a_500(http: aiohttp.ClientSession, url: str, path: str) -> None:
    from yarl import URL

    async with http.get(URL(url + path, encoded=True)) as answer:
        assert answer.status < 500
        assert answer.status == 200 or answer.content_type == PROBLEM


async def test_an_upload_that_is_no_multipart_body_is_refused(http: aiohttp.ClientSession) -> None:
    for content_type in ("multipart/form-data", "multipart/form-data; boundary=x"):
        async with http.post("/chat/uploads", data=b"x", headers={"Content-Type": content_type}) as answer:
            assert answer.status in (400, 422)


async def test_a_number_typed_in_any_form_picks_a_choice_and_no_other_sign_does(
    either_app: App, clock: Clock
) -> None:
    for number, text in enumerate(("1", "①", "１", "1.", "1、"), start=1):
        conversation = f"web:picks-{number:04}"
        await either_app.desk.answer(Inbound(conversation, "m1", "你好"))
        answer = await either_app.desk.answer(Inbound(conversation, "m2", text))
        assert "寄什么" in answer.replies[0].text
    answer = await either_app.desk.answer(Inbound(conversation, "m3", "²"))
    assert answer.handled_by == "bot"


def test_whole_emoji_are_text() -> None:
    assert mend("好👍🏻\n") == "好👍🏻\n"

"""Who may call the API, how often, and what a call that is made twice does."""

from __future__ import annotations

import aiohttp
import pytest
from playwright.async_api import Browser

from bot.app import App
from bot.config import Settings
from bot.desk import Inbound
from bot.tokens import add_token, list_tokens, revoke_token
from handoff import lookup
from tests.conftest import Clock

WEB = "web:w-tokens-01"
AGENT = {"id": "7", "name": "小李"}


async def bearer(app: App, name: str, *scopes: str) -> dict[str, str]:
    token = await app.store.write(lambda c: add_token(c, name, app.desk.now(), scopes))
    return {"Authorization": f"Bearer {token}"}


async def waiting(app: App) -> str:
    await app.desk.answer(Inbound(WEB, "m1", "转人工"))
    return (await app.store.read(lambda c: lookup.list_handoffs(c)))[0].id


@pytest.mark.parametrize(
    ("scope", "reads", "writes"),
    [
        ("customers:read", 404, 403),
        ("customers:write", 404, 200),
        ("*:read", 404, 403),
        ("*", 404, 200),
        ("cases:write", 403, 403),
    ],
)
async def test_a_token_does_what_its_scopes_name(
    app: App, chat: aiohttp.ClientSession, scope: str, reads: int, writes: int
) -> None:
    headers = await bearer(app, "crm", scope)
    path = "/api/customers/13800138000"
    async with chat.get(path, headers=headers) as response:
        assert response.status == reads
    async with chat.put(path, headers=headers, json={"name": "王女士"}) as response:
        assert response.status == writes


async def test_a_revoked_token_is_refused_and_its_last_use_stays(
    app: App, chat: aiohttp.ClientSession, clock: Clock
) -> None:
    headers = await bearer(app, "crm", "*")
    async with chat.get("/api/cases", headers=headers) as response:
        assert response.status == 200
    await app.store.write(lambda c: revoke_token(c, "crm", clock()))
    async with chat.get("/api/cases", headers=headers) as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"
    [token] = await app.store.read(list_tokens)
    assert token.last_used_at == clock()


async def test_what_is_kept_of_a_token_opens_nothing(app: App) -> None:
    secret = (await bearer(app, "crm", "*"))["Authorization"].partition(" ")[2]
    rows = await app.store.read(lambda c: c.exec_driver_sql("SELECT * FROM tokens").all())
    assert secret not in str(rows)


class TestRate:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"http": settings.http.model_copy(update={"calls_per_minute": 3})})

    async def test_each_token_has_its_own(self, app: App, chat: aiohttp.ClientSession) -> None:
        busy, other = await bearer(app, "busy", "*"), await bearer(app, "other", "*")
        codes = []
        for headers in (busy, busy, busy, busy, other):
            async with chat.get("/api/cases", headers=headers) as response:
                codes.append((response.status, response.headers.get("Retry-After")))
        assert codes == [(200, None)] * 3 + [(429, "20"), (200, None)]


async def test_the_same_post_with_its_key_acts_once(app: App, api: aiohttp.ClientSession) -> None:
    path = f"/api/handoffs/{await waiting(app)}/messages"
    answers = []
    for _ in range(2):
        async with api.post(
            path, json={"text": "您好", "agent": AGENT}, headers={"Idempotency-Key": "k1"}
        ) as response:
            answers.append((response.status, await response.json()))
            replayed = response.headers.get("Idempotency-Replayed")
    assert answers[0] == answers[1]
    assert replayed == "true"
    async with api.get(f"/api/conversations/{WEB}") as response:
        words = [each["text"] for each in (await response.json())["messages"]]
    assert words.count("您好") == 1


async def test_a_key_of_another_call_is_refused(app: App, api: aiohttp.ClientSession) -> None:
    path, headers = f"/api/handoffs/{await waiting(app)}/messages", {"Idempotency-Key": "k1"}
    for text, expected in (("您好", 200), ("再见", 422)):
        async with api.post(path, json={"text": text, "agent": AGENT}, headers=headers) as response:
            assert response.status == expected


async def test_a_refusal_is_repeated_too(app: App, api: aiohttp.ClientSession) -> None:
    for _ in range(2):
        async with api.post("/api/handoffs/HO0/resolve", headers={"Idempotency-Key": "k2"}) as response:
            assert (response.status, (await response.json())["title"]) == (404, "Not Found")


async def test_changed_handoffs_come_page_by_page_with_a_cursor(
    app: App, api: aiohttp.ClientSession, clock: Clock
) -> None:
    for number in range(130):
        await app.desk.answer(Inbound(f"web:w-page-{number:04}", "m1", "转人工"))
        clock.forward(seconds=1)
    seen, cursor = [], None
    while True:
        query = {"since": "2026-11-23T10:00:10+08:00"} | ({"cursor": cursor} if cursor else {})
        async with api.get("/api/handoffs", params=query) as response:
            page = await response.json()
        seen += [each["conversation"] for each in page["handoffs"]]
        if (cursor := page["cursor"]) is None:
            break
    assert seen == [f"web:w-page-{number:04}" for number in range(10, 130)]


async def test_the_page_of_the_api_reads_without_the_net(app: App, desk_url: str, browser: Browser) -> None:
    page = await browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{desk_url}/api/docs")
    assert await page.locator("section").count() >= 20
    assert await page.get_by_text("/api/handoffs/{id}/assign").first.is_visible()
    assert all(url.startswith(desk_url) for url in asked)
    await page.close()

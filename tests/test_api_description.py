"""The API keeps to its own description, whatever is sent to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import aiohttp
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error

from bot.app import App, web_app
from bot.desk import Inbound

EXAMPLES = 12
"""Calls of each operation; what it lets through is then found over many runs."""
IN_TIME = 10.0


async def test_every_route_of_the_api_is_described(app: App, chat: aiohttp.ClientSession) -> None:
    async with chat.get("/api/openapi.json") as response:
        described = await response.json()
    served = {
        (route.method.lower(), route.resource.canonical)
        for route in web_app(app).router.routes()
        if route.resource and route.resource.canonical.startswith("/api/") and route.method != "HEAD"
    }
    told = {(method, path) for path, calls in described["paths"].items() for method in calls}
    assert described["openapi"].startswith("3.1")
    assert served - told == {("get", "/api/openapi.json"), ("get", "/api/docs")}
    assert told <= served


async def test_whatever_is_sent_the_answer_is_as_described(app: App, desk_url: str, token: str) -> None:
    await app.desk.answer(Inbound("web:w-schema-01", "m1", "转人工"))
    failures = await asyncio.to_thread(lambda: list(broken_promises(desk_url, token)))
    assert failures == []


def broken_promises(url: str, token: str) -> Iterator[str]:
    """One line for each operation whose answers are not as they are described."""
    schema = schemathesis.openapi.from_url(f"{url}/api/openapi.json")
    headers = {"Authorization": f"Bearer {token}"}
    for result in schema.get_all_operations():
        operation = result.ok()
        strategy = operation.as_strategy()

        @hypothesis_settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        def call(case: Any) -> None:
            case.call_and_validate(headers=headers, timeout=IN_TIME)

        import hypothesis

        try:
            hypothesis.given(case=strategy)(call)()
        except Exception as error:  # noqa: BLE001
            yield f"{operation.label}: {error}"

"""The API keeps to its own description, whatever is sent to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import aiohttp
import hypothesis
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck
from schemathesis.specs.openapi.checks import positive_data_acceptance

from bot.app import App, web_app
from bot.desk import Inbound

EXAMPLES = 8
"""Calls of each operation."""
QUICK = hypothesis.settings(
    max_examples=EXAMPLES,
    database=None,
    phases=[hypothesis.Phase.generate],
    suppress_health_check=list(HealthCheck),
)
TOO_STRICT = [positive_data_acceptance]
"""A body whose fields are sound may be refused for what they say together (a status of another kind …)."""


async def test_every_route_of_the_api_is_described(app: App, chat: aiohttp.ClientSession) -> None:
    async with chat.get("/api/openapi.json") as response:
        described = await response.json()
    told = {(method, path) for path, calls in described["paths"].items() for method in calls}
    assert described["openapi"] == "3.1.0"
    assert served(web_app(app)) - told == {("get", "/api/openapi.json"), ("get", "/api/docs")}
    assert told <= served(web_app(app))


def served(site: web.Application) -> set[tuple[str, str]]:
    routes = [(route.method.lower(), route.resource) for route in site.router.routes()]
    paths = [(method, each.canonical) for method, each in routes if each and method != "head"]
    return {(method, path) for method, path in paths if path.startswith("/api/")}


async def test_whatever_is_sent_the_answer_is_as_described(app: App, desk_url: str, token: str) -> None:
    await app.desk.answer(Inbound("web:w-schema-01", "m1", "转人工"))
    failures = await asyncio.to_thread(lambda: list(broken_promises(desk_url, token)))
    assert failures == []


def broken_promises(url: str, token: str) -> Iterator[str]:
    """What is wrong with each operation whose answers are not as described."""
    schema = schemathesis.openapi.from_url(f"{url}/api/openapi.json")
    for result in schema.get_all_operations():
        operation = result.ok()

        def call(case: Any) -> None:
            headers = {"Authorization": f"Bearer {token}"}
            case.call_and_validate(headers=headers, excluded_checks=TOO_STRICT, timeout=10)

        try:
            QUICK(hypothesis.given(case=operation.as_strategy())(call))()
        except Exception as error:
            yield f"{operation.label}: {error}"

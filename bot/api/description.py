"""The API described as OpenAPI 3.1, generated from what the router serves, and a page to read it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader
from pydantic.json_schema import models_json_schema

from bot.api.operation import Operation
from bot.api.schemas import PROBLEM

JSON = "application/json"
PAGES = Path(__file__).parent.parent / "pages"
PLACE = re.compile(r"\{(\w+)(?::([^{}]*))?\}")
REF = "#/components/schemas/{model}"
HEADERS = {"Content-Security-Policy": "default-src 'self'", "X-Content-Type-Options": "nosniff"}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same call again with it gets the same answer and does nothing.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[A-Za-z0-9_-]+$"},
}


class Description:
    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/api/openapi.json", self.document), web.get("/api/docs", self.page)]

    async def document(self, _: web.Request) -> web.Response:
        return web.json_response(self.openapi)

    async def page(self, _: web.Request) -> web.Response:
        pages = Environment(loader=FileSystemLoader(PAGES), autoescape=True)
        text = pages.get_template("api.html").render(api=self.openapi)
        return web.Response(text=text, content_type="text/html", headers=HEADERS)

    @cached_property
    def openapi(self) -> dict[str, Any]:
        models = {each.body for each in self.operations if each.body}
        ordered = sorted(models, key=lambda model: model.__name__)
        _, bodies = models_json_schema([(each, "validation") for each in ordered], ref_template=REF)
        paths: dict[str, dict[str, Any]] = {}
        for each in self.operations:
            paths.setdefault(PLACE.sub(r"{\1}", each.path), {})[each.method.lower()] = _call(each)
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "Yida",
                "version": "1",
                "description": "The desk for the company's own systems.",
            },
            "security": [{"token": []}],
            "paths": paths,
            "components": {
                "schemas": {**bodies.get("$defs", {}), "Problem": PROBLEM},
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
        }


def _call(each: Operation) -> dict[str, Any]:
    parameters = [_in_path(name, pattern) for name, pattern in PLACE.findall(each.path)]
    parameters += [{"name": name, "in": "query", "schema": schema} for name, schema in each.query.items()]
    if each.method == "POST":
        parameters.append(KEY)
    call: dict[str, Any] = {
        "summary": each.summary,
        "tags": [each.subject],
        "x-scope": each.scope,
        "parameters": parameters,
        "responses": {
            str(each.status): {"description": "OK", "content": _content(each)},
            **{str(status): _problem(status) for status in _problems(each)},
        },
    }
    if each.body:
        schema = {"$ref": REF.format(model=each.body.__name__)}
        call["requestBody"] = {"required": each.body_required, "content": _json(schema)}
    return call


def _problems(each: Operation) -> list[int]:
    keyed = {409, 422} if each.method == "POST" else set()
    return sorted({400, 401, 403, 422, 429, *keyed, *each.problems, *([413] if each.body else [])})


def _in_path(name: str, pattern: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "minLength": 1}
    if pattern:
        schema = {"type": "string", "enum": pattern.split("|")}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _content(each: Operation) -> dict[str, Any]:
    return {
        type: {"schema": dict(each.answer) if type == JSON else {"type": "string"}} for type in each.media
    }


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {JSON: {"schema": schema}}


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": HTTPStatus(status).phrase,
        "content": {"application/problem+json": {"schema": schema}},
    }

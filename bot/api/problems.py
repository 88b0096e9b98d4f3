"""Errors as problem+json (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

log = structlog.get_logger()


class Problem(Exception):
    """An answer that is not a success; raised anywhere in a request."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str = "",
        errors: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status, self.title, self.detail, self.errors = status, title, detail, errors or {}
        self.headers = headers or {}

    def response(self) -> web.Response:
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = dict(self.errors)
        return web.json_response(
            body, status=self.status, content_type="application/problem+json", headers=self.headers
        )


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error of the JSON surface in one shape; an unexpected one is logged and says no more."""
    try:
        if "%00" in request.raw_path:
            raise Problem(400, "Bad Request", "expected an address without NUL")
        return await handler(request)
    except Problem as problem:
        return problem.response()
    except web.HTTPException as error:
        if error.status < 400:
            raise
        allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
        return Problem(error.status, error.reason, error.text or "", headers=allow).response()
    except Exception:
        log.exception("request failed", path=request.path)
        return Problem(500, "Internal Server Error", "the request could not be served").response()


def invalid(what: str, errors: Mapping[str, str]) -> Problem:
    """422: the body, path or query is not valid; each field with its reason."""
    return Problem(422, "Unprocessable Content", f"the {what} is not valid", errors)

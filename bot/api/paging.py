"""Lists by cursor: 100 a page, and where the next begins."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web

from bot.api.problems import invalid
from faq.shipment import read_instant

PAGE = 100


def instant(request: web.Request, name: str) -> datetime | None:
    """A time of a query; 422 where it is none."""
    value = request.query.get(name)
    if not value:
        return None
    try:
        return read_instant(value.replace(" ", "+"))
    except ValueError:
        errors = {name: "an ISO 8601 time such as 2026-11-23T10:00:00+08:00"}
        raise invalid("query", errors) from None


def number(request: web.Request, name: str) -> int:
    """A whole number of a query, 0 where it is absent; 422 where it is none."""
    value = request.query.get(name, "0")
    if not value.isdecimal() or len(value) > 18:
        errors = {name: "a whole number"}
        raise invalid("query", errors)
    return int(value)

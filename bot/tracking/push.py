"""The address to which 快递100 pushes what is new of a subscribed waybill."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import structlog
from aiohttp import web
from sqlalchemy import Connection

from bot.tracking import Track, Tracking, Unavailable
from bot.tracking.kuaidi100 import is_signed, read_track

log = structlog.get_logger()

PATH = "/webhooks/kuaidi100"
ABORTED = "abort"
"""Nothing was found or has moved for long: no more pushes come."""
WAYBILL = 20
"""Most characters of a waybill (HTTP contract)."""


class Kuaidi100Push:
    def __init__(self, tracking: Tracking, salt: str) -> None:
        self.tracking = tracking
        self.salt = salt

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self.receive)]

    async def receive(self, request: web.Request) -> web.Response:
        """Each push has the whole list; what is new of it is kept. Refused without a genuine signature."""
        form = await request.post()
        param, signature = form.get("param"), form.get("sign")
        if not isinstance(param, str) or not isinstance(signature, str):
            return _answer("400", "param and sign expected", 400)
        if not is_signed(param, self.salt, signature):
            return _answer("401", "wrong signature", 401)
        try:
            push = json.loads(param)
            result = push.get("lastResult") or {}
            waybill = str(result["nu"]).upper()
            track = read_track(waybill, result)
        except (AttributeError, KeyError, TypeError, ValueError, Unavailable) as error:
            log.warning("push cannot be read", reason=repr(error))
            return _answer("400", "lastResult with nu and data expected", 400)
        if len(waybill) > WAYBILL:
            return _answer("400", "nu is too long", 400)
        await self.tracking.store.write(lambda connection: self._take(connection, push, track))
        return _answer("200", "成功")

    def _take(self, connection: Connection, push: Mapping[str, Any], track: Track) -> None:
        if track.events:
            self.tracking.keep(connection, track)
        if push.get("status") == ABORTED:
            self.tracking.ended(connection, track.waybill)


def _answer(code: str, message: str, status: int = 200) -> web.Response:
    body = {"result": status == 200, "returnCode": code, "message": message}
    return web.json_response(body, status=status)

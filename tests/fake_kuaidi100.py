"""快递100 as far as we speak to it: checks the signature, answers what the test lays down, counts the calls."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

CUSTOMER, KEY, SALT = "CUSTOMER1", "KeYkEy12", "salt-9"


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


@dataclass
class FakeKuaidi100:
    tracks: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What is known, by waybill: `state` and `data`, newest first."""
    faults: list[str] = field(default_factory=list)
    """What goes wrong next: an HTTP status, a return code, `hang`, `html`."""
    queries: list[dict[str, Any]] = field(default_factory=list)
    subscriptions: list[dict[str, Any]] = field(default_factory=list)

    def site(self) -> web.Application:
        site = web.Application()
        site.add_routes([web.post("/poll/query.do", self._query), web.post("/poll", self._subscribe)])
        return site

    async def _query(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        if form["sign"] != md5(form["param"] + KEY + form["customer"]).upper():
            return _refused("503", "验证签名失败")
        param = json.loads(form["param"])
        self.queries.append(param)
        fault = self.faults.pop(0) if self.faults else ""
        match fault:
            case "hang":
                await asyncio.sleep(30)
            case "html":
                return web.Response(text="<html>busy</html>")
            case "":
                return self._track(param["num"])
        return web.Response(status=int(fault)) if fault == "502" else _refused(fault, "服务器繁忙")

    def _track(self, waybill: str) -> web.Response:
        if waybill not in self.tracks:
            return _refused("500", "查询无结果，请隔段时间再查")
        known = {
            "message": "ok",
            "nu": waybill,
            "com": "annengwuliu",
            "status": "200",
            **self.tracks[waybill],
        }
        return web.json_response(known)

    async def _subscribe(self, request: web.Request) -> web.Response:
        form = await request.post()
        param = json.loads(str(form["param"]))
        good = form["schema"] == "json" and param["key"] == KEY
        self.subscriptions.append(param)
        code = "200" if good else "600"
        return web.json_response({"result": good, "returnCode": code, "message": "提交成功"})


def _refused(code: str, message: str) -> web.Response:
    return web.json_response({"result": False, "returnCode": code, "message": message})


def push_of(status: str, waybill: str, track: dict[str, Any]) -> dict[str, str]:
    """The form of a push, signed as the service does it."""
    last = {"nu": waybill, "com": "annengwuliu", "ischeck": "0", **track}
    param = json.dumps({"status": status, "message": "", "lastResult": last}, ensure_ascii=False)
    return {"param": param, "sign": md5(param + SALT)}

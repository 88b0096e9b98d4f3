"""A local server that acts as WeChat: signed callbacks with its retries, messages with its quota and its codes."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

from bot.channels.wechat_crypto import read_xml, to_xml

APP_ID, APP_SECRET, TOKEN = "wx1234567890abcdef", "app-secret", "callback-token"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT, CUSTOMER = "gh_courier", "oCustomer_1-x"
PICTURE = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489") + b"\0" * 64
TRIES = 3


@dataclass
class Allowed:
    """What WeChat lets the account send to a customer."""

    left: int
    until: datetime


class FakeWechat:
    """`say`, `tap` and `send_media` act as the customer; `shown` is what he reads, in order."""

    def __init__(self, now: Callable[[], datetime], mode: str = "plain", patience: float = 5.0) -> None:
        self.now, self.mode, self.patience = now, mode, patience
        self.shown: list[str] = []
        self.calls: list[str] = []
        self.faults: list[int] = []
        self.answers: list[str] = []
        self.menus: list[Any] = []
        self.media: dict[str, bytes] = {"picture": PICTURE}
        self.media_seconds = 0.0
        self.allowed: dict[str, Allowed] = {}
        self.desk_url = self.url = ""
        self.tokens: list[str] = []
        self._crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
        self._number = 1000
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.add_routes(
            [
                web.get("/cgi-bin/token", self._token),
                web.post("/cgi-bin/message/custom/send", self._send),
                web.get("/cgi-bin/media/get", self._media),
                web.post("/cgi-bin/menu/create", self._menu),
            ]
        )
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def say(self, text: str, **more: str) -> str:
        """A text message; returns what the desk answered."""
        return await self.deliver(self.message("text", Content=text, **more))

    async def send_media(self, kind: str, media_id: str, **more: str) -> str:
        return await self.deliver(self.message(kind, MediaId=media_id, **more))

    async def tap(self, event: str, key: str = "", **more: str) -> str:
        """An event: subscribe, CLICK, SCAN …"""
        self._number += 1
        fields = {"CreateTime": str(int(self.now().timestamp())), "Event": event, "EventKey": key, **more}
        return await self.deliver({**self._who("event"), **fields}, "event")

    def message(self, kind: str, **fields: str) -> dict[str, str]:
        self._number += 1
        created = str(int(self.now().timestamp()))
        return {**self._who(kind), "CreateTime": created, "MsgId": str(self._number), **fields}

    async def deliver(self, fields: dict[str, str], grants: str = "message") -> str:
        """Call the desk as WeChat does: at most three times, each for as long as its patience lasts."""
        customer = fields["FromUserName"]
        self._allow(
            customer, *((5, timedelta(hours=48)) if grants == "message" else (3, timedelta(minutes=1)))
        )
        for _ in range(TRIES):
            try:
                answer = await asyncio.wait_for(self.call(fields), self.patience)
            except TimeoutError:
                continue
            self.answers.append(answer)
            if answer not in ("success", ""):
                answer = read_xml(answer)["Content"]
                self._show(answer)
            return answer
        self.answers.append("")
        return ""

    async def call(self, fields: dict[str, str], **query: str) -> str:
        """One call; the answer's XML is opened where it is sealed."""
        body, signed = self.packed(fields)
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                f"{self.desk_url}/webhooks/wechat", params={**signed, **query}, data=body
            ) as response,
        ):
            answer = await response.text()
            assert response.status == 200, answer
        return self.opened(answer)

    def opened(self, answer: str) -> str:
        """The XML of an answer, as it came or out of its envelope."""
        if not answer.startswith("<xml><Encrypt>"):
            return answer
        sealed = read_xml(answer)
        return str(
            self._crypto.decrypt_message(answer, sealed["MsgSignature"], sealed["TimeStamp"], sealed["Nonce"])
        )

    def packed(self, fields: dict[str, str]) -> tuple[bytes, dict[str, str]]:
        """The body and the signed query of a call, in the mode of the account."""
        timestamp, nonce, xml = str(int(self.now().timestamp())), secrets.token_hex(4), to_xml(fields)
        signer = WeChatSigner()
        signer.add_data(TOKEN, timestamp, nonce)
        query = {"signature": signer.signature, "timestamp": timestamp, "nonce": nonce}
        if self.mode == "plain":
            return xml.encode(), query
        sealed = read_xml(self._crypto.encrypt_message(xml, nonce, timestamp))
        query |= {"encrypt_type": "aes", "msg_signature": sealed["MsgSignature"]}
        outside = fields if self.mode == "compatible" else {"ToUserName": ACCOUNT}
        return to_xml({**outside, "Encrypt": sealed["Encrypt"]}).encode(), query

    async def read(self, count: int, seconds: float = 10.0) -> list[str]:
        """What the customer has read, once it is at least `count`."""
        async with asyncio.timeout(seconds):
            while len(self.shown) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.shown

    def revoke(self) -> None:
        """A colleague's tool has fetched a token of its own: ours is good no more."""
        self.tokens.append(secrets.token_hex(8))

    def _who(self, kind: str) -> dict[str, str]:
        return {"ToUserName": ACCOUNT, "FromUserName": CUSTOMER, "MsgType": kind}

    def _allow(self, customer: str, count: int, length: timedelta) -> None:
        now = self.now()
        before = self.allowed.get(customer, Allowed(0, now))
        left = before.left if before.until > now else 0
        self.allowed[customer] = Allowed(max(left, count), max(before.until, now + length))

    def _show(self, text: str) -> None:
        self.shown.append(text)
        self._changed.set()

    async def _token(self, request: web.Request) -> web.Response:
        self.calls.append("token")
        right = {"grant_type": "client_credential", "appid": APP_ID, "secret": APP_SECRET}
        if dict(request.query) != right:
            return web.json_response({"errcode": 40125, "errmsg": "invalid appsecret"})
        self.revoke()
        return web.json_response({"access_token": self.tokens[-1], "expires_in": 7200})

    def _stale(self, request: web.Request) -> web.Response | None:
        if not self.tokens or request.query.get("access_token") != self.tokens[-1]:
            return web.json_response(
                {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid"}
            )
        return None

    async def _send(self, request: web.Request) -> web.Response:
        self.calls.append("send")
        if stale := self._stale(request):
            return stale
        if self.faults:
            return web.json_response({"errcode": self.faults.pop(0), "errmsg": "told to fail"})
        body = await request.json()
        allowed, text = self.allowed.get(body["touser"]), body["text"]["content"]
        if allowed is None or allowed.until <= self.now():
            return web.json_response({"errcode": 45015, "errmsg": "response out of time limit"})
        if allowed.left < 1:
            return web.json_response({"errcode": 45047, "errmsg": "out of response count limit"})
        if len(text.encode()) > 2048:
            return web.json_response({"errcode": 45002, "errmsg": "content size out of limit"})
        allowed.left -= 1
        self._show(text)
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _media(self, request: web.Request) -> web.Response:
        self.calls.append("media")
        await asyncio.sleep(self.media_seconds)
        if stale := self._stale(request):
            return stale
        content = self.media.get(request.query["media_id"])
        if content is None:
            return web.json_response({"errcode": 40007, "errmsg": "invalid media_id"})
        return web.Response(body=content, content_type="image/jpeg")

    async def _menu(self, request: web.Request) -> web.Response:
        if stale := self._stale(request):
            return stale
        self.menus.append(await request.json())
        return web.json_response({"errcode": 0, "errmsg": "ok"})

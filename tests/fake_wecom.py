"""A local server that acts as WeCom: bells, messages by cursor, sessions, its quota and its codes."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.channels.wechat_crypto import read_xml, to_xml
from tests.fake_wechat import PICTURE

CORP_ID, SECRET, TOKEN = "ww1234567890abcdef", "kf-secret", "bell-token"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
ACCOUNT, CUSTOMER = "wkCourier_1", "wmCustomer-1"
NEW, BOT, POOL, PERSON, ENDED = range(5)
MOVES = {NEW: {BOT, POOL, PERSON, ENDED}, BOT: {POOL, PERSON, ENDED}, POOL: {PERSON, ENDED}, PERSON: {ENDED}}
PICKED, CLOSED = 1, 3


@dataclass
class Session:
    """What WeCom knows of one customer."""

    state: int = NEW
    servicer: str = ""
    left: int = 0
    until: datetime | None = None
    codes: dict[str, datetime] = field(default_factory=dict)


class FakeWecom:
    """`say`, `enter`, `pick`, `close` act as the customer and a servicer; `shown` is what the customer reads."""

    def __init__(self, now: Callable[[], datetime], page: int = 1000) -> None:
        self.now, self.page = now, page
        self.shown: list[str] = []
        self.sent: list[dict[str, Any]] = []
        self.welcomes: list[dict[str, Any]] = []
        self.calls: Counter[str] = Counter()
        self.faults: dict[str, list[int]] = {}
        self.silent_sends = 0
        self.entries: list[dict[str, Any]] = []
        self.empty_pages = 0
        self.sessions: dict[str, Session] = {}
        self.media: dict[str, bytes] = {"picture": PICTURE}
        self.desk_url = self.url = ""
        self.fetched: list[dict[str, Any]] = []
        self._crypto = WeChatCrypto(TOKEN, AES_KEY, CORP_ID)
        self._used: set[str] = set()
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.add_routes(
            [web.get("/cgi-bin/gettoken", self._token), web.get("/cgi-bin/media/get", self._media)]
        )
        calls = {
            "sync_msg": self._sync,
            "send_msg": self._send,
            "send_msg_on_event": self._welcome,
            "service_state/get": self._state,
            "service_state/trans": self._move,
        }
        for path, answer in calls.items():
            app.router.add_post(f"/cgi-bin/kf/{path}", self._counted(path, answer))
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = "http://{}:{}".format(*self._runner.addresses[0][:2])

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    # What the customer and the servicers do.

    async def say(self, text: str, customer: str = CUSTOMER, **more: Any) -> None:
        await self.send("text", {"content": text, **more}, customer)

    async def send(self, kind: str, detail: dict[str, Any], customer: str = CUSTOMER) -> None:
        """A message of the customer, and the bell for it."""
        self.write(kind, detail, customer)
        await self.ring()

    def write(self, kind: str, detail: dict[str, Any], customer: str = CUSTOMER) -> str:
        """A message of the customer, without a bell."""
        session = self.session(customer)
        if session.state == ENDED:
            session.state = NEW
        session.left, session.until = 5, self.now() + timedelta(hours=48)
        return self._enter(3, kind, detail, customer)

    async def enter(
        self, customer: str = CUSTOMER, scene: str = "", code: bool = True, seconds_ago: int = 0
    ) -> None:
        """The customer opens the chat."""
        detail: dict[str, Any] = {"scene_param": scene}
        if code:
            detail["welcome_code"] = secrets.token_hex(8)
            self.session(customer).codes[detail["welcome_code"]] = self.now() + timedelta(seconds=20)
        self._event("enter_session", detail, customer)
        self.entries[-1]["send_time"] -= seconds_ago
        await self.ring()

    async def pick(self, servicer: str, customer: str = CUSTOMER) -> None:
        """A person takes the session in the WeCom client."""
        session = self.session(customer)
        session.state, session.servicer = PERSON, servicer
        self._event(
            "session_status_change", {"change_type": PICKED, "new_servicer_userid": servicer}, customer
        )
        await self.ring()

    async def servicer_says(self, text: str, customer: str = CUSTOMER) -> None:
        """The person who has the session writes to the customer."""
        self._enter(5, "text", {"content": text}, customer, servicer_userid=self.session(customer).servicer)
        self._show(text)
        await self.ring()

    async def close(self, customer: str = CUSTOMER) -> None:
        """The person ends the session."""
        session = self.session(customer)
        session.state, session.servicer = ENDED, ""
        self._event("session_status_change", {"change_type": CLOSED}, customer)
        await self.ring()

    async def fail(self, index: int, kind: int) -> None:
        """A word that was taken could not be shown after all."""
        self._event("msg_send_fail", {"fail_msgid": self.sent[index]["msgid"], "fail_type": kind}, CUSTOMER)
        await self.ring()

    async def ring(self, **fields: str) -> None:
        """The callback; it says nothing but that there is news."""
        query, body = self.bell(**fields)
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.desk_url}/webhooks/wecom", params=query, data=body) as response,
        ):
            answer = await response.text()
            assert (response.status, answer) == (200, "success")

    def bell(self, **fields: str) -> tuple[dict[str, str], bytes]:
        """The signed query and the sealed body of a callback."""
        xml = to_xml(
            {
                "ToUserName": CORP_ID,
                "CreateTime": str(int(self.now().timestamp())),
                "MsgType": "event",
                "Event": "kf_msg_or_event",
                "Token": "ENC-bell",
                "OpenKfId": ACCOUNT,
                **fields,
            }
        )
        timestamp, nonce = str(int(self.now().timestamp())), secrets.token_hex(4)
        sealed = read_xml(self._crypto.encrypt_message(xml, nonce, timestamp))
        query = {"msg_signature": sealed["MsgSignature"], "timestamp": timestamp, "nonce": nonce}
        return query, to_xml({"ToUserName": CORP_ID, "Encrypt": sealed["Encrypt"]}).encode()

    async def read(self, count: int, seconds: float = 10.0) -> list[str]:
        """What the customer has read, once it is at least `count`."""
        async with asyncio.timeout(seconds):
            while len(self.shown) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.shown

    def session(self, customer: str = CUSTOMER) -> Session:
        return self.sessions.setdefault(customer, Session())

    # What the desk calls.

    def _counted(self, path: str, answer: Callable[[dict[str, Any]], Any]) -> Any:
        async def handler(request: web.Request) -> web.StreamResponse:
            self.calls[path] += 1
            if request.query.get("access_token") != "wecom-token":
                return _refused(40014, "invalid access_token")
            if self.faults.get(path):
                return _refused(self.faults[path].pop(0), "told to fail")
            response = answer(await request.json())
            if path == "send_msg" and self.silent_sends:
                self.silent_sends -= 1
                assert request.transport is not None
                request.transport.abort()
            return response  # type: ignore[no-any-return]

        return handler

    async def _token(self, request: web.Request) -> web.Response:
        self.calls["token"] += 1
        if dict(request.query) != {"corpid": CORP_ID, "corpsecret": SECRET}:
            return _refused(40001, "invalid credential")
        return _answered(access_token="wecom-token", expires_in=7200)

    def _sync(self, body: dict[str, Any]) -> web.Response:
        self.fetched.append(body)
        start = int(body.get("cursor") or 0)
        if self.empty_pages:
            self.empty_pages -= 1
            return _answered(next_cursor=str(start), has_more=1, msg_list=[])
        end = min(start + min(self.page, body["limit"]), len(self.entries))
        return _answered(
            next_cursor=str(end), has_more=int(end < len(self.entries)), msg_list=self.entries[start:end]
        )

    def _send(self, body: dict[str, Any]) -> web.Response:
        session, id = self.session(body["touser"]), body["msgid"]
        if id in self._used:
            return _refused(40058, "msgid is repeated")
        if session.state not in (NEW, BOT):
            return _refused(95018, "send msg session status invalid")
        if session.until is None or session.until <= self.now() or session.left < 1:
            return _refused(95001, "msg count or time limit")
        text = _shown(body)
        if len(text.encode()) > 2048:
            return _refused(45002, "content too long")
        session.left -= 1
        self._used.add(id)
        self.sent.append(body)
        self._show(text)
        return _answered(msgid=id)

    def _welcome(self, body: dict[str, Any]) -> web.Response:
        for session in self.sessions.values():
            if session.codes.pop(body["code"], self.now()) > self.now():
                self.welcomes.append(body)
                self._show(_shown(body))
                return _answered(msgid=body["msgid"])
        return _refused(95013, "invalid code")

    def _state(self, body: dict[str, Any]) -> web.Response:
        session = self.session(body["external_userid"])
        return _answered(service_state=session.state, servicer_userid=session.servicer)

    def _move(self, body: dict[str, Any]) -> web.Response:
        session = self.session(body["external_userid"])
        if body["service_state"] not in MOVES.get(session.state, set()):
            return _refused(95014, "state transition not allowed")
        session.state = body["service_state"]
        return _answered(msg_code="code")

    async def _media(self, request: web.Request) -> web.Response:
        content = self.media.get(request.query["media_id"])
        if content is None:
            return _refused(40007, "invalid media_id")
        return web.Response(body=content, content_type="image/jpeg")

    def _event(self, kind: str, detail: dict[str, Any], customer: str) -> None:
        who = {"open_kfid": ACCOUNT, "external_userid": customer}
        self._enter(4, "event", {"event_type": kind, **who, **detail}, "")

    def _enter(self, origin: int, kind: str, detail: dict[str, Any], customer: str, **more: Any) -> str:
        id = f"m{len(self.entries)}-{secrets.token_hex(4)}"
        who = {"open_kfid": ACCOUNT, "external_userid": customer} if customer else {}
        entry = {"msgid": id, "send_time": int(self.now().timestamp()), "origin": origin, "msgtype": kind}
        self.entries.append({**entry, **who, **more, kind: detail})
        return id

    def _show(self, text: str) -> None:
        self.shown.append(text)
        self._changed.set()


def _shown(body: dict[str, Any]) -> str:
    """How WeCom shows a message: a menu's lines stand under its text."""
    if body["msgtype"] == "text":
        return str(body["text"]["content"])
    menu = body["msgmenu"]
    return "\n".join([menu["head_content"], *(f"[{each['click']['content']}]" for each in menu["list"])])


def _answered(**fields: Any) -> web.Response:
    return web.json_response({"errcode": 0, "errmsg": "ok", **fields})


def _refused(code: int, message: str) -> web.Response:
    return web.json_response({"errcode": code, "errmsg": message})

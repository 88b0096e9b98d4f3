"""A local HTTP server that speaks the Bot API as far as the channel uses it, with its limits and errors."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

TOKEN = "123456:test-token"
ME = {"id": 1, "is_bot": True, "first_name": "Yida", "username": "yida_bot"}
PICTURE = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489") + b"\0" * 64
USER = {"id": 77, "is_bot": False, "first_name": "强", "last_name": "王"}
CHAT = {"id": 77, "type": "private", "first_name": "强"}


class FakeTelegram:
    """`say`, `press`, `share_contact` and `send_photo` act as the customer; `sent` is what the bot said."""

    def __init__(self) -> None:
        self.updates: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.refuse: list[tuple[int, dict[str, Any]]] = []
        self.delivered: list[int] = []
        self._next_update = 1000
        self._next_message = 1
        self._new = asyncio.Event()
        self._heard = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> None:
        app = web.Application()
        app.add_routes(
            [
                web.route("*", "/bot{token}/{method}", self._call),
                web.get("/file/bot{token}/{path:.*}", self._file),
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

    def say(self, text: str) -> None:
        self._push({"message": self._message(text=text)})

    def share_contact(self, phone: str, user_id: int) -> None:
        contact = {"phone_number": phone, "first_name": "强", "user_id": user_id}
        self._push({"message": self._message(contact=contact)})

    def send_photo(self, caption: str) -> None:
        photo = [
            {"file_id": "p1", "file_unique_id": "u1", "width": 1, "height": 1, "file_size": len(PICTURE)}
        ]
        self._push({"message": self._message(photo=photo, caption=caption)})

    def send_voice(self) -> None:
        voice = {"file_id": "v1", "file_unique_id": "v1", "duration": 2}
        self._push({"message": self._message(voice=voice)})

    def press(self, label: str) -> None:
        """Tap the newest inline button with this label."""
        for message in reversed(self.sent):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    if button["text"] == label:
                        self._press(message, button["callback_data"])
                        return
        raise AssertionError(f"no button {label}")

    def _press(self, message: dict[str, Any], data: str) -> None:
        query = {"id": "q1", "from": USER, "chat_instance": "c", "data": data, "message": message["shown"]}
        self._push({"callback_query": query})

    def again(self) -> None:
        """Deliver the newest update once more, as after a lost confirmation."""
        self.updates.append(self.updates[-1] if self.updates else self.last)
        self._new.set()

    async def heard(self, count: int, seconds: float = 10.0) -> list[str]:
        """The texts the bot has sent, once there are at least `count`."""
        async with asyncio.timeout(seconds):
            while len(self.sent) < count:
                self._heard.clear()
                await self._heard.wait()
        return [each["text"] for each in self.sent]

    async def confirmed(self, seconds: float = 10.0) -> None:
        """Wait until the bot has confirmed every update."""
        async with asyncio.timeout(seconds):
            while self.updates:
                await asyncio.sleep(0.02)

    def _message(self, **content: Any) -> dict[str, Any]:
        self._next_message += 1
        return {"message_id": self._next_message, "date": 1795400000, "chat": CHAT, "from": USER, **content}

    def _push(self, update: dict[str, Any]) -> None:
        self._next_update += 1
        self.last = {"update_id": self._next_update, **update}
        self.updates.append(self.last)
        self._new.set()

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.calls.append(method)
        if request.match_info["token"] != TOKEN:
            return self._error(401, "Unauthorized")
        form = {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
        if method in ("sendMessage",) and self.refuse:
            status, body = self.refuse.pop(0)
            return web.json_response(body, status=status)
        handler = getattr(self, f"_{method}", None)
        if handler is None:
            return self._error(404, f"Not Found: method {method}")
        return web.json_response({"ok": True, "result": await handler(form)})

    @staticmethod
    def _error(code: int, description: str) -> web.Response:
        body = {"ok": False, "error_code": code, "description": description}
        return web.json_response(body, status=code)

    async def _getMe(self, _: dict[str, str]) -> dict[str, Any]:
        return ME

    async def _setMyCommands(self, form: dict[str, str]) -> bool:
        self.commands = {each["command"]: each["description"] for each in json.loads(form["commands"])}
        return True

    async def _deleteWebhook(self, _: dict[str, str]) -> bool:
        return True

    async def _getUpdates(self, form: dict[str, str]) -> list[dict[str, Any]]:
        offset, timeout = int(form.get("offset", 0)), float(form.get("timeout", 0))
        self.updates = [each for each in self.updates if each["update_id"] >= offset]
        if not self.updates and timeout:
            self._new.clear()
            try:
                await asyncio.wait_for(self._new.wait(), min(timeout, 2))
            except TimeoutError:
                return []
        self.delivered += [each["update_id"] for each in self.updates]
        return list(self.updates)

    async def _sendMessage(self, form: dict[str, str]) -> dict[str, Any]:
        markup = json.loads(form["reply_markup"]) if "reply_markup" in form else {}
        self._next_message += 1
        shown = {"message_id": self._next_message, "date": 1795400000, "chat": CHAT, "text": form["text"]}
        self.sent.append({"text": form["text"], "reply_markup": markup, "shown": shown})
        self._heard.set()
        return shown

    async def _answerCallbackQuery(self, form: dict[str, str]) -> bool:
        self.calls.append(f"answer:{form.get('text', '')}")
        return True

    async def _editMessageReplyMarkup(self, form: dict[str, str]) -> dict[str, Any]:
        return {"message_id": int(form["message_id"]), "date": 1795400000, "chat": CHAT, "text": "…"}

    async def _getFile(self, _: dict[str, str]) -> dict[str, Any]:
        return {
            "file_id": "p1",
            "file_unique_id": "u1",
            "file_size": len(PICTURE),
            "file_path": "photos/p1.png",
        }

    async def _file(self, _: web.Request) -> web.Response:
        return web.Response(body=PICTURE)

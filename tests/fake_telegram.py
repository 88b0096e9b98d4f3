"""A local HTTP server that speaks the Bot API as far as the channel uses it, with its limits and errors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
from aiohttp import web

TOKEN = "123456:test-token"
ME = {"id": 1, "is_bot": True, "first_name": "Yida", "username": "yida_bot"}
PICTURE = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489") + b"\0" * 64
VOICE = b"OggS\0\x02" + b"\0" * 64
USER = {"id": 77, "is_bot": False, "first_name": "强", "last_name": "王"}
CHAT = {"id": 77, "type": "private", "first_name": "强"}
GROUP = {"id": -500, "type": "group", "title": "家人"}
FILES = {"photo": PICTURE, "voice": VOICE, "zip": b"PK\x03\x04" + b"\0" * 64}
MOST = 4096


class FakeTelegram:
    """`say`, `press`, `send`, `edit` act as the customer; `sent` is what the bot said."""

    def __init__(self) -> None:
        self.updates: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.refuse: list[tuple[int, dict[str, Any]]] = []
        self.commands: dict[str, str] = {}
        self.hook = self.secret = ""
        self.moved: dict[int, int] = {}
        self._next_update = 1000
        self._next_message = 1
        self.hooked = asyncio.Event()
        self._new = asyncio.Event()
        self._heard = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> None:
        app = web.Application(client_max_size=2**24)
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

    def say(self, text: str, **more: Any) -> dict[str, Any]:
        return self.send(text=text, **more)

    def say_in_group(self, text: str, **more: Any) -> dict[str, Any]:
        """A member's words; `@yida_bot` in them is the mention that Telegram makes of it."""
        at = text.find(f"@{ME['username']}")
        marks = [{"type": "mention", "offset": at, "length": len(str(ME["username"])) + 1}] if at >= 0 else []
        return self.send(text=text, **{"chat": GROUP, "entities": marks, **more})

    def send(self, **content: Any) -> dict[str, Any]:
        message = self._message(**content)
        self._push({"message": message})
        return message

    def send_photo(self, caption: str = "", album: str = "") -> None:
        size = {
            "file_id": "photo",
            "file_unique_id": "u1",
            "width": 1,
            "height": 1,
            "file_size": len(PICTURE),
        }
        more = {"media_group_id": album} if album else {}
        self.send(photo=[size], **({"caption": caption} if caption else {}), **more)

    def send_voice(self) -> None:
        self.send(voice={"file_id": "voice", "file_unique_id": "v1", "duration": 2})

    def send_document(self, file_id: str, size: int, name: str = "证据.zip") -> None:
        file = {"file_id": file_id, "file_unique_id": "d1", "file_name": name, "file_size": size}
        self.send(document=file)

    def share_contact(self, phone: str, user_id: int, **more: Any) -> None:
        self.send(contact={"phone_number": phone, "first_name": "强", "user_id": user_id}, **more)

    def edit(self, message: Mapping[str, Any], text: str) -> None:
        self._push({"edited_message": {**message, "text": text, "edit_date": message["date"] + 5}})

    def press(self, label: str) -> None:
        """Tap the newest inline button with this label."""
        for message in reversed(self.sent):
            for row in message["reply_markup"].get("inline_keyboard", []):
                for button in row:
                    if button["text"] == label:
                        self._press(message["shown"], button["callback_data"])
                        return
        raise AssertionError(f"no button {label}")

    def _press(self, message: Mapping[str, Any], data: str) -> None:
        id = f"q{self._next_update}"
        query = {"id": id, "from": USER, "chat_instance": "c", "data": data, "message": message}
        self._push({"callback_query": query})

    def move_group(self, to: int) -> None:
        """The group becomes a supergroup with another id; the old one is dead."""
        self.moved[GROUP["id"]] = to  # type: ignore[index]
        self.send(chat=GROUP, migrate_to_chat_id=to)

    def again(self) -> None:
        """Deliver the newest update once more, as after a lost confirmation."""
        self.updates.append(self.last)
        self._new.set()

    async def call_hook(self, update: Any = None, secret: str | None = None) -> int:
        """Call the webhook with the newest update, as Telegram does; returns the status."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret if secret is None else secret}
        body = json.dumps(self.last if update is None else update)
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.hook, data=body, headers=headers) as response,
        ):
            return response.status

    async def heard(self, count: int, seconds: float = 30.0) -> list[str]:
        """The texts the bot has sent, once there are at least `count`."""
        async with asyncio.timeout(seconds):
            while len(self.sent) < count:
                self._heard.clear()
                await self._heard.wait()
        return [each["text"] for each in self.sent]

    async def confirmed(self, seconds: float = 30.0) -> None:
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
        if method == "sendMessage":
            if self.refuse:
                status, body = self.refuse.pop(0)
                return web.json_response(body, status=status)
            fault = self._fault(form)
            if fault:
                return web.json_response({"ok": False, **fault}, status=fault["error_code"])
        handler = getattr(self, f"_{method}", None)
        if handler is None:
            return self._error(404, f"Not Found: method {method}")
        return web.json_response({"ok": True, "result": await handler(form)})

    def _fault(self, form: Mapping[str, str]) -> dict[str, Any]:
        """What Telegram refuses: too long, an unknown chat, a contact button in a group, a group that moved."""
        chat = int(form["chat_id"])
        if chat in self.moved:
            told = {"migrate_to_chat_id": self.moved[chat]}
            return {
                "error_code": 400,
                "description": "Bad Request: group chat was upgraded",
                "parameters": told,
            }
        if len(form["text"].encode("utf-16-le")) > 2 * MOST or not form["text"].strip():
            return {"error_code": 400, "description": "Bad Request: message is too long"}
        if chat < 0 and "request_contact" in form.get("reply_markup", ""):
            return {"error_code": 400, "description": "Bad Request: phone number in private chats only"}
        return {}

    @staticmethod
    def _error(code: int, description: str) -> web.Response:
        body = {"ok": False, "error_code": code, "description": description}
        return web.json_response(body, status=code)

    async def _getMe(self, _: dict[str, str]) -> dict[str, Any]:
        return ME

    async def _setMyCommands(self, form: dict[str, str]) -> bool:
        self.commands = {each["command"]: each["description"] for each in json.loads(form["commands"])}
        return True

    async def _setWebhook(self, form: dict[str, str]) -> bool:
        self.hook, self.secret = form["url"], form["secret_token"]
        self.hooked.set()
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
        return list(self.updates[:100])

    async def _sendMessage(self, form: dict[str, str]) -> dict[str, Any]:
        markup = json.loads(form["reply_markup"]) if "reply_markup" in form else {}
        self._next_message += 1
        chat = {**(GROUP if int(form["chat_id"]) < 0 else CHAT), "id": int(form["chat_id"])}
        shown = {"message_id": self._next_message, "date": 1795400000, "chat": chat, "text": form["text"]}
        shown["from"] = ME
        answers = json.loads(form.get("reply_parameters", "{}")).get("message_id")
        word = {"text": form["text"], "reply_markup": markup, "shown": shown, "chat": chat["id"]}
        self.sent.append({**word, "answers": answers, "parse_mode": form.get("parse_mode")})
        self._heard.set()
        return shown

    async def _answerCallbackQuery(self, form: dict[str, str]) -> bool:
        self.calls.append(f"answer:{form.get('text', '')}")
        return True

    async def _editMessageReplyMarkup(self, form: dict[str, str]) -> dict[str, Any]:
        return {"message_id": int(form["message_id"]), "date": 1795400000, "chat": CHAT, "text": "…"}

    async def _getFile(self, form: dict[str, str]) -> dict[str, Any]:
        return {"file_id": form["file_id"], "file_unique_id": "u1", "file_path": f"files/{form['file_id']}"}

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=FILES[request.match_info["path"].rpartition("/")[2]])


def buttons(word: Mapping[str, Any]) -> list[str]:
    """The labels under a word of the bot."""
    markup = word["reply_markup"]
    rows: Sequence[Sequence[Mapping[str, str]]] = (
        markup.get("inline_keyboard") or markup.get("keyboard") or []
    )
    return [button["text"] for row in rows for button in row]

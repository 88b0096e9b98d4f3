"""Web chat: the page's API. One session is one customer conversation."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from contextlib import suppress
from functools import partial
from html import escape
from pathlib import Path
from typing import Annotated

from aiohttp import BodyPartReader, web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot import messages
from bot.api.bodies import read_body
from bot.api.problems import Problem, invalid
from bot.channel_settings import Webchat as Settings
from bot.channels.webchat_signs import PageSigns, Session, sign_events
from bot.channels.widget import frame_ancestors
from bot.desk import Desk, Inbound
from bot.signs import Sign, Signs
from bot.untext import mend
from bot.uploads import MAX_UPLOAD, UnknownType, Uploads

SESSION = re.compile(r"[A-Za-z0-9_-]{8,64}")
PAGES = Path(__file__).parent.parent / "pages"
HEARTBEAT = 15.0
"""Seconds between signs of life on a quiet stream."""
HISTORY = 200
PAGE_POLICY = "default-src 'self'; img-src 'self' blob: data:"
PAGE_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class Attachment(BaseModel):
    model_config = ConfigDict(extra="ignore")
    name: Annotated[str, StringConstraints(max_length=200)] = ""
    url: Annotated[str, StringConstraints(pattern=r"^/chat/uploads/[A-Za-z0-9_-]{16,64}$")]


class Identity(BaseModel):
    model_config = ConfigDict(extra="ignore")
    phone: Annotated[str, StringConstraints(pattern=r"^\+?[0-9-]{5,20}$")]
    name: str = ""
    signature: str


class ChatMessage(BaseModel):
    model_config = ConfigDict(extra="ignore")
    session: Session
    id: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    text: str = ""
    attachments: list[Attachment] = Field(default_factory=list, max_length=9)
    identity: Identity | None = None


class Webchat:
    """Verify, make an Inbound, answer; streams and history read the database."""

    def __init__(self, desk: Desk, uploads: Uploads, settings: Settings, signs: Signs) -> None:
        self.desk = desk
        self.uploads = uploads
        self.identity_secret = settings.identity_secret
        self.origins = settings.allowed_origins
        self.signs = signs

    def routes(self) -> list[web.RouteDef | web.StaticDef]:
        return [
            web.get("/", self.page),
            web.post("/chat/messages", self.post_message),
            web.get("/chat/stream", self.stream),
            web.get("/chat/history", self.history),
            web.post("/chat/uploads", self.upload),
            web.get("/chat/uploads/{id}", self.download),
            *PageSigns(self.desk, self.signs).routes(),
            web.static("/chat/static", PAGES / "static"),
        ]

    async def page(self, _: web.Request) -> web.Response:
        text = (PAGES / "chat.html").read_text("utf-8")
        page = text.replace("{{ company }}", escape(self.desk.knowledge.company))
        page = page.replace("{{ origins }}", escape(" ".join(self.origins)))
        policy = {"Content-Security-Policy": f"{PAGE_POLICY}; {frame_ancestors(self.origins)}"}
        return web.Response(text=page, content_type="text/html", headers=PAGE_HEADERS | policy)

    async def post_message(self, request: web.Request) -> web.Response:
        body = await read_body(request, ChatMessage, mend=True)
        if not body.text.strip() and not body.attachments:
            raise invalid("body", {"text": "expected text or attachments"})
        answer = await self.desk.answer(
            Inbound(
                conversation=f"web:{body.session}",
                id=body.id,
                text=body.text,
                attachments=tuple(item.model_dump() for item in body.attachments),
                verified_phone=self._proved(body),
                customer_name=body.identity.name if body.identity else "",
            )
        )
        replies = [{"id": said.id, "text": said.text, "choices": said.choices} for said in answer.replies]
        return web.json_response({"replies": replies, "handled_by": answer.handled_by})

    def _proved(self, body: ChatMessage) -> str | None:
        """The phone that the company's own site vouches for; a wrong signature is 401."""
        identity = body.identity
        if identity is None:
            return None
        told = f"{body.session}.{identity.phone}.{identity.name}".encode()
        expected = hmac.new(self.identity_secret.encode(), told, hashlib.sha256).hexdigest()
        genuine = hmac.compare_digest(expected.encode(), identity.signature.encode())
        if not self.identity_secret or not genuine:
            raise Problem(401, "Unauthorized", "the identity's signature is not valid")
        return identity.phone

    async def history(self, request: web.Request) -> web.Response:
        conversation = _conversation(request)
        rows = await self.desk.store.read(
            lambda connection: messages.read_latest(connection, conversation, HISTORY)
        )
        zone = self.desk.zone
        return web.json_response([messages.message_json(row, zone) for row in rows])

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Words to the customer as they are committed; `Last-Event-ID` resumes with nothing lost.

        `with=customer` adds the customer's own words, for a page that may be open twice.
        """
        conversation, everyone = _conversation(request), request.query.get("with") == "customer"
        last = await self._last_id(request, conversation)
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        await response.prepare(request)
        poll, quiet, sign = self.desk.store.poll_seconds, 0.0, Sign()
        # A page that closes breaks the stream off in the middle of a word; it comes back for the rest.
        with suppress(ConnectionResetError), self.desk.live.watch(conversation) as watch:
            while not self.desk.live.closed:
                last = await self._send_after(response, conversation, last, everyone)
                sign = await self._send_signs(response, conversation, sign)
                quiet = 0.0 if await watch.wait(poll) else quiet + poll
                if quiet >= HEARTBEAT:
                    await response.write(b": alive\n\n")
                    quiet = 0.0
        return response

    async def _last_id(self, request: web.Request, conversation: str) -> int:
        """Where to go on: what the browser last saw, or now."""
        seen = request.headers.get("Last-Event-ID") or request.query.get("after", "")
        if seen:
            if not seen.isdecimal() or len(seen) > 18:
                raise Problem(400, "Bad Request", "Last-Event-ID: expected the id of a message")
            return int(seen)
        rows = await self.desk.store.read(
            lambda connection: messages.read_latest(connection, conversation, 1)
        )
        return int(rows[-1]["id"]) if rows else 0

    async def _send_after(
        self, response: web.StreamResponse, conversation: str, last: int, everyone: bool
    ) -> int:
        while True:
            read = partial(messages.read_after, conversation=conversation, after=last)
            rows = await self.desk.store.read(read)
            if not rows:
                return last
            zone = self.desk.zone
            told = [row for row in rows if everyone or row["sender"] != "customer"]
            lines = [
                f"id: {row['id']}\nevent: message\n"
                f"data: {json.dumps(messages.message_json(row, zone), ensure_ascii=False)}\n\n"
                for row in told
            ]
            if lines:
                await response.write("".join(lines).encode())
            last = int(rows[-1]["id"])

    async def _send_signs(self, response: web.StreamResponse, conversation: str, before: Sign) -> Sign:
        sign = self.signs.of(conversation)
        if told := "".join(sign_events(before, sign)):
            await response.write(told.encode())
        return sign

    async def upload(self, request: web.Request) -> web.Response:
        """One file of a multipart body: an image or a PDF; the type is read from the bytes."""
        if not request.content_type.startswith("multipart/"):
            raise Problem(415, "Unsupported Media Type", "expected multipart/form-data with one file")
        try:
            part = await (await request.multipart()).next()
        except ValueError as error:
            raise Problem(400, "Bad Request", f"expected multipart/form-data: {error}") from None
        if not isinstance(part, BodyPartReader):
            raise Problem(422, "Unprocessable Content", "expected one file")
        content = bytearray()
        while chunk := await part.read_chunk(65536):
            content += chunk
            if len(content) > MAX_UPLOAD:
                raise Problem(413, "Content Too Large", f"expected at most {MAX_UPLOAD // 2**20} MiB")
        try:
            upload = await self.uploads.save(bytes(content), self.desk.now())
        except UnknownType:
            raise Problem(415, "Unsupported Media Type", "expected an image or a PDF") from None
        name = mend(Path(part.filename or "").name)[:200]
        return web.json_response({"name": name, "url": f"/chat/uploads/{upload.id}", "type": upload.type})

    async def download(self, request: web.Request) -> web.StreamResponse:
        upload = await self.uploads.find(request.match_info["id"])
        if upload is None:
            raise Problem(404, "Not Found", "no such upload")
        headers = {
            "Content-Type": upload.type,
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, max-age=86400",
        }
        return web.FileResponse(self.uploads.path(upload), headers=headers)


def _conversation(request: web.Request) -> str:
    session = request.query.get("session", "")
    if not SESSION.fullmatch(session):
        raise invalid("query", {"session": "expected 8 to 64 of A-Z a-z 0-9 _ -"})
    return f"web:{session}"

"""A Chatwoot as its own code has it: contacts, conversations, messages, tokens, signed webhooks."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

PERSON, BOT, HOOK_SECRET = "person-token", "bot-token", "chatwoot-hook-secret"
HOOK_TOKEN = "a-token-in-the-address"
MINE = "/api/v1/accounts/3"
BOT_MAY = ("toggle_status", "toggle_priority", "custom_attributes", "messages", "assignments")
TYPES = {"incoming": 0, "outgoing": 1}
PER_PAGE = 20


@dataclass
class FakeChatwoot:
    """`fails(path)` says with which status a call fails before, or (`lost`) after it was done."""

    clock: Callable[[], Any]
    fails: Callable[[str], int | str] = lambda _path: 0
    hook: str = ""
    signs: bool = True
    url: str = ""
    contacts: dict[int, dict[str, Any]] = field(default_factory=dict)
    conversations: dict[int, dict[str, Any]] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)
    outbox: list[dict[str, Any]] = field(default_factory=list)
    """Webhooks in order; `deliver` sends them, as the worker of Chatwoot does later."""
    deliveries: int = 0

    @web.middleware
    async def guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        token = request.headers.get("api_access_token")
        last = request.path.rpartition("/")[2]
        if token not in (PERSON, BOT):
            return web.json_response({"error": "Invalid Access Token"}, status=401)
        if token == BOT and (request.method != "POST" or last not in BOT_MAY):
            return web.json_response(
                {"error": "Access to this endpoint is not authorized for bots"}, status=401
            )
        failure = self.fails(request.path)
        if isinstance(failure, int) and failure:
            return web.json_response({"error": "no"}, status=failure, headers={"Retry-After": "7"})
        answer: web.StreamResponse = await handler(request)
        if failure == "lost":
            assert request.transport
            request.transport.abort()
        return answer

    def routes(self) -> list[web.RouteDef]:
        one = MINE + "/conversations/{number}"
        return [
            web.get(MINE + "/contacts/search", self.search),
            web.post(MINE + "/contacts", self.add_contact),
            web.get(MINE + "/contacts/{id}/conversations", self.of_contact),
            web.post(MINE + "/conversations", self.add_conversation),
            web.get(one, self.show),
            web.get(one + "/messages", self.read_messages),
            web.post(one + "/messages", self.add_message),
            web.post(one + "/toggle_status", self.set_status),
            web.post(one + "/toggle_priority", self.set_field("priority", "priority")),
            web.post(one + "/custom_attributes", self.set_field("custom_attributes", "custom_attributes")),
            web.get(one + "/labels", self.labels),
            web.post(one + "/labels", self.set_field("labels", "labels")),
        ]

    async def search(self, request: web.Request) -> web.Response:
        found = [each for each in self.contacts.values() if request.query["q"] in each["identifier"]]
        return web.json_response({"payload": found})

    async def add_contact(self, request: web.Request) -> web.Response:
        body = await request.json()
        if any(each["identifier"] == body["identifier"] for each in self.contacts.values()):
            return web.json_response({"message": "Identifier has already been taken"}, status=422)
        id = len(self.contacts) + 1
        self.contacts[id] = {"id": id, "name": body["name"], "identifier": body["identifier"]}
        inbox = {"inbox": {"id": body["inbox_id"]}, "source_id": f"src{id}"}
        return web.json_response({"payload": {"contact": self.contacts[id], "contact_inbox": inbox}})

    async def of_contact(self, request: web.Request) -> web.Response:
        id = int(request.match_info["id"])
        return web.json_response(
            {"payload": [self.payload(each) for each in self.conversations.values() if each["contact"] == id]}
        )

    async def add_conversation(self, request: web.Request) -> web.Response:
        body = await request.json()
        number = 100 + len(self.outbox) + self.deliveries
        self.conversations[number] = {
            "id": number, "contact": body["contact_id"], "inbox_id": body["inbox_id"], "labels": ["vip"],
            "status": body.get("status", "open"), "priority": None, "custom_attributes": {}, "messages": [],
            "assignee": None,
        }  # fmt: skip
        return web.json_response(self.payload(self.conversations[number]))

    async def show(self, request: web.Request) -> web.Response:
        return web.json_response(self.payload(self._one(request)))

    async def read_messages(self, request: web.Request) -> web.Response:
        before = int(request.query.get("before", 10**9))
        found = [each for each in self._one(request)["messages"] if each["id"] < before]
        return web.json_response(
            {"payload": [{**each, "message_type": TYPES[each["message_type"]]} for each in found[-PER_PAGE:]]}
        )

    async def add_message(self, request: web.Request) -> web.Response:
        body, sender = await request.json(), {"id": 1, "name": "Yida", "type": "user"}
        if request.headers["api_access_token"] == BOT:
            sender = {"id": 9, "name": "Bot", "type": "agent_bot"}
        return web.json_response(self.say(self._one(request), sender, **body))

    async def set_status(self, request: web.Request) -> web.Response:
        self.toggle(self._one(request), (await request.json())["status"])
        return web.json_response({"payload": {"success": True}})

    async def labels(self, request: web.Request) -> web.Response:
        return web.json_response({"payload": self._one(request)["labels"]})

    def set_field(self, name: str, key: str) -> Any:
        async def handler(request: web.Request) -> web.Response:
            one = self._one(request)
            one[name] = (await request.json())[key]
            self.tell("conversation_updated", self.payload(one))
            return web.json_response({"payload": one[name]})

        return handler

    def _one(self, request: web.Request) -> dict[str, Any]:
        found = self.conversations.get(int(request.match_info["number"]))
        if found is None:
            raise web.HTTPNotFound
        return found

    def say(self, one: dict[str, Any], sender: dict[str, Any], **body: Any) -> dict[str, Any]:
        message = {
            "id": 5000 + sum(len(each["messages"]) for each in self.conversations.values()),
            "content": body["content"], "message_type": body.get("message_type", "outgoing"),
            "private": body.get("private", False), "content_attributes": body.get("content_attributes", {}),
            "created_at": self.clock().isoformat(), "sender": sender,
        }  # fmt: skip
        one["messages"].append(message)
        self.tell("message_created", {**message, "conversation": self.payload(one)})
        return message

    def toggle(self, one: dict[str, Any], status: str) -> None:
        one["status"] = status
        self.tell("conversation_status_changed", self.payload(one))

    def assign(self, one: dict[str, Any], agent: dict[str, Any]) -> None:
        one["assignee"] = agent
        self.tell("conversation_updated", self.payload(one))

    def payload(self, one: dict[str, Any]) -> dict[str, Any]:
        kept = {
            name: one[name]
            for name in ("id", "inbox_id", "status", "labels", "priority", "custom_attributes")
        }
        return {**kept, "meta": {"assignee": one["assignee"]}, "updated_at": self.clock().timestamp()}

    def tell(self, name: str, payload: dict[str, Any]) -> None:
        self.deliveries += 1
        self.outbox.append({"event": name, **payload, "delivery": f"uuid-{self.deliveries}"})

    async def deliver(self) -> list[str]:
        """Send what waits, each signed; the desk's outcomes."""
        outcomes = []
        async with aiohttp.ClientSession() as http:
            while self.outbox:
                event = self.outbox.pop(0)
                delivery, body = event.pop("delivery"), json.dumps(event).encode()
                async with http.post(self.hook, data=body, headers=self.signed(body, delivery)) as answer:
                    self.answers.append(answer.status)
                    outcomes.append((await answer.json()).get("outcome", ""))
        return outcomes

    def signed(self, body: bytes, delivery: str) -> dict[str, str]:
        if not self.signs:
            return {}
        at = str(int(self.clock().timestamp()))
        digest = hmac.new(HOOK_SECRET.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        return {
            "X-Chatwoot-Signature": f"sha256={digest}",
            "X-Chatwoot-Timestamp": at,
            "X-Chatwoot-Delivery": delivery,
        }


@asynccontextmanager
async def chatwoot(clock: Callable[[], Any]) -> AsyncIterator[FakeChatwoot]:
    each = FakeChatwoot(clock)
    site = web.Application(middlewares=[each.guard])
    site.add_routes(each.routes())
    runner = web.AppRunner(site, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    each.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield each
    await runner.cleanup()

"""What the company's own desk sends: the acts of its agents, signed by Standard Webhooks."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.api.problems import Problem, invalid
from bot.desk import Desk
from bot.mirror_settings import Chatwoot, Mirror
from bot.untext import mend_all
from handoff.lookup import NotFound
from handoff.mirror.chatwoot_inbound import ChatwootInbound
from handoff.mirror.chatwoot_inbound import check as check_chatwoot
from handoff.mirror.inbound import LARGEST, BadEvent, Inbound
from handoff.mirror.metrics import RECEIVED
from handoff.mirror.signing import NotGenuine, check
from handoff.queue import AlreadyTaken, NotOpen


class QueueWebhook:
    def __init__(self, desk: Desk, settings: Mirror) -> None:
        self.desk, self.secrets = desk, settings.inbound_secrets
        self.inbound = Inbound(desk.queue)

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/webhooks/queue", self.receive)]

    async def receive(self, request: web.Request) -> web.Response:
        """One act; 200 also for one that came before and for a type that we do not know."""
        if not self.secrets:
            raise Problem(404, "Not Found", "mirror.inbound_secret is not set")
        body = await read_raw(request)
        try:
            id = check(self.secrets, request.headers, body, self.desk.now())
        except NotGenuine as error:
            RECEIVED.labels("queue", "refused").inc()
            raise Problem(401, "Unauthorized", str(error)) from None
        event = read_event(body)
        try:
            outcome, conversation = await self.desk.store.write(
                lambda connection: self.inbound.take(connection, self.desk.now(), id, event)
            )
        except BadEvent as error:
            raise invalid("body", error.errors) from None
        except NotFound as error:
            raise Problem(404, "Not Found", str(error)) from None
        except (AlreadyTaken, NotOpen) as error:
            raise Problem(409, "Conflict", str(error)) from None
        RECEIVED.labels("queue", outcome).inc()
        if conversation:
            self.desk.told(conversation)
        return web.json_response({"outcome": outcome})


class ChatwootWebhook:
    """Acts of agents in Chatwoot; one that does not sign comes with `?token=` (`webhook_token`)."""

    def __init__(self, desk: Desk, settings: Chatwoot) -> None:
        self.desk, self.settings = desk, settings
        self.inbound = ChatwootInbound(desk.queue)

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/webhooks/chatwoot", self.receive)]

    async def receive(self, request: web.Request) -> web.Response:
        """200 at once for whatever is genuine: Chatwoot sends most webhooks only one time."""
        body = await read_raw(request)
        self._check(request, body)
        event, now = read_event(body), self.desk.now()
        delivery = request.headers.get("X-Chatwoot-Delivery", "")[:64]
        taken = await self.desk.store.write(
            lambda connection: self.inbound.take(connection, now, event, delivery)
        )
        RECEIVED.labels("chatwoot", taken.outcome).inc()
        if taken.conversation:
            self.desk.told(taken.conversation)
        return web.json_response({"outcome": taken.outcome})

    def _check(self, request: web.Request, body: str) -> None:
        given, token = request.query.get("token", ""), self.settings.webhook_token
        if token and hmac.compare_digest(given.encode("utf-8", "replace"), token.encode()):
            return
        if not self.settings.webhook_secret:
            raise Problem(401, "Unauthorized", "chatwoot.webhook_secret is not set, nor is the token right")
        try:
            check_chatwoot(self.settings.webhook_secret, request.headers, body.encode(), self.desk.now())
        except NotGenuine as error:
            RECEIVED.labels("chatwoot", "refused").inc()
            raise Problem(401, "Unauthorized", str(error)) from None


async def read_raw(request: web.Request) -> str:
    """The body as it was signed; 413 where it is over the limit, without reading the rest."""
    if (request.content_length or 0) > LARGEST:
        raise Problem(413, "Content Too Large", "expected at most 1 MiB")
    body = bytearray()
    async for part in request.content.iter_any():
        body += part
        if len(body) > LARGEST:
            raise Problem(413, "Content Too Large", "expected at most 1 MiB")
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Problem(400, "Bad Request", "expected a body in UTF-8") from None


def read_event(body: str) -> Mapping[str, Any]:
    """The JSON object of a webhook; 400 where it is none, 422 where a text in it is no text."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Problem(400, "Bad Request", f"expected a JSON body: {error}") from None
    faults: dict[str, str] = {}
    event = mend_all(event, lambda place, reason: faults.update({place or "body": reason}))
    if faults:
        raise invalid("body", faults)
    if not isinstance(event, dict):
        raise Problem(400, "Bad Request", "expected a JSON object with type, timestamp and data")
    return event

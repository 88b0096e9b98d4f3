"""Whether the process lives, whether it is ready, and what it counts."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from bot.api.problems import Problem
from bot.channels import Channel
from bot.store import Store
from handoff.mirror import overview


class Running:
    def __init__(self, store: Store, channels: Mapping[str, Channel]) -> None:
        self.store = store
        self.channels = channels

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/healthz", self.healthz),
            web.get("/readyz", self.readyz),
            web.get("/metrics", self.metrics),
        ]

    async def healthz(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def readyz(self, _: web.Request) -> web.Response:
        """Ready when the database answers a write and a read; the model was loaded before we listen."""
        try:
            await self.store.write(lambda connection: connection.execute(text("SELECT 1")).close())
        except Exception as error:
            raise Problem(503, "Service Unavailable", f"database: {type(error).__name__}") from None
        mirror = await self.store.read(overview.states)
        return web.json_response({"status": "ready", "channels": ["web", *self.channels], "mirror": mirror})

    async def metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

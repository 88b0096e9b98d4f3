"""The small signs of the web chat's page: the customer types, has read; the agent types, has read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import Connection

from bot.api.bodies import read_body
from bot.desk import Desk
from bot.signs import Sign, Signs
from handoff import reading

Session = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]


class TypingBody(BaseModel):
    model_config = ConfigDict(extra="ignore")
    session: Session


class SeenBody(TypingBody):
    last: int = Field(ge=1, lt=2**53)


class PageSigns:
    def __init__(self, desk: Desk, signs: Signs) -> None:
        self.desk, self.signs = desk, signs

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/chat/typing", self.typing), web.post("/chat/seen", self.seen)]

    async def typing(self, request: web.Request) -> web.Response:
        """The customer types; shown to the agents that have the conversation before them."""
        body = await read_body(request, TypingBody)
        self.signs.on_customer_types(f"web:{body.session}")
        return web.json_response({})

    async def seen(self, request: web.Request) -> web.Response:
        """The page has shown the words up to an id."""
        body = await read_body(request, SeenBody)
        conversation, now = f"web:{body.session}", self.desk.now()

        def mark(connection: Connection) -> None:
            reading.mark(connection, now, conversation, reading.CUSTOMER, body.last)

        await self.desk.store.write(mark)
        self.signs.on_customer_read(conversation, body.last)
        return web.json_response({})


def sign_events(before: Sign, sign: Sign) -> Iterator[str]:
    """What a stream tells of a sign that has changed."""
    if sign.typing and sign.typed_at != before.typed_at:
        yield _event("typing", {"name": sign.typing})
    if sign.read != before.read:
        yield _event("seen", {"last": sign.read})


def _event(name: str, data: dict[str, object]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"

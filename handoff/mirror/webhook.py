"""Sends an event to an endpoint by Standard Webhooks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, StreamReader
from pydantic import BaseModel

from handoff.mirror.events import Event, Failure, subscribed
from handoff.mirror.guard import Network, guarded
from handoff.mirror.schedule import read_retry_after
from handoff.mirror.signing import sign
from handoff.mirror.verify import Held, NotComparable

TIMEOUT = 15.0
MOST_READ = 65536
"""Bytes read of an answer."""
SHOWN = 200
"""Characters of an answer that are kept beside a failure."""


class There(BaseModel):
    """A handoff as the other side has it; `seq`: the newest event with none missing before."""

    id: str
    status: str
    seq: int


class Page(BaseModel):
    handoffs: list[There]
    cursor: str | None = None


@dataclass(frozen=True)
class Webhook:
    """An endpoint; `secrets` are all valid ones, the newest first; an empty `events` subscribes to all."""

    name: str
    url: str
    secrets: Sequence[str]
    events: Sequence[str]
    session: ClientSession
    timeout: float = TIMEOUT
    verify_url: str = ""
    """Lists what the other side holds: `{"handoffs": [{"id", "status", "seq"}], "cursor"}`."""

    def wants(self, type: str) -> bool:
        return subscribed(self.events, type)

    async def send(self, event: Event, now: datetime) -> Failure | None:
        body = json.dumps(event.to_json(), ensure_ascii=False, separators=(",", ":"))
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "yida-mirror"}
        headers |= sign(self.secrets, event.webhook_id, now, body)
        try:
            async with self.session.post(
                self.url,
                data=body.encode(),
                headers=headers,
                allow_redirects=False,
                timeout=ClientTimeout(total=self.timeout),
            ) as response:
                if 200 <= response.status < 300:
                    with suppress(ClientError, TimeoutError):
                        await _read(response.content)  # Only so that the connection can be used again.
                    return None
                said = (await _read(response.content)).decode(errors="replace")
                wait = read_retry_after(response.headers.get("Retry-After", ""), now)
                return Failure(f"{response.status} {said[:SHOWN]}".strip(), wait, response.status == 410)
        except TimeoutError:
            return Failure(f"no answer within {self.timeout:g} s")
        except (ClientError, OSError, ValueError) as error:
            return Failure(f"{type(error).__name__}: {error}"[:SHOWN])

    async def held(self, ours: Sequence[Mapping[str, Any]], since: datetime, now: datetime) -> list[Held]:
        """What the other side says that it holds since a moment, page by page."""
        if not self.verify_url:
            raise NotComparable("verify_url is not set, so it does not tell what it holds")
        found: list[Held] = []
        query = {"since": since.isoformat()}
        while True:
            page = await self._page(query, now)
            found += [Held(each.id, (each.status,), each.seq) for each in page.handoffs]
            if not page.cursor or not page.handoffs:
                return found
            query["cursor"] = page.cursor

    async def _page(self, query: Mapping[str, str], now: datetime) -> Page:
        headers = sign(self.secrets, f"msg_{uuid4().hex}", now, "")
        limit = ClientTimeout(total=self.timeout)
        try:
            async with self.session.get(
                self.verify_url, params=query, headers=headers, allow_redirects=False, timeout=limit
            ) as response:
                if response.status != 200:
                    raise NotComparable(f"{response.status} from verify_url")
                return Page.model_validate_json(await response.read())
        except (ClientError, TimeoutError, OSError, ValueError) as error:
            raise NotComparable(f"{type(error).__name__}: {error}"[:SHOWN]) from None


async def _read(content: StreamReader) -> bytes:
    """The answer as far as we read it; of a longer one the connection is closed."""
    said = b""
    while len(said) < MOST_READ and (part := await content.read(MOST_READ - len(said))):
        said += part
    return said


def open_session(allowed: Sequence[Network]) -> ClientSession:
    """A client that reaches public addresses and `allowed` networks, and unpacks nothing it is sent."""
    return ClientSession(connector=guarded(allowed), auto_decompress=False, cookie_jar=DummyCookieJar())

"""Sends an event to an endpoint by Standard Webhooks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, StreamReader

from handoff.mirror.events import Event, Failure, subscribed
from handoff.mirror.guard import Network, guarded
from handoff.mirror.schedule import read_retry_after
from handoff.mirror.signing import sign

TIMEOUT = 15.0
MOST_READ = 65536
"""Bytes read of an answer."""
SHOWN = 200
"""Characters of an answer that are kept beside a failure."""


@dataclass(frozen=True)
class Webhook:
    """An endpoint; `secrets` are all valid ones, the newest first; an empty `events` subscribes to all."""

    name: str
    url: str
    secrets: Sequence[str]
    events: Sequence[str]
    session: ClientSession
    timeout: float = TIMEOUT

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


async def _read(content: StreamReader) -> bytes:
    """The answer as far as we read it; of a longer one the connection is closed."""
    said = b""
    while len(said) < MOST_READ and (part := await content.read(MOST_READ - len(said))):
        said += part
    return said


def open_session(allowed: Sequence[Network]) -> ClientSession:
    """A client that reaches public addresses and `allowed` networks, and unpacks nothing it is sent."""
    return ClientSession(connector=guarded(allowed), auto_decompress=False, cookie_jar=DummyCookieJar())

"""Calls to the servers of WeChat and WeCom: an access token that replicas share, media, and error codes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import aiohttp
import structlog
from sqlalchemy import Connection, or_, select, update

from bot.store import Store, tables
from bot.store.upsert import insert

T = TypeVar("T")

log = structlog.get_logger()

TIMEOUT = aiohttp.ClientTimeout(total=10)
EARLY = timedelta(minutes=5)
"""How long before its end a token is renewed; the platform goes on taking the old one as long."""
RENEWAL = timedelta(seconds=15)
"""How long one replica may take to renew a token before another tries."""
PAUSE = 0.2
STALE = frozenset({40001, 40014, 42001})
"""The token is not, or no longer, right: another replica or a colleague's tool has fetched a newer one."""
BUSY = -1


class Refused(Exception):
    """The platform answered with an error code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}"[:300])
        self.code = code


class TooLarge(ValueError):
    """The media is larger than we keep."""


@dataclass(frozen=True)
class Account:
    """Whose token: its name in the database, and the call that fetches a new one."""

    name: str
    base_url: str
    token_path: str
    token_query: Mapping[str, str]


class PlatformApi:
    """Calls in the name of one account; a stale token is renewed and the call made once more."""

    def __init__(self, account: Account, store: Store, now: Callable[[], datetime]) -> None:
        self.account, self.store, self.now = account, store, now
        self._session: aiohttp.ClientSession | None = None
        self._token = ("", datetime.fromtimestamp(0, now().tzinfo))
        self._renewing = asyncio.Lock()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Call; raises Refused, or an error of the connection."""
        sent = json.dumps(body, ensure_ascii=False).encode()
        return await self._with_token(partial(self._json, "POST", path, data=sent))

    async def get(self, path: str) -> dict[str, Any]:
        return await self._with_token(partial(self._json, "GET", path))

    async def media(self, media_id: str, limit: int) -> bytes:
        """A customer's file, which the platform keeps for three days; raises Refused and TooLarge."""
        return await self._with_token(partial(self._media, media_id, limit))

    async def _with_token(self, call: Callable[[str], Awaitable[T]]) -> T:
        token = await self._fresh("")
        try:
            return await call(token)
        except Refused as error:
            if error.code not in STALE:
                raise
        return await call(await self._fresh(token))

    async def _json(self, method: str, path: str, token: str, data: bytes | None = None) -> dict[str, Any]:
        query = {"access_token": token}
        headers = {"Content-Type": "application/json"} if data else {}
        async with self._open().request(
            method, self.account.base_url + path, params=query, data=data, headers=headers
        ) as response:
            return _read(await response.read(), response.status)

    async def _media(self, media_id: str, limit: int, token: str) -> bytes:
        query = {"access_token": token, "media_id": media_id}
        async with self._open().get(f"{self.account.base_url}/cgi-bin/media/get", params=query) as response:
            content = bytearray()
            async for chunk in response.content.iter_chunked(65536):
                content += chunk
                if len(content) > limit:
                    raise TooLarge(f"media of more than {limit} bytes")
            if response.content_type in ("application/json", "text/plain"):
                _read(bytes(content), response.status)
            return bytes(content)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        return self._session

    async def _fresh(self, stale: str) -> str:
        """A token that is not `stale` and lasts: ours, another replica's, or a new one."""
        async with self._renewing:
            while True:
                token, until = self._token
                if token != stale and until - EARLY > self.now():
                    return token
                self._token = await self.store.read(self._load)
                if self._token[0] != stale and self._token[1] - EARLY > self.now():
                    return self._token[0]
                if await self.store.write(partial(self._claim, seen=self._token[0])):
                    self._token = await self._renew()
                    return self._token[0]
                await asyncio.sleep(PAUSE)

    async def _renew(self) -> tuple[str, datetime]:
        url = self.account.base_url + self.account.token_path
        try:
            async with self._open().get(url, params=self.account.token_query) as response:
                answer = _read(await response.read(), response.status)
            token, seconds = str(answer["access_token"]), int(answer["expires_in"])
        except Exception as error:
            log.error("access token refused", account=self.account.name, error=type(error).__name__)
            await self.store.write(self._release)
            raise
        until = self.now() + timedelta(seconds=seconds)
        await self.store.write(partial(self._save, token=token, until=until))
        return token, until

    def _load(self, connection: Connection) -> tuple[str, datetime]:
        table = tables.access_tokens
        query = select(table.c.token, table.c.until).where(table.c.account == self.account.name)
        row = connection.execute(query).one_or_none()
        return (row[0], row[1]) if row else ("", datetime.fromtimestamp(0, self.now().tzinfo))

    def _claim(self, connection: Connection, seen: str) -> bool:
        """Take the renewal upon us, unless another replica has done so or has renewed it."""
        table, now = tables.access_tokens, self.now()
        values = {"account": self.account.name, "token": "", "until": now}
        connection.execute(insert(connection, table).values(**values).on_conflict_do_nothing())
        claimed = connection.execute(
            update(table)
            .where(
                table.c.account == self.account.name,
                table.c.token == seen,
                or_(table.c.renewing_until.is_(None), table.c.renewing_until < now),
            )
            .values(renewing_until=now + RENEWAL)
        )
        return claimed.rowcount == 1

    def _save(self, connection: Connection, token: str, until: datetime) -> None:
        table = tables.access_tokens
        values = {"token": token, "until": until, "renewing_until": None}
        connection.execute(update(table).where(table.c.account == self.account.name).values(**values))

    def _release(self, connection: Connection) -> None:
        table = tables.access_tokens
        statement = update(table).where(table.c.account == self.account.name).values(renewing_until=None)
        connection.execute(statement)


def _read(body: bytes, status: int) -> dict[str, Any]:
    """The answer, where it is one without an error code."""
    try:
        answer = json.loads(body)
    except ValueError:
        raise Refused(BUSY, f"no JSON, HTTP status {status}") from None
    if not isinstance(answer, dict):
        raise Refused(BUSY, "no JSON object")
    if code := int(answer.get("errcode") or 0):
        raise Refused(code, str(answer.get("errmsg", "")))
    return answer

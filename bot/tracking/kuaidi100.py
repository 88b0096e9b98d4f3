"""快递100: the query of one waybill, the subscription to its changes, and what its pushes say."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp
import stamina
import yaml

from bot.tracking import Track, Unavailable
from faq.shipment import CHINA

QUERY, SUBSCRIBE = "/poll/query.do", "/poll"
OK = "200"
ALREADY = "501"
"""A subscription that is there."""
RESULT = "4"
"""resultv2: with areas and the finer states."""
ATTEMPTS = 2
SERVER_FAULT = 500
FINER = 3
"""Digits of a state within a state."""


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return words


def sign(*parts: str) -> str:
    """The upper-case MD5 that the service asks for."""
    return hashlib.md5("".join(parts).encode()).hexdigest().upper()


def is_signed(param: str, salt: str, signature: str) -> bool:
    """Whether a push comes from the service: its signature is over the exact text, in either case."""
    return hmac.compare_digest(sign(param, salt).encode(), signature.upper().encode())


class Kuaidi100:
    """The client; use it as an async context manager."""

    name = "kuaidi100"
    apart = timedelta(minutes=30)

    def __init__(
        self,
        base_url: str,
        customer: str,
        key: str,
        company: str,
        *,
        timeout: float,
        callback: str = "",
        salt: str = "",
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.customer, self.key, self.company = customer, key, company
        self.callback, self.salt = callback, salt
        self.timeout = aiohttp.ClientTimeout(total=timeout)

    async def __aenter__(self) -> Kuaidi100:
        self.session = aiohttp.ClientSession(timeout=self.timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.session.close()

    async def query(self, waybill: str) -> Track | None:
        param = _compact({"com": self.company, "num": waybill, "resultv2": RESULT, "order": "desc"})
        signature = sign(param, self.key, self.customer)
        answer = await self._post(QUERY, {"customer": self.customer, "sign": signature, "param": param})
        if str(answer.get("status")) == OK:
            return read_track(waybill, answer)
        code = str(answer.get("returnCode"))
        if code in _words()["no_record"]:
            return None
        raise Unavailable(f"returnCode {code}: {answer.get('message')}")

    async def subscribe(self, waybill: str) -> bool:
        if not self.callback:
            return False
        parameters = {"callbackurl": self.callback, "salt": self.salt, "resultv2": RESULT}
        param = {"company": self.company, "number": waybill, "key": self.key, "parameters": parameters}
        answer = await self._post(SUBSCRIBE, {"schema": "json", "param": _compact(param)})
        code = str(answer.get("returnCode"))
        if code in (OK, ALREADY):
            return True
        raise Unavailable(f"returnCode {code}: {answer.get('message')}")

    async def _post(self, path: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        """One more try where nothing was answered, then Unavailable."""
        try:
            async for attempt in stamina.retry_context(
                on=(aiohttp.ClientError, TimeoutError), attempts=ATTEMPTS, wait_initial=0.1, wait_max=0.5
            ):
                with attempt:
                    return await self._post_once(path, form)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(type(error).__name__) from error
        raise AssertionError("stamina ends with an answer or an error")

    async def _post_once(self, path: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        async with self.session.post(self.base_url + path, data=form, allow_redirects=False) as response:
            if response.status >= SERVER_FAULT:
                response.raise_for_status()
            try:
                answer = json.loads(await response.text())
            except ValueError:
                answer = None
        if not isinstance(answer, dict):
            raise Unavailable("the answer is no JSON object")
        return answer


def _compact(param: Mapping[str, Any]) -> str:
    return json.dumps(param, ensure_ascii=False, separators=(",", ":"))


def read_track(waybill: str, result: Mapping[str, Any]) -> Track:
    """A query's answer or a push's lastResult; raises Unavailable where it cannot be read."""
    try:
        events = sorted((_event(item) for item in result.get("data") or ()), key=lambda each: each["at"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Unavailable(f"an event cannot be read: {error!r}") from error
    status = _words()["states"].get(str(result.get("state")))
    return Track(waybill, status or (events[-1]["code"] if events else ""), tuple(events))


def _event(item: Mapping[str, Any]) -> dict[str, Any]:
    text = str(item.get("context") or "")
    code = _code(item)
    reasons = (reason for reason, pattern in _words()["reasons"].items() if re.search(pattern, text))
    at = datetime.strptime(item.get("ftime") or item["time"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    return {
        "at": at.isoformat(),
        "code": code,
        "place": _place(item, text),
        "text": text,
        "reason": next(reasons, None) if code in _words()["troubles"] else None,
    }


def _code(item: Mapping[str, Any]) -> str:
    """By the state's code (`501` belongs to `5`), else by its name; on its way where neither is known."""
    states, number = _words()["states"], str(item.get("statusCode") or "")
    found = states.get(number) or (states.get(number[0]) if len(number) == FINER else None)
    return str(found or _words()["names"].get(item.get("status"), "in_transit"))


def _place(item: Mapping[str, Any], text: str) -> str:
    area = str(item.get("areaName") or item.get("location") or "").replace(",", "")
    bracketed = re.search(_words()["place"], text)
    return area or (bracketed.group(1) if bracketed else "")

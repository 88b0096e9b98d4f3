"""Reads the calls of WeChat and WeCom: signature, size, XML, encryption."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aiohttp import web

from bot.api.problems import Problem
from bot.channels.wechat_crypto import Envelope, Forged, Unreadable, read_xml

MAX_BODY = 64 * 1024
"""Bytes of one callback; the platforms' are a few thousand."""


async def read_callback(
    request: web.Request, envelope: Envelope, now: datetime, *, plain: bool
) -> tuple[Mapping[str, str], bool]:
    """The fields of a callback that is believed, and whether they came encrypted.

    `plain`: take also one that did not. Raises Problem.
    """
    try:
        fields = read_xml(await _body(request))
        if envelope.key and (encrypted := fields.get("Encrypt", "")):
            check_signature(request, envelope, now, encrypted)
            return read_xml(open_sealed(envelope, encrypted)), True
    except Unreadable as error:
        raise Problem(400, "Bad Request", str(error)) from None
    if not plain:
        raise Problem(401, "Unauthorized", "expected an encrypted message")
    check_signature(request, envelope, now)
    return fields, False


def check_signature(request: web.Request, envelope: Envelope, now: datetime, encrypted: str = "") -> None:
    """Raises Problem unless the platform has signed the call just now."""
    try:
        envelope.check(request.query, now, encrypted)
    except Forged as error:
        raise Problem(401, "Unauthorized", str(error)) from None


def open_sealed(envelope: Envelope, encrypted: str) -> str:
    """The text of a ciphertext whose signature is right. Raises Problem and Unreadable."""
    try:
        return envelope.open(encrypted)
    except Forged as error:
        raise Problem(401, "Unauthorized", str(error)) from None


async def _body(request: web.Request) -> bytes:
    body = b""
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            raise Problem(413, "Content Too Large", f"expected at most {MAX_BODY} bytes")
    return body

"""What a customer does in an Official Account, read from its XML: words, a picture, a voice, a tap."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.channels.wechat_crypto import Unreadable
from bot.channels.wechat_media import Said
from bot.wording import say

OPEN_ID = re.compile(r"[A-Za-z0-9_@-]{1,64}")
SCENE_WAYBILL = re.compile(r"(?:qrscene_)?waybill_([A-Za-z0-9]{8,20})")
MAX_ID = 128
BRACKETS = "[]【】"
SCANS = ("scancode_push", "scancode_waitmsg")
TAPS = ("subscribe", "SCAN", "CLICK", *SCANS)
"""Events after which the platform lets us speak for a moment."""


@dataclass(frozen=True)
class Heard:
    """One thing a customer did."""

    chat: str
    account: str
    id: str
    said: Said | None = None
    """None where there is nothing to answer."""
    grants: Literal["", "message", "event"] = "message"
    """After which of the platform's rules we may speak."""
    left: bool = False
    """The customer has left the account: nothing reaches him any more."""


def heard(fields: Mapping[str, str]) -> Heard:
    """What the fields of a callback say; raises Unreadable."""
    chat, kind = fields.get("FromUserName", ""), fields.get("MsgType", "")
    if not OPEN_ID.fullmatch(chat) or not kind:
        raise Unreadable("expected FromUserName and MsgType")
    account = fields.get("ToUserName", "")
    if kind == "event":
        return _event(fields, chat, account)
    id = (fields.get("MsgId", "") or f"{fields.get('CreateTime', '')}:{kind}")[:MAX_ID]
    kind = "video" if kind == "shortvideo" else kind
    said = Said(_words(fields, kind), kind, fields.get("MediaId", ""), _point(fields))
    return Heard(chat, account, id, said)


def _words(fields: Mapping[str, str], kind: str) -> str:
    """The words of a message; empty where it has none."""
    match kind:
        case "text":
            text = fields.get("Content", "")
            return "" if text.strip(BRACKETS) == say("unsupported_text").strip(BRACKETS) else text
        case "voice":
            return fields.get("Recognition", "")
        case "location":
            return fields.get("Label", "")
        case "link":
            return " ".join(filter(None, (fields.get("Title"), fields.get("Url"))))
    return ""


def _point(fields: Mapping[str, str]) -> tuple[float, float] | None:
    """The latitude and longitude of a place."""
    try:
        return float(fields["Location_X"]), float(fields["Location_Y"])
    except (KeyError, ValueError):
        return None


def _event(fields: Mapping[str, str], chat: str, account: str) -> Heard:
    event, key = fields.get("Event", ""), fields.get("EventKey", "")
    id = f"{fields.get('CreateTime', '')}:{event}:{key}"
    if len(id) > MAX_ID:
        id = hashlib.sha256(id.encode()).hexdigest()
    text = _tapped(event, key, fields)
    grants: Literal["", "event"] = "event" if event in TAPS else ""
    return Heard(chat, account, id, Said(text) if text else None, grants, left=event == "unsubscribe")


def _tapped(event: str, key: str, fields: Mapping[str, str]) -> str:
    """What a tap says: a menu's key is in the customer's own words, a scene or a barcode may be a waybill."""
    if event == "CLICK":
        return key
    if event in SCANS:
        return fields.get("ScanResult", "").rpartition(",")[2]
    if event in ("subscribe", "SCAN"):
        waybill = SCENE_WAYBILL.fullmatch(key)
        return say("scanned_waybill", waybill=waybill[1]) if waybill else say("command_start")
    return ""

"""What `sync_msg` of WeCom customer service tells: a customer's message, a servicer's words, an event."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.channels.wechat_crypto import Unreadable
from bot.channels.wechat_media import Said

ID = re.compile(r"[A-Za-z0-9_@.-]{1,46}")
"""The platform's are of 32 letters; two of these fit into a conversation's name."""
MESSAGE_ID = re.compile(r"[\x21-\x7e]{1,128}")
CUSTOMER, SYSTEM, SERVICER = 3, 4, 5
"""Who a message is from (`origin`)."""


NOTHING = Said()


@dataclass(frozen=True)
class Heard:
    """One entry of the list. `chat` is the account and the customer, as in our conversation's name."""

    id: str
    chat: str
    at: datetime
    origin: int
    said: Said = NOTHING
    servicer: str = ""
    event: str = ""
    detail: Mapping[str, Any] | None = None


def heard(entry: Mapping[str, Any]) -> Heard:
    """Read one entry; raises Unreadable."""
    try:
        kind, detail = str(entry["msgtype"]), entry.get(str(entry["msgtype"])) or {}
        source = detail if kind == "event" else entry
        open_kfid, customer = str(source.get("open_kfid", "")), str(source.get("external_userid", ""))
        at = datetime.fromtimestamp(int(entry["send_time"]), UTC)
        if not MESSAGE_ID.fullmatch(str(entry["msgid"])):
            raise ValueError("a msgid of at most 128 letters")
        common = (str(entry["msgid"]), chat_of(open_kfid, customer), at, int(entry["origin"]))
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise Unreadable(f"an entry of sync_msg lacks {error}") from None
    if not ID.fullmatch(open_kfid) or not ID.fullmatch(customer):
        raise Unreadable("an entry of sync_msg names no account or customer")
    if kind == "event":
        return Heard(*common, event=str(detail.get("event_type", "")), detail=detail)
    said = Said(_text(kind, detail), kind, str(detail.get("media_id", "")), _point(detail))
    return Heard(*common, said, servicer=str(entry.get("servicer_userid", "")))


def chat_of(open_kfid: str, customer: str) -> str:
    """The part of a conversation's name after `wecom:`."""
    return f"{open_kfid}:{customer}"


def _point(detail: Mapping[str, Any]) -> tuple[float, float] | None:
    """The latitude and longitude of a place."""
    try:
        return float(detail["latitude"]), float(detail["longitude"])
    except (KeyError, TypeError, ValueError):
        return None


def _text(kind: str, detail: Mapping[str, Any]) -> str:
    match kind:
        case "text":
            return str(detail.get("content", ""))
        case "location":
            return " ".join(str(detail[key]) for key in ("address", "name") if detail.get(key))
        case "link":
            return " ".join(str(detail[key]) for key in ("title", "url") if detail.get(key))
    return ""

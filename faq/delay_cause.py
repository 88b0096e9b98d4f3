"""Why a parcel is late (投诉受理 2), with the words for the customer from data/delay_cause.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

import yaml

from faq.shipment import Event, Shipment

REFUSED = "refused"
"""Nobody's delay: its own way goes before that of the class."""
FILE = Path(__file__).parent / "data" / "delay_cause.yaml"


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    words: Mapping[str, Mapping[str, str]] = yaml.safe_load(FILE.read_text("utf-8"))
    return words


def late(shipment: Shipment, now: datetime) -> bool:
    """The promise was missed: signed for after it, or not yet and past it; without one nothing is late."""
    return shipment.promised_at is not None and (shipment.signed_at or now) > shipment.promised_at


def cause_event(shipment: Shipment, now: datetime) -> Event | None:
    """The last event so far that gives a reason: what stands in the way now.

    Its text is the network's own: a date in it may be quoted to a party, and no other date is known.
    """
    told = [event for event in shipment.events if event.reason and event.at <= now]
    return told[-1] if told else None


def delay_cause(shipment: Shipment, now: datetime) -> str:
    """`objective`, `human`, `information`, `out_of_area` or `unknown`.

    A missed promise for which no event gives any reason is our own doing.
    """
    event = cause_event(shipment, now)
    if event is None:
        return "human" if late(shipment, now) else "unknown"
    return _words()["reasons"].get(event.reason, "unknown")


def told_cause(shipment: Shipment, now: datetime) -> tuple[str, str, str]:
    """The class of a late parcel's cause, the sentence on it, and how it is delivered soon."""
    cause, event = delay_cause(shipment, now), cause_event(shipment, now)
    reason = event.reason if event else ""
    way = "ems" if cause == "out_of_area" and handed_to_ems(shipment) else cause
    return cause, explanation(cause, reason), remedy(reason if reason == REFUSED else way)


def handed_to_ems(shipment: Shipment) -> bool:
    """Whether a parcel that we do not deliver to its door is with EMS already."""
    with_ems = re.compile(_words()["pattern"]["handed_to_ems"])
    return any(with_ems.search(event.text) for event in shipment.events)


def explanation(cause: str, reason: str = "") -> str:
    """A sentence on the cause; with the network's reason (`weather` …) a closer one."""
    return _words()["explanation_of_reason"].get(reason) or _words()["explanation"][cause]


def remedy(cause: str) -> str:
    """A sentence on how the parcel is delivered soon."""
    return _words()["remedy"][cause]

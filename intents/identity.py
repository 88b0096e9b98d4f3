"""Who asks: typed names and phones prove nothing and are neither confirmed nor denied (rules: tracking)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from intents.meaning import Reply, Turn


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("identity.yaml").read_text("utf-8"))
    return data


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{each})" for each in _data()[key]))


def verify_choice() -> str:
    """The words of the button by which a customer proves a phone."""
    return str(_data()["verify"])


def proof_choices() -> tuple[str, ...]:
    """The two ways to prove who one is: the channel, or a person of ours."""
    return (verify_choice(), str(_data()["human"]))


def public_place(place: str) -> str:
    """A place as a stranger may hear it: the city and the branch, no street and no door."""
    if not _pattern("door").search(place):
        return place
    area = re.match(str(_data()["area"]), place)
    return area.group() if area else ""


def about_identity(text: str) -> Reply | None:
    """The answer to a question after personal data, to a claim of being a party, or to how to prove it."""
    if text == verify_choice() or _pattern("asks_how").search(text):
        return Reply(str(_data()["how"]))
    if _pattern("asks").search(text) or (
        _pattern("claims").search(text) and not _pattern("wishes").search(text)
    ):
        return Reply(str(_data()["privacy"]), proof_choices())
    return None


def is_party(turn: Turn) -> bool:
    """Whether the proved phone is the sender's or the receiver's of every parcel talked about."""
    phone, shipments = turn.conversation.verified_phone, turn.facts.shipments.values()
    return phone is not None and all(shipment.is_party(phone) for shipment in shipments)

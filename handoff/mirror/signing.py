"""Signatures of Standard Webhooks, made and checked; two secrets are valid while one is being replaced."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook

WINDOW = timedelta(minutes=5)
"""How far a message's time may be off."""


class NotGenuine(ValueError):
    """The message is not signed by who we expect, or not now."""


def sign(secrets: Sequence[str], id: str, at: datetime, body: str) -> dict[str, str]:
    """The headers of a message sent at `at`, with a signature for each secret."""
    # The library takes the clock's hands as they stand, whatever the zone.
    at = at.astimezone(UTC)
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(id, at, body) for secret in secrets),
    }


def check(secrets: Sequence[str], headers: Mapping[str, str], body: str, now: datetime) -> str:
    """The id of a genuine message that was signed within the window; raises NotGenuine."""
    id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not id or not timestamp.isdecimal() or len(timestamp) > 12:
        raise NotGenuine("expected the headers webhook-id, webhook-timestamp and webhook-signature")
    at = datetime.fromtimestamp(int(timestamp), UTC)
    if abs(now - at) > WINDOW:
        raise NotGenuine("webhook-timestamp is more than 5 minutes off")
    given = headers.get("webhook-signature", "").split(" ")
    for secret in secrets:
        expected = Webhook(secret).sign(id, at, body)
        if any(hmac.compare_digest(expected.encode(), each.encode()) for each in given):
            return id
    raise NotGenuine("webhook-signature is not valid")

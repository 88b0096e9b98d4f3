"""Which deadline a case has in each status, what a status meets, and when a deadline is near.

The periods themselves are in service_promise.py; whoever writes the ledger asks here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from faq.service_hours import DeskHours
from faq.service_promise import (
    claim_answer_due,
    claim_decision_due,
    claim_payment_due,
    complaint_answer_due,
    inquiry_due,
    promise_value,
)

MET: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "claim": {
        "answered": ("answer",),
        "offered": ("answer", "decision"),
        "agreed": ("answer", "decision"),
        "paid": ("answer", "decision", "payment"),
        "rejected": ("answer", "decision"),
    },
    "complaint": {"in_progress": ("answer",), "resolved": ("answer",), "closed": ("answer",)},
    "inquiry": {"answered": ("answer",), "closed": ("answer",)},
    "delivery_change": {"done": ("answer",), "cancelled": ("answer",)},
}
"""Kind → status → the deadlines that are met by it."""


def due_in(
    kind: str, status: str, at: datetime, product: str = "domestic", desk: DeskHours | None = None
) -> dict[str, datetime]:
    """The deadlines that start when a case enters a status; an inquiry's runs in the desk's hours."""
    match kind, status:
        case "claim", "submitted":
            return {"answer": claim_answer_due(at)}
        case "claim", "answered":
            return {"decision": claim_decision_due(at, product)}
        case "claim", "agreed":
            return {"payment": claim_payment_due(at)}
        case (("complaint" | "delivery_change"), "open"):
            return {"answer": complaint_answer_due(at)}
        case "inquiry", "open" if desk is not None:
            return {"answer": inquiry_due(at, desk)}
    return {}


def met_in(kind: str, status: str) -> tuple[str, ...]:
    """The deadlines that a case has met when it enters a status."""
    return MET.get(kind, {}).get(status, ())


def near_before(name: str, kind: str, day: date) -> timedelta:
    """How long before a deadline whoever must meet it is reminded."""
    key = "near_inquiry" if kind == "inquiry" else f"near_{name}"
    return timedelta(minutes=promise_value(key if key in NEAR else "near_answer", day))


NEAR = frozenset({"near_inquiry", "near_answer", "near_decision", "near_payment"})

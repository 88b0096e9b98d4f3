"""The values that written entries may use in `{{ }}`: figures of the settings and the rules, never typed."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from faq.claim_policy import policy_value
from faq.insurance import insurance_terms
from faq.service_promise import promise_value
from faq.services import Packing, Special

if TYPE_CHECKING:
    from faq.knowledge import Knowledge

NEWEST = date.max


def entry_values(knowledge: Knowledge) -> dict[str, Any]:
    """Name → value, as shown to a customer."""
    pickup, desk, services, areas = knowledge.pickup, knowledge.desk, knowledge.services, knowledge.areas
    insurance = insurance_terms()
    return {
        "company": knowledge.company,
        "hotline": knowledge.hotline,
        "pickup_start": _clock(pickup.start),
        "pickup_end": _clock(pickup.end),
        "lead_minutes": pickup.lead_minutes,
        "max_days_ahead": pickup.max_days_ahead,
        "desk_start": _clock(desk.start),
        "desk_end": _clock(desk.end),
        "desk_hours": "、".join(f"{_clock(start)}-{_clock(end)}" for start, end in desk.shifts),
        "round_up_to_kg": _plain(knowledge.billing.round_up_to_kg),
        "volume_divisor": _plain(knowledge.billing.volume_divisor),
        "redelivery_free": services.redelivery_free,
        "redelivery_fee": f"{services.redelivery_fee:.2f}",
        "packing": [_priced(packing) for packing in services.packing],
        "special_offered": [_priced(service) for service in services.special if service.offered],
        "special_refused": [service for service in services.special if not service.offered],
        "insurance_rate_percent": _plain(insurance.rate * 100),
        "insurance_minimum": f"{insurance.minimum:.2f}",
        "insurance_max": _plain(insurance.max_value),
        "fee_multiple": _plain(policy_value("fee_multiple", NEWEST)),
        "cap_per_kg": _plain(policy_value("cap_per_kg", NEWEST)),
        "claim_answer_hours": promise_value("claim_answer", NEWEST),
        "claim_decision_days": promise_value("claim_decision_domestic", NEWEST),
        "claim_decision_days_international": promise_value("claim_decision_international", NEWEST),
        "claim_payment_days": promise_value("claim_payment", NEWEST),
        "claim_years": promise_value("claim_window", NEWEST),
        "complaint_answer_hours": promise_value("complaint_answer", NEWEST),
        "inquiry_minutes": promise_value("inquiry_answer", NEWEST),
        "query_years": promise_value("query_window", NEWEST),
        "branches": knowledge.branches.all,
        "pickup_provinces": areas.pickup_provinces,
        "uncovered": areas.uncovered,
    }


def _priced(service: Special | Packing) -> dict[str, str]:
    return {"name": service.name, "fee": f"{service.fee:.2f}", "per": service.per}


def _clock(value: time) -> str:
    return f"{value:%H:%M}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"

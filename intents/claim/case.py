"""A claim as it enters the ledger."""

from __future__ import annotations

from faq.claim_policy import ClaimVerdict
from faq.service_promise import claim_answer_due
from faq.shipment import Shipment
from intents.meaning import Form, OpenCase, Turn


def _claimant(shipment: Shipment, turn: Turn) -> str:
    """The name on the waybill of whoever has proved to be a party."""
    parties = (shipment.sender, shipment.receiver)
    return next((each.name for each in parties if each.phone == turn.conversation.verified_phone), "")


def claim_case(form: Form, turn: Turn, verdict: ClaimVerdict, status: str) -> OpenCase:
    """The claim with all that was said and worked out; once submitted the 24 hours of A.5.2 run."""
    shipment = turn.facts.shipments[form.slots["waybills"][0]]
    pays = verdict.decision == "pay"
    return OpenCase(
        kind="claim",
        status=status,
        form={name: value for name, value in form.slots.items() if name != "others"},
        outcome={
            "eligible": verdict.decision in ("pay", "manual"),
            "factor": verdict.factor,
            "extent": verdict.extent or None,
            "by": verdict.by or None,
            "ratio": str(verdict.ratio) if verdict.ratio is not None else None,
            "fee_refund": f"{verdict.fee_refund:.2f}" if pays else None,
            "compensation": f"{verdict.compensation:.2f}" if pays else None,
            "total": f"{verdict.total:.2f}" if pays else None,
            "rules": list(verdict.rules),
            "explanation": [{"rule": rule, "text": text} for rule, text in verdict.explanation],
            "reason": verdict.reason or None,
            "beneficiary": form.slots.get("beneficiary") or "sender",
            "missing": list(verdict.missing),
            "review": list(verdict.review),
            "product": shipment.product,
        },
        waybill=shipment.waybill,
        customer={
            "name": form.slots.get("name") or _claimant(shipment, turn),
            "phone": form.slots.get("phone") or "",
            "returning": False,
        },
        deadlines={"answer": claim_answer_due(turn.now)} if status == "submitted" else {},
        form_id=form.id,
    )

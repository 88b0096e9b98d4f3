"""The shapes of answers and parameters, as JSON Schema, for the description of the API."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TIME: Schema = {"type": "string", "format": "date-time"}
NUMBER: Schema = {"type": "integer", "minimum": 0, "maximum": 2**53}
OBJECT: Schema = {"type": "object"}
CURSOR: Schema = {"type": ["string", "null"]}


def nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def listed(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def record(**fields: Schema) -> Schema:
    """An object with at least these fields."""
    return {"type": "object", "required": list(fields), "properties": fields}


def choice(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


PROBLEM = {
    **record(type=TEXT, title=TEXT, status={"type": "integer"}, detail=TEXT),
    "description": "RFC 9457",
}
PROBLEM["properties"]["errors"] = {"type": "object", "additionalProperties": TEXT}
SHIPMENT = record(waybill=TEXT)
DEADLINE = record(name=TEXT, due=TIME, met_at=nullable(TIME), breached={"type": "boolean"})
CASE = record(
    number=TEXT,
    kind=choice("pickup", "inquiry", "complaint", "claim", "delivery_change"),
    status=TEXT,
    conversation=TEXT,
    customer=OBJECT,
    waybill=TEXT,
    priority=choice("normal", "high", "urgent"),
    form=OBJECT,
    outcome=OBJECT,
    deadlines=listed(DEADLINE),
    owner=TEXT,
    contacts=NUMBER,
    history=listed(record(at=TIME, by=TEXT, what=TEXT)),
)
CASES = record(cases=listed(CASE), cursor=CURSOR)
CUSTOMER = record(phone=TEXT, name=TEXT)
MESSAGE = record(**{"id": NUMBER, "from": TEXT, "name": TEXT, "text": TEXT, "at": TIME})
CONVERSATION = record(
    conversation=TEXT,
    handled_by=choice("bot", "queue", "agent"),
    form=nullable(record(intent=TEXT, slots=OBJECT, missing=listed(TEXT))),
    messages=listed(MESSAGE),
)
HANDOFF = record(
    id=TEXT,
    conversation=TEXT,
    reason=TEXT,
    priority=choice("urgent", "high", "normal"),
    status=choice("waiting", "scheduled", "assigned", "resolved", "returned"),
    position=nullable({"type": "integer", "minimum": 1}),
    agent=nullable(record(id=TEXT, name=TEXT)),
    waiting_since=TIME,
    callback_phone=TEXT,
    summary=TEXT,
    form=nullable(OBJECT),
    cases=listed(TEXT),
)
HANDOFFS = record(handoffs=listed(HANDOFF), cursor=CURSOR)
NOTICES = record(
    notices=listed(record(id=NUMBER, to=TEXT, event=TEXT, case=TEXT, waybill=TEXT, at=TIME)),
    cursor=nullable(NUMBER),
)
DEMANDS = record(
    demands=listed(record(id=NUMBER, name=TEXT, detail=TEXT, at=TIME)),
    counts={"type": "object", "additionalProperties": NUMBER},
    cursor=nullable(NUMBER),
)
EVENT = record(
    id=NUMBER,
    type=TEXT,
    timestamp=TIME,
    data={**record(conversation=TEXT, seq={"type": "integer", "minimum": 1})},
)
EVENTS = record(events=listed(EVENT))
INTENT = record(id=NUMBER, intent=TEXT)

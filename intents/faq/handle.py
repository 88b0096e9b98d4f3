"""A general question: the topic's own function where it can answer, else the nearest written entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from faq.answer import Scored
from faq.answer_values import entry_values
from faq.divisions import complete
from faq.insurance import premium
from faq.place import Place
from faq.price import Rate, quote
from intents.meaning import Decision, RecordDemand, Reply, Turn
from intents.wording import wording

say = wording("faq")

CERTAIN, AHEAD = 50.0, 15.0
"""An entry is the answer from this score, where it is so far ahead of the next (benchmarks/faq.py)."""
POSSIBLE = 20.0
"""From this score an entry may be what was meant, and is offered."""
EXACT = 100.0
WRITTEN = frozenset({"claim_policy"})
"""Topics that only entries answer, and whose questions sound like those of others (多久能赔下来)."""
NEAREST = 3
MAX_CANDIDATES = 4


def handle(turn: Turn) -> Decision:
    """Answer, ask back with the three nearest, or say that it was not understood."""
    knowledge, found = turn.knowledge, _nearest(turn)
    if found and found[0].score >= EXACT:
        return _said(turn, knowledge.entries.render(found[0].entry, entry_values(knowledge)))
    topic = TOPICS.get(turn.meaning.slots.get("faq_topic", "other"))
    reply = topic(turn) if topic else None
    # 寄到阿里地区行吗 names no goods, so the place is what is asked about.
    if reply is None and topic is _goods and not turn.meaning.slots.get("goods"):
        reply = _area(turn)
    if reply is not None:
        return Decision((reply,), turn.conversation.forms)
    if is_certain(found):
        return _said(turn, knowledge.entries.render(found[0].entry, entry_values(knowledge)))
    asked = _asked_back(turn) or _area(turn)
    if asked is not None:
        return Decision((asked,), turn.conversation.forms)
    if found and found[0].score >= POSSIBLE:
        choices = tuple(each.question for each in found)
        return Decision((Reply(say("nearest"), (*choices, say("person"))),), turn.conversation.forms)
    choices = tuple(map(say, ("book", "track", "person")))
    return Decision(
        (Reply(say("not_understood"), choices),),
        turn.conversation.forms,
        misunderstood=turn.conversation.misunderstood + 1,
    )


def _nearest(turn: Turn) -> list[Scored]:
    """The nearest entries; where the question has a topic, those of the topic if one is near."""
    entries, text = turn.knowledge.entries, turn.meaning.text
    topic = turn.meaning.slots.get("faq_topic", "other")
    found = entries.search(text, NEAREST)
    own = entries.search(text, NEAREST, topic) if topic in WRITTEN else []
    return own if own and own[0].score >= POSSIBLE and found[0].score < EXACT else found


def is_certain(found: Sequence[Scored]) -> bool:
    """Whether the first of what was found is the answer, and not one of several that it might be."""
    if not found:
        return False
    behind = found[1].score if len(found) > 1 else 0.0
    return found[0].score >= CERTAIN and found[0].score - behind >= AHEAD


def _said(turn: Turn, text: str) -> Decision:
    return Decision((Reply(text),), turn.conversation.forms, _demands(turn))


def _demands(turn: Turn) -> tuple[RecordDemand, ...]:
    """Special handling asked for that is not offered is kept as a demand (rules: booking, area)."""
    return tuple(
        RecordDemand(service.name, turn.meaning.text)
        for service in turn.knowledge.services.special
        if not service.offered and service.name in turn.meaning.text
    )


def _goods(turn: Turn) -> Reply | None:
    """白酒能寄吗: the verdict of the same check as in a booking."""
    named = turn.meaning.slots.get("goods")
    names = [named] if named else turn.knowledge.goods.find(turn.meaning.text)
    if not names:
        return None
    lines = []
    for name in names:
        verdict = turn.knowledge.goods.check(name)
        lines.append(
            say(
                verdict.verdict,
                goods=name,
                category=verdict.category,
                conditions="；".join(verdict.conditions),
                reference=verdict.reference,
                question=verdict.question,
                suggest=verdict.suggest,
            )
        )
    return Reply("\n".join(lines))


def _asked_back(turn: Turn) -> Reply | None:
    """What a topic lacks is asked for shortly."""
    match turn.meaning.slots.get("faq_topic"):
        case "prohibited_goods":
            return Reply(say("which_goods"))
        case "price" | "transit_time":
            key = "ask_origin" if _place(turn, "destination", "place") else "ask_route"
            return Reply(say(key))
    return None


def _open_slots(turn: Turn) -> Mapping[str, Any]:
    return turn.conversation.forms[-1].slots if turn.conversation.forms else {}


def _place(turn: Turn, *names: str) -> Place | None:
    """A place of the question; else of the open form, which is what is being talked about."""
    for slots in (turn.meaning.slots, _open_slots(turn)):
        for name in names:
            if slots.get(name):
                return Place.from_slot(slots[name])
    return None


def _area(turn: Turn) -> Reply | None:
    """Whether a place is served, and by which branch."""
    role = next((name for name in ("destination", "origin", "place") if turn.meaning.slots.get(name)), "")
    if not role:
        return None
    place = Place.from_slot(turn.meaning.slots[role])
    readings = complete(place)
    if len(readings) > 1 and (place.district or place.city):
        key = "is_collected" if role == "origin" else "is_delivered"
        choices = tuple(say(key, area=reading.area) for reading in readings[:MAX_CANDIDATES])
        return Reply(say("which_place", said=place.area), choices)
    coverage = turn.knowledge.areas.check(place)
    wanted = coverage.pickup if role == "origin" else coverage.deliver
    if wanted:
        both = coverage.pickup and coverage.deliver
        what = say("both") if both else say("pickup" if role == "origin" else "deliver")
        branch = turn.knowledge.branches.serving(place)
        return Reply(say("covered", area=place.area, what=what, branch=branch))
    parts = turn.knowledge.areas.parts_of(place, "pickup" if role == "origin" else "deliver")
    if parts:
        what = say("pickup" if role == "origin" else "deliver")
        return Reply(say("partly", area=place.area, what=what, parts=parts[:MAX_CANDIDATES]))
    rate = _rate(turn, place)
    if role != "origin" and coverage.ems and rate is not None:
        return Reply(
            say(
                "not_covered_ems",
                area=place.area,
                first_kg=rate.first_kg,
                first=rate.first,
                add=rate.add_per_kg,
                days=rate.days,
            )
        )
    return Reply(say("not_covered", area=place.area, what=say("pickup" if role == "origin" else "deliver")))


def _rate(turn: Turn, destination: Place, carrier: str = "EMS") -> Rate | None:
    origin = _origin(turn)
    return turn.knowledge.rates.find(origin, destination, carrier) if origin else None


def _carrier(turn: Turn, destination: Place) -> str:
    """Who delivers there; a province of which we serve a part is asked about as ours."""
    areas = turn.knowledge.areas
    ours = areas.check(destination).deliver or areas.parts_of(destination, "deliver")
    return "own" if ours else "EMS"


def _origin(turn: Turn) -> Place | None:
    """Where it goes from: said, in the open form, or the only place that the rates start from."""
    said = _place(turn, "origin")
    if said is not None:
        return said
    origins = turn.knowledge.rates.origins
    return origins[0] if len(origins) == 1 else None


def _price(turn: Turn) -> Reply | None:
    """The rate of a route, and the sum where the weight is known."""
    origin, destination = _origin(turn), _place(turn, "destination", "place")
    if origin is None or destination is None:
        return None
    knowledge, slots = turn.knowledge, turn.meaning.slots
    carrier = _carrier(turn, destination)
    rate = knowledge.rates.find(origin, destination, carrier)
    if rate is None:
        return Reply(say("no_rate", origin=origin.area, to=destination.area))
    if not {"destination", "place", "origin"} & set(slots):
        slots = {**_open_slots(turn), **slots}
    weight, size = slots.get("weight_kg"), slots.get("size_cm")
    price = (
        quote(
            knowledge.rates,
            knowledge.billing,
            origin,
            destination,
            Decimal(str(weight or 0)),
            carrier=carrier,
            size_cm=[Decimal(str(side)) for side in size] if size else None,
            pieces=int(slots.get("pieces") or 1),
        )
        if weight or size
        else None
    )
    return Reply(
        say(
            "price",
            carrier=carrier,
            origin=origin.area,
            to=destination.area,
            first_kg=rate.first_kg,
            first=rate.first,
            add=rate.add_per_kg,
            days=rate.days,
            total=price.total if price else None,
            chargeable=price.chargeable_kg if price else None,
        )
    )


def _transit(turn: Turn) -> Reply | None:
    origin, destination = _origin(turn), _place(turn, "destination", "place")
    if origin is None or destination is None:
        return None
    carrier = _carrier(turn, destination)
    rate = turn.knowledge.rates.find(origin, destination, carrier)
    if rate is None:
        return Reply(say("no_rate", origin=origin.area, to=destination.area))
    return Reply(say("transit", origin=origin.area, to=destination.area, days=rate.days, carrier=carrier))


def _insurance(turn: Turn) -> Reply | None:
    value = turn.meaning.slots.get("insured_value")
    if not value:
        return None
    cost = premium(Decimal(str(value)))
    return Reply(say("premium", value=value, fee=cost.fee, manual=cost.manual))


def _hours(turn: Turn) -> Reply | None:
    place = _place(turn, "place", "destination", "origin") if not turn.conversation.forms else None
    branch = turn.knowledge.branches.serving(place) if place else None
    if branch:
        return Reply(say("branch_hours", branch=branch))
    values = entry_values(turn.knowledge)
    shown = {name: values[name] for name in ("pickup_start", "pickup_end", "desk_hours")}
    return Reply(say("hours", **shown))


TOPICS: dict[str, Callable[[Turn], Reply | None]] = {
    "prohibited_goods": _goods,
    "service_area": _area,
    "price": _price,
    "transit_time": _transit,
    "insurance": _insurance,
    "service_hours": _hours,
}

"""When the courier comes: the wished time where it is possible, else the nearest, with the reason."""

from __future__ import annotations

from datetime import datetime

from faq.service_hours import PickupCheck, Window, check_pickup, next_pickup
from intents.form import Ask
from intents.meaning import Form, Reply, Turn
from intents.pickup_booking.words import say


def ask_pickup_time(turn: Turn) -> Ask:
    hours = turn.knowledge.pickup
    text = say(
        "ask_pickup_time",
        start=f"{hours.start:%H:%M}",
        end=f"{hours.end:%H:%M}",
        nearest=slot_of(next_pickup(turn.now, hours)),
    )
    return Ask(("pickup_time",), (Reply(text),))


def possible_window(form: Form, turn: Turn) -> Window | None:
    """The wished window where it is possible, else the nearest that is; None where none was wished."""
    check = _check(form, turn)
    return check.window if check else None


def moved_time(form: Form, turn: Turn) -> tuple[Reply, ...]:
    """Why the courier cannot come at the wished time, and when he can."""
    check, hours = _check(form, turn), turn.knowledge.pickup
    if check is None or check.ok:
        return ()
    text = say(
        "moved_time",
        reason=check.reason,
        lead=hours.lead_minutes,
        ahead=hours.max_days_ahead,
        start=f"{hours.start:%H:%M}",
        end=f"{hours.end:%H:%M}",
        slot=slot_of(check.window),
    )
    return (Reply(text),)


def slot_of(window: Window) -> dict[str, str]:
    return {"start": window.start.isoformat(), "end": window.end.isoformat()}


def _check(form: Form, turn: Turn) -> PickupCheck | None:
    wished = form.slots.get("pickup_time")
    if not wished:
        return None
    window = Window(datetime.fromisoformat(wished["start"]), datetime.fromisoformat(wished["end"]))
    return check_pickup(window, turn.now, turn.knowledge.pickup)

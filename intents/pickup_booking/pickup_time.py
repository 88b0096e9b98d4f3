"""When the courier comes: the wished time where it is possible, else the nearest, with the reason."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from faq.service_hours import PickupCheck, Window, check_pickup, next_pickup
from intents.form import QUESTION, Ask, on_same_day
from intents.meaning import Form, Reply, Turn
from intents.pickup_booking.words import say
from intents.slots import time_in_order

GRACE = timedelta(minutes=15)
"""A time that was read back holds so long, though the courier's notice has begun to run short."""


WAITED = timedelta(hours=1)
"""So long 现在 still means as soon as possible, while the rest of the order was asked for."""
ANY_TIME = re.compile(r"就?这个?(?:时间|时候|点)|最近的|就最近|最[快早]|[越尽]快|随时|都行|都可以|随便")
"""The time that was offered with the question will do."""
CORRECTION = re.compile(r"^(?:不对|不是|错了|说错|写错)|改[成到为在]")
OVERTAKES = timedelta(minutes=1)
"""So long after a correction of something not said yet, what it corrects may still arrive."""


def ask_pickup_time(turn: Turn) -> Ask:
    hours = turn.knowledge.pickup
    nearest = slot_of(next_pickup(turn.now, hours))
    text = say(
        "ask_pickup_time",
        start=f"{hours.start:%H:%M}",
        end=f"{hours.end:%H:%M}",
        nearest=nearest,
    )
    return Ask(("pickup_time",), (Reply(text, (say("nearest_time", slot=nearest),)),))


def take_time(form: Form, turn: Turn) -> Form:
    """A time in an order is the pickup's, also where nothing near it says so: 张三 13800138000 明天上午."""
    text = turn.meaning.text
    if "pickup_time" in turn.meaning.slots or QUESTION.search(text):
        return form
    wished = time_in_order(text, turn.now)
    if (
        not wished
        and "pickup_time" in form.asked
        and (turn.meaning.intent == "affirm" or ANY_TIME.search(text))
    ):
        wished = slot_of(next_pickup(turn.now, turn.knowledge.pickup))
    if not wished:
        return form
    wished = on_same_day(form.slots.get("pickup_time"), wished, text)
    return replace(form, slots={**form.slots, "pickup_time": wished})


def keep_correction(form: Form, turn: Turn) -> Form:
    """不对，改成后天 that overtook 明天来取 still counts when that arrives, for what was sent last holds."""
    forms, time = turn.conversation.forms, form.slots.get("pickup_time")
    before = forms[-1].slots if forms and forms[-1].id == form.id else {}
    if time == before.get("pickup_time"):
        return form
    corrects = CORRECTION.search(turn.meaning.text)
    slots = {name: value for name, value in form.slots.items() if name != "corrected_at"}
    if corrects and not before.get("pickup_time"):
        slots["corrected_at"] = turn.now.isoformat()
    corrected_at = before.get("corrected_at")
    if corrected_at and not corrects and turn.now - datetime.fromisoformat(corrected_at) <= OVERTAKES:
        slots["pickup_time"] = before["pickup_time"]
    return replace(form, slots=slots)


def told_window(form: Form, turn: Turn) -> Window | None:
    """The window that was read back, or as much of it as is left; None where it is no longer possible."""
    told, check = form.slots.get("window"), _check(form, turn)
    if not told or check is None:
        return None
    window = _window(told)
    notice = timedelta(minutes=turn.knowledge.pickup.lead_minutes)
    if window.start >= turn.now + notice - GRACE:
        return window
    return check.window if check.ok else None


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
    window, now = _window(wished), turn.now
    if now - WAITED <= window.end < now:
        window = Window(now, now)
    return check_pickup(window, now, turn.knowledge.pickup)


def _window(slot: dict[str, str]) -> Window:
    return Window(datetime.fromisoformat(slot["start"]), datetime.fromisoformat(slot["end"]))

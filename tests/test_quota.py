"""The ledger of what a platform lets us send: never more than it allows, and read the same by every replica."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot import quota
from bot.app import App
from bot.quota import Grant, Grants, best, changed, granted
from tests.conftest import START, Clock

HOUR = timedelta(hours=1)
CHAT = "wechat:o1"
MESSAGE, TAP = (5, 48 * HOUR), (3, timedelta(minutes=1))
STEPS = st.lists(
    st.one_of(st.just("message"), st.just("tap"), st.just("send"), st.integers(min_value=1, max_value=4000)),
    max_size=40,
)
"""What customers and we do; a number is minutes that pass."""


@given(STEPS)
def test_each_word_is_allowed_by_a_grant_that_is_not_used_up(steps: list[str | int]) -> None:
    now = START
    grants: Grants = ()
    windows: list[list[Any]] = []
    for step in steps:
        left = best(grants, now)
        if isinstance(step, int):
            now += timedelta(minutes=step)
        elif step != "send":
            count, length = MESSAGE if step == "message" else TAP
            grants = granted(grants, now, Grant(count, now + length))
            windows.append([count, now + length])
        elif left is not None and left.left > 0:
            assert any(count > 0 and now < until for count, until in windows)
            grants = changed(grants, -1)
            windows = [[count - 1, until] for count, until in windows]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 100)), max_size=8))
def test_a_new_grant_is_there_and_makes_nothing_worse(given_before: list[tuple[int, int]]) -> None:
    grants: Grants = ()
    for left, hours in given_before:
        before = best(grants, START)
        grants = granted(grants, START, Grant(left, START + hours * HOUR))
        after = best(grants, START)
        assert (before.left if before else 0) <= (after.left if after else 0) or hours == 0
        assert len(grants) <= 6


async def test_what_is_left_is_counted_in_the_database(either_app: App, clock: Clock) -> None:
    store, now = either_app.store, clock()
    await store.write(lambda c: quota.grant(c, now, CHAT, Grant(5, now + 48 * HOUR), "m1"))
    await store.write(lambda c: quota.spend(c, CHAT, 2))
    await store.write(lambda c: quota.grant(c, now, CHAT, Grant(5, now + 48 * HOUR), "m1"))
    assert await store.read(lambda c: quota.left(c, now, CHAT)) == Grant(3, now + 48 * HOUR)
    assert await store.read(lambda c: quota.left(c, now + 49 * HOUR, CHAT)) is None
    assert await store.read(lambda c: quota.left(c, now, "web:none")) is None
    await store.write(lambda c: quota.exhaust(c, CHAT))
    assert await store.read(lambda c: quota.left(c, now, CHAT)) is None


def test_a_tap_after_the_last_word_allows_three_for_a_minute() -> None:
    grants = granted((), START, Grant(5, START + 48 * HOUR))
    grants = changed(grants, -5)
    grants = granted(grants, START, Grant(3, START + timedelta(minutes=1)))
    assert best(grants, START) == Grant(3, START + timedelta(minutes=1))
    assert best(grants, START + HOUR) == Grant(0, START + 48 * HOUR)

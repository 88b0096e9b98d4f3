"""Events reach the company's own desk: signed, each once, in order, whatever breaks on the way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete

from bot.store import Store, open_store, tables
from handoff import outbox
from handoff.mirror import lanes, overview, sender
from handoff.mirror.guard import is_public
from handoff.mirror.lanes import Sent
from handoff.mirror.schedule import LONGEST, RETRIES, probe_in, read_retry_after, retry_in
from handoff.mirror.sender import Sender
from handoff.mirror.webhook import Webhook, open_session
from handoff.tables import events
from tests.conftest import Clock
from tests.mirror_peer import OLD_SECRET, SECRET, Peer, moody, peer

LOCAL = [ip_network("127.0.0.0/8")]
WORD = {"from": "customer", "name": "", "text": "我的快递呢", "attachments": []}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = open_store("sqlite:///desk.db", tmp_path)
    await opened.write(tables.metadata.create_all)
    yield opened
    await opened.close()


@pytest.fixture
async def postgres(postgres_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    opened = open_store(postgres_url, tmp_path)
    await opened.write(tables.metadata.create_all)
    yield opened
    await opened.close()


@asynccontextmanager
async def mirrored(
    store: Store, clock: Clock, to: Peer, *, runs: bool = False, **settings: Any
) -> AsyncIterator[Sender]:
    """A sender that runs by itself, or turn by turn as the test goes on."""
    async with open_session(LOCAL) as session:
        values: dict[str, Any] = {"name": "crm", "secrets": [SECRET], "events": ()} | settings
        each = Sender(store, Webhook(url=to.url, session=session, **values), clock)
        await each.register()
        running = asyncio.create_task(each.run()) if runs else None
        yield each
        each.stop()
        await (running or each.run())


async def happen(store: Store, clock: Clock, *conversations: str, type: str = "message.created") -> None:
    def write(connection: Connection) -> None:
        for conversation in conversations:
            outbox.add(connection, clock(), conversation, type, WORD)

    await store.write(write)


async def until(fulfilled: Callable[[], bool], each: Sender | None = None) -> None:
    async with asyncio.timeout(20):
        while not fulfilled():
            if each:
                await each.turn()
            await asyncio.sleep(0.01)


async def waits(clock: Clock, each: Sender, **by: float) -> None:
    """Time passes, and whatever is then due has been tried."""
    clock.forward(**by)
    while await each.turn() or each._sending or each._sent:
        if each._sending:
            await asyncio.wait(each._sending.values())


async def state(store: Store) -> overview.Overview:
    [found] = await store.read(overview.overview)
    return found


async def test_an_event_arrives_signed_with_its_conversation_and_number(store: Store, clock: Clock) -> None:
    async with peer() as crm, mirrored(store, clock, crm, runs=True) as each:
        await happen(store, clock, "web:a", "web:a")
        each.wake()
        await until(lambda: len(crm.taken) == 2)
    [first, second] = crm.taken.values()
    assert first["type"] == "message.created"
    assert first["timestamp"] == clock().astimezone(UTC).isoformat()
    assert first["data"] == {**WORD, "conversation": "web:a", "seq": 1}
    assert second["data"]["seq"] == 2
    assert crm.headers[0]["webhook-timestamp"] == str(int(clock().timestamp()))
    assert crm.forged == 0


@pytest.mark.parametrize("known", [SECRET, OLD_SECRET])
async def test_while_a_secret_is_replaced_both_are_valid(store: Store, clock: Clock, known: str) -> None:
    async with peer(secret=known) as crm, mirrored(store, clock, crm, secrets=[SECRET, OLD_SECRET]) as each:
        await happen(store, clock, "web:a")
        await until(lambda: len(crm.taken) == 1, each)
    assert crm.forged == 0


async def test_an_endpoint_gets_what_it_subscribed_to(store: Store, clock: Clock) -> None:
    async with peer() as crm, mirrored(store, clock, crm, events=["handoff.*", "case.opened"]) as each:
        for type in ("handoff.requested", "message.created", "case.opened", "case.updated"):
            await happen(store, clock, "web:a", type=type)
        await until(lambda: len(crm.taken) == 2, each)
        await waits(clock, each)
        assert (await state(store)).waiting == 0
    assert [event["type"] for event in crm.taken.values()] == ["handoff.requested", "case.opened"]


async def test_a_new_endpoint_gets_what_happens_from_then_on(store: Store, clock: Clock) -> None:
    await happen(store, clock, "web:a")
    async with peer() as crm, mirrored(store, clock, crm) as each:
        await happen(store, clock, "web:a")
        await until(lambda: len(crm.taken) == 1, each)
    assert crm.seqs("web:a") == [2]


async def test_an_event_is_tried_by_the_schedule_with_one_id_until_it_is_taken(
    store: Store, clock: Clock
) -> None:
    async with peer(answer=lambda _peer, _event: 500) as crm, mirrored(store, clock, crm) as each:
        await happen(store, clock, "web:a")
        await waits(clock, each)
        for number, seconds in enumerate(RETRIES, 2):
            await waits(clock, each, seconds=seconds - 1)
            assert len(crm.calls) == number - 1
            await waits(clock, each, seconds=1 + seconds * 0.11)
            assert len(crm.calls) == number
    assert len({id for id, _ in crm.calls}) == 1
    times = [int(headers["webhook-timestamp"]) for headers in crm.headers]
    assert timedelta(hours=75) < timedelta(seconds=times[-1] - times[0])


async def test_what_was_never_taken_is_a_dead_letter_and_goes_out_on_replay_in_order(
    store: Store, clock: Clock
) -> None:
    broken = True

    def answer(_peer: Peer, event: dict[str, Any]) -> int:
        return 500 if broken and event["data"]["conversation"] == "web:a" else 200

    async with peer(answer=answer) as crm, mirrored(store, clock, crm) as each:
        await happen(store, clock, "web:a", "web:a")
        for seconds in (0, *RETRIES):
            await happen(store, clock, "web:b")
            await waits(clock, each, seconds=seconds * 1.2)
        [letter] = await store.read(lambda connection: overview.dead_letters_of(connection, "crm"))
        assert (letter.conversation, letter.seq, letter.error) == ("web:a", 1, "500")
        assert (await state(store)).state == "up"
        broken = False
        await store.write(lambda connection: overview.start_again(connection, clock(), "crm"))
        await until(lambda: len(crm.seqs("web:a")) == 2, each)
        assert await store.read(lambda connection: overview.dead_letters_of(connection, "crm")) == []
    assert crm.seqs("web:a") == [1, 2]
    assert crm.seqs("web:b") == list(range(1, 11))


async def test_a_conversation_that_fails_holds_up_no_other(store: Store, clock: Clock) -> None:
    def answer(_peer: Peer, event: dict[str, Any]) -> Any:
        return "silent" if event["data"]["conversation"] == "web:slow" else 200

    async with peer(answer=answer) as crm, mirrored(store, clock, crm, timeout=0.5) as each:
        await happen(store, clock, "web:slow", "web:slow", *(f"web:{n}" for n in range(40)))
        await until(lambda: len(crm.taken) == 40, each)
        assert len(crm.calls) == 41
        await waits(clock, each)
    assert (await state(store)).waiting == 2


async def test_a_dead_endpoint_is_probed_by_one_event_and_brought_level_when_it_is_back(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(sender.log, "error", lambda what, **_: told.append(what), raising=False)
    alive = False
    names = [f"web:{n}" for n in range(200)]
    async with peer(answer=lambda _peer, _event: 200 if alive else 503) as crm:
        async with mirrored(store, clock, crm) as each:
            await happen(store, clock, *names)
            await until(lambda: len(crm.calls) >= lanes.DOWN, each)
            await waits(clock, each)
            assert (await state(store)).state == "down"
            before = len(crm.calls)
            assert before <= sender.AT_ONCE
            for _ in range(5):
                await waits(clock, each, minutes=6)
            assert len(crm.calls) == before + 5
            alive = True
            await waits(clock, each, minutes=6)
            await until(lambda: len(crm.taken) == 200, each)
        assert (await state(store)).state == "up"
    assert told == ["mirror down"]


async def test_an_endpoint_that_is_dead_for_days_is_paused_and_loses_nothing(
    store: Store, clock: Clock
) -> None:
    alive = False
    async with (
        peer(answer=lambda _peer, _event: 200 if alive else "reset") as crm,
        mirrored(store, clock, crm) as each,
    ):
        await happen(store, clock, *(f"web:{n}" for n in range(20)))
        await until(lambda: len(crm.calls) >= lanes.DOWN, each)
        await waits(clock, each)
        for _ in range(8):
            await waits(clock, each, hours=10)
        found = await state(store)
        assert (found.state, found.waiting, found.dead) == ("paused", 20, 0)
        alive = True
        await waits(clock, each, hours=10)
        assert crm.taken == {}
        await store.write(lambda connection: overview.start_again(connection, clock(), "crm"))
        await until(lambda: len(crm.taken) == 20, each)


async def test_410_switches_an_endpoint_off(store: Store, clock: Clock) -> None:
    async with peer(answer=lambda _peer, _event: 410) as crm, mirrored(store, clock, crm) as each:
        await happen(store, clock, "web:a")
        await waits(clock, each)
        await waits(clock, each, hours=100)
        await happen(store, clock, "web:b")
        await waits(clock, each)
        assert len(crm.calls) == 1
        assert (await state(store)).state == "gone"


async def test_retry_after_is_honoured_for_the_whole_endpoint(store: Store, clock: Clock) -> None:
    busy = web.Response(status=429, headers={"Retry-After": "120"})
    async with (
        peer(answer=lambda peer, _event: busy if len(peer.calls) == 1 else 200) as crm,
        mirrored(store, clock, crm) as each,
    ):
        await happen(store, clock, "web:a")
        await waits(clock, each)
        await waits(clock, each, seconds=100)
        await happen(store, clock, "web:b")
        await waits(clock, each, seconds=15)
        assert len(crm.calls) == 1
        await waits(clock, each, seconds=20)
        await until(lambda: len(crm.taken) == 2, each)


@pytest.mark.parametrize(
    ("status", "headers"), [(302, {"Location": "/hook"}), (307, {"Location": "http://127.0.0.1:1/"})]
)
async def test_a_redirect_is_a_failure_and_not_followed(
    store: Store, clock: Clock, status: int, headers: dict[str, str]
) -> None:
    def answer(_peer: Peer, _event: dict[str, Any]) -> web.Response:
        return web.Response(status=status, headers=headers)

    async with peer(answer=answer) as crm, mirrored(store, clock, crm) as each:
        await happen(store, clock, "web:a")
        await waits(clock, each)
        assert (await state(store)).error.startswith(str(status))
        assert len(crm.calls) == 1


async def test_of_a_long_answer_only_the_beginning_is_read(store: Store, clock: Clock) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65536
            yield b"x" * 65536

    def answer(_peer: Peer, _event: dict[str, Any]) -> web.Response:
        return web.Response(status=500, body=endless())

    async with peer(answer=answer) as crm, mirrored(store, clock, crm) as each:
        await happen(store, clock, "web:a")
        await until(lambda: len(crm.calls) == 1 and not each._sending, each)
        await waits(clock, each)
        assert len((await state(store)).error) < 300
    assert sent < 20_000_000  # What the sockets' buffers hold; it would never end.


async def test_an_endpoint_in_a_private_network_is_refused_unless_allowed(store: Store, clock: Clock) -> None:
    async with peer() as crm:
        for url in (crm.url, crm.url.replace("127.0.0.1", "localhost")):
            async with open_session([ip_network("10.0.0.0/8")]) as session:
                [event] = await self_made(store, clock)
                failure = await Webhook("crm", url, [SECRET], (), session).send(event, clock())
                assert failure is not None
                assert "is a private address; mirror.allow_networks does not name it" in failure.error
        assert crm.calls == []


async def self_made(store: Store, clock: Clock) -> list[Any]:
    """One event as it is claimed for an endpoint."""
    await store.write(lambda connection: lanes.register(connection, "x"))
    await happen(store, clock, "web:a")
    work = await store.write(lambda c: lanes.step(c, clock(), "x", lambda _: True, [], 1))
    held = work.lanes[0]
    sent = Sent(held.conversation, held.events[-1].seq, 0, 1)
    await store.write(lambda c: lanes.step(c, clock(), "x", lambda _: True, [sent], 0))
    return list(held.events[:1])


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_what_is_private(address: str, public: bool) -> None:
    from ipaddress import ip_address

    assert is_public(ip_address(address)) == public


async def test_two_replicas_share_an_endpoint_and_send_nothing_twice(
    postgres_url: str, tmp_path: Path, clock: Clock
) -> None:
    stores = [open_store(postgres_url, tmp_path) for _ in range(2)]
    await stores[0].write(tables.metadata.create_all)
    async with (
        peer() as crm,
        mirrored(stores[0], clock, crm, runs=True),
        mirrored(stores[1], clock, crm, runs=True),
    ):
        await asyncio.gather(
            *(happen(stores[n % 2], clock, *(f"web:{k}" for k in range(n, n + 10))) for n in range(60))
        )
        await until(lambda: len(crm.taken) == 600)
    assert len(crm.calls) == 600
    assert all(crm.seqs(name) == sorted(crm.seqs(name)) for name in crm.conversations())
    for each in stores:
        await each.close()


async def test_after_a_crash_what_was_not_acknowledged_goes_out_again(store: Store, clock: Clock) -> None:
    await store.write(lambda connection: lanes.register(connection, "crm"))
    await happen(store, clock, "web:a", "web:a")
    await store.write(lambda c: lanes.step(c, clock(), "crm", lambda _: True, [], 32))  # … and dies.
    async with peer() as crm, mirrored(store, clock, crm) as each:
        await waits(clock, each, seconds=30)
        assert crm.taken == {}
        clock.forward(seconds=40)
        await until(lambda: crm.seqs("web:a") == [1, 2], each)


async def test_a_dead_letter_is_tried_once_more_a_day_and_holds_up_nothing(
    store: Store, clock: Clock
) -> None:
    well = False

    def answer(_peer: Peer, event: dict[str, Any]) -> int:
        return 200 if well or event["data"]["conversation"] == "web:b" else 500

    async with peer(answer=answer) as crm, mirrored(store, clock, crm) as each:
        await happen(store, clock, "web:a", "web:b")
        for _ in range(len(RETRIES) + 1):
            await waits(clock, each, hours=27)
            await happen(store, clock, "web:b")
        assert (await state(store)).dead == 1
        assert await store.write(lambda c: overview.sweep(c, clock(), "crm")) == 0  # Its week is over.
        await happen(store, clock, "web:a")
        calls = len(crm.calls)
        well = True
        await store.write(lambda c: c.execute(events.update().values(at=clock())).rowcount)
        clock.forward(days=2)
        assert await store.write(lambda c: overview.sweep(c, clock(), "crm")) == 1
        await waits(clock, each)
        assert len(crm.calls) > calls
    assert sorted(crm.seqs("web:a")) == [1, 2]
    assert crm.calls[-1][1]["data"]["seq"] == 2


async def test_what_was_deleted_by_policy_holds_up_nothing(store: Store, clock: Clock) -> None:
    async with peer() as crm, mirrored(store, clock, crm) as each:
        await happen(store, clock, *["web:a"] * 30)
        await store.write(lambda c: c.execute(delete(events).where(events.c.seq <= 25)).rowcount)
        await waits(clock, each)
        assert crm.seqs("web:a") == [26, 27, 28, 29, 30]
        assert (await state(store)).waiting == 0


async def test_what_happened_since_a_moment_is_sent_again_with_the_same_ids(
    store: Store, clock: Clock
) -> None:
    async with peer() as crm, mirrored(store, clock, crm) as each:
        await happen(store, clock, "web:a", "web:b")
        clock.forward(hours=1)
        await happen(store, clock, "web:a")
        await waits(clock, each)
        await waits(clock, each)
        since = clock() - timedelta(minutes=1)
        await store.write(lambda c: overview.replay_since(c, clock(), "crm", since))
        await waits(clock, each)
    assert crm.calls[-1][0] == crm.calls[2][0]


@pytest.mark.parametrize("count", [10_000])
async def test_after_all_that_can_break_both_sides_hold_the_same_each_once_in_order(
    store: Store, clock: Clock, count: int
) -> None:
    await settle_down(store, clock, count, conversations=400)


async def test_on_postgresql_too(postgres: Store, clock: Clock) -> None:
    await settle_down(postgres, clock, 300, conversations=30)


async def settle_down(store: Store, clock: Clock, count: int, conversations: int) -> None:
    """Random failures and an hour's silence over many events; then both sides are compared."""
    dice, mood = random.Random(7), moody(7)
    silent = False

    def answer(each: Peer, event: dict[str, Any]) -> Any:
        return "reset" if silent else mood(each, event)

    async with peer(answer=answer) as crm, mirrored(store, clock, crm, timeout=0.5) as each:
        for part in range(10):
            silent = part in (4, 5)
            names = [f"web:{dice.randrange(conversations)}" for _ in range(count // 10)]
            await happen(store, clock, *names)
            await waits(clock, each, minutes=30)
        async with asyncio.timeout(60):
            while (await state(store)).waiting:
                await waits(clock, each, hours=1)
    ours = await store.read(everything)
    theirs = {name: [e["data"]["seq"] for e in found] for name, found in crm.conversations().items()}
    assert sum(map(len, theirs.values())) == count
    assert theirs == ours


def everything(connection: Connection) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    query = outbox.events.select().order_by(outbox.events.c.id)
    for row in connection.execute(query).mappings():
        found.setdefault(row["conversation"], []).append(row["seq"])
    return found


@given(tries=st.integers(1, 12), asked=st.none() | st.floats(0, 1e9))
def test_a_wait_is_never_shorter_than_the_schedule_or_than_what_was_asked_for(
    tries: int, asked: float | None
) -> None:
    wait = retry_in(tries, asked)
    if tries > len(RETRIES):
        assert wait is None
    else:
        assert wait is not None
        least = max(RETRIES[tries - 1], min(asked or 0.0, LONGEST))
        most = max(least, RETRIES[tries - 1] * 1.1)
        assert timedelta(seconds=least) <= wait <= timedelta(seconds=most)
    assert probe_in(tries, asked) >= timedelta(seconds=min(asked or 0.0, LONGEST))


@given(st.text(max_size=30))
@hypothesis_settings(max_examples=50)
def test_any_retry_after_is_seconds_or_nothing(header: str) -> None:
    found = read_retry_after(header, datetime(2026, 11, 23, tzinfo=UTC))
    assert found is None or found >= 0


def test_retry_after_may_be_a_date() -> None:
    at = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    assert read_retry_after("Mon, 23 Nov 2026 10:02:00 GMT", at) == 120
    assert read_retry_after("soon", at) is None


def test_an_event_keeps_its_id_and_tells_its_version() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    event = lanes.Event(7, "web:a", 3, "message.created", {"text": "好"}, at)
    assert event.webhook_id == replace(event).webhook_id
    assert event.to_json()["version"] == 1

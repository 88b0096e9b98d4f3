"""The human queue with the real conversations: one owner each, on both databases, also with many at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Connection, create_engine, func, select
from sqlalchemy.pool import StaticPool

from bot.ledger import CustomerWords, lock_conversation
from bot.store import Store, open_store, tables
from bot.store.postgres import PostgresStore
from handoff import lookup, outbox
from handoff.lookup import Handoff
from handoff.queue import AlreadyTaken, NotOpen, Queue
from handoff.tables import handoffs, metadata

NOON = datetime.fromisoformat("2026-11-23T12:00:00+08:00")
NIGHT = datetime.fromisoformat("2026-11-23T22:00:00+08:00")
MORNING = datetime.fromisoformat("2026-11-24T09:00:00+08:00")
CUSTOMER = "web:customer-1"
LI, ZHANG = ("A01", "小李"), ("A02", "小张")
OWNERS = {"waiting": "queue", "scheduled": "bot", "assigned": "agent"}


def desk() -> Queue:
    """A desk that is open from nine to eight."""
    return Queue(CustomerWords(), lambda at: 9 <= at.hour < 20)


@pytest.fixture
def queue() -> Queue:
    return desk()


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path}/desk.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA synchronous=OFF")
        metadata.create_all(connection)
        yield connection
    engine.dispose()


@pytest.fixture
def sqlite_url() -> str:
    return "sqlite:///desk.db"


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


@pytest.fixture
async def store(url: str, tmp_path: Path) -> AsyncIterator[Store]:
    opened = open_store(url, tmp_path)
    await opened.write(metadata.create_all)
    yield opened
    await opened.close()


@pytest.fixture
async def postgres(postgres_url: str, tmp_path: Path) -> AsyncIterator[PostgresStore]:
    opened = open_store(postgres_url, tmp_path)
    assert isinstance(opened, PostgresStore)
    await opened.write(metadata.create_all)
    yield opened
    await opened.close()


def ask(
    conn: Connection,
    conversation: str = CUSTOMER,
    reason: str = "requested",
    *,
    now: datetime = NOON,
    minutes: int = 0,
    **more: Any,
) -> Handoff:
    """The customer asks for a person, some minutes after `now`."""
    now += timedelta(minutes=minutes)
    lock_conversation(conn, now, conversation)
    said = {"priority": "normal", "summary": "", "form": None, "cases": []} | more
    return desk().request(conn, now, conversation, reason, **said)


def owner(conn: Connection, conversation: str = CUSTOMER) -> tuple[str, str]:
    row = lock_conversation(conn, NOON, conversation)
    return row["handled_by"], row["agent"]


def told(conn: Connection, conversation: str = CUSTOMER) -> list[str]:
    return [event["type"] for event in outbox.read(conn, conversation, 0)]


def said_to_customers(conn: Connection) -> int:
    """How many words of agents, without those of the system on who speaks."""
    query = select(func.count()).select_from(tables.messages).where(tables.messages.c.sender == "agent")
    return int(conn.execute(query).scalar_one())


def served_before(conn: Connection, queue: Queue, at: datetime) -> None:
    """小李 served the customer at `at`."""
    queue.assign(conn, at, ask(conn, now=at).id, *LI)
    queue.resolve(conn, at, ask(conn, now=at).id)


def test_a_handoff_is_shown_as_the_contract_says(conn: Connection, queue: Queue) -> None:
    form = {"intent": "pickup_booking", "slots": {"goods": "书"}, "missing": ["origin"]}
    asked = ask(conn, summary="寄件", form=form, cases=["CL20261123-00001"], callback_phone="13800138000")
    assert asked.to_json(lookup.position(conn, asked.id)) == {
        "id": "HO20261123-00001",
        "conversation": CUSTOMER,
        "reason": "requested",
        "priority": "normal",
        "status": "waiting",
        "position": 1,
        "agent": None,
        "waiting_since": "2026-11-23T04:00:00+00:00",
        "callback_phone": "13800138000",
        "summary": "寄件",
        "form": form,
        "cases": ["CL20261123-00001"],
    }


def test_the_mirror_is_told_the_place_in_the_queue(conn: Connection) -> None:
    ask(conn, "web:before-me")
    ask(conn)
    assert outbox.read(conn, CUSTOMER, 0)[0]["data"]["handoff"]["position"] == 2


def test_asking_again_keeps_the_place_and_tells_nothing_new(conn: Connection) -> None:
    first = ask(conn)
    again = ask(conn, reason="not_understood", minutes=5)
    assert (again.id, again.reason, again.waiting_since) == (first.id, "requested", NOON)
    assert told(conn) == ["handoff.requested"]


def test_asking_again_with_more_urgency_is_told_with_the_new_reason(conn: Connection) -> None:
    ask(conn)
    again = ask(conn, reason="regulator", minutes=5)
    assert (again.reason, again.priority) == ("regulator", "urgent")
    assert told(conn) == ["handoff.requested", "handoff.requested"]


def test_asking_again_never_lowers(conn: Connection) -> None:
    ask(conn, reason="threat")
    assert ask(conn, reason="requested").priority == "urgent"


def test_asking_again_brings_what_happened_since(conn: Connection) -> None:
    ask(conn)
    again = ask(conn, summary="投诉", cases=["CP20261123-00001"], callback_phone="13800138000")
    expected = ("投诉", ["CP20261123-00001"], "13800138000")
    assert (again.summary, again.cases, again.callback_phone) == expected


def test_a_phone_left_later_is_told_to_the_mirror(conn: Connection) -> None:
    ask(conn, now=NIGHT)
    ask(conn, now=NIGHT, callback_phone="13800138000")
    phones = [event["data"]["handoff"]["callback_phone"] for event in outbox.read(conn, CUSTOMER, 0)]
    assert phones == ["", "13800138000"]


def test_asking_again_after_the_desk_opened_joins_the_queue_at_once(conn: Connection) -> None:
    ask(conn, now=NIGHT)
    assert ask(conn, now=MORNING).status == "waiting"
    assert owner(conn) == ("queue", "")


def test_who_asked_in_the_same_moment_is_served_in_order_of_arrival(conn: Connection, queue: Queue) -> None:
    first, second = ask(conn, "web:first"), ask(conn, "web:second")
    assert [lookup.position(conn, each.id) for each in (first, second)] == [1, 2]


def test_another_agent_takes_the_longest_waiting(conn: Connection, queue: Queue) -> None:
    served_before(conn, queue, NOON - timedelta(days=6))
    ask(conn, "web:stranger")
    ask(conn, minutes=5)
    taken = queue.take_next(conn, NOON + timedelta(minutes=6), *ZHANG)
    assert taken is not None
    assert taken.conversation == "web:stranger"


def test_after_seven_days_a_customer_is_anybodys(conn: Connection, queue: Queue) -> None:
    served_before(conn, queue, NOON - timedelta(days=8))
    ask(conn, "web:stranger")
    ask(conn, minutes=5)
    taken = queue.take_next(conn, NOON + timedelta(minutes=6), *LI)
    assert taken is not None
    assert taken.conversation == "web:stranger"


def test_an_own_customer_does_not_overtake_a_more_urgent_one(conn: Connection, queue: Queue) -> None:
    served_before(conn, queue, NOON - timedelta(days=1))
    ask(conn)
    ask(conn, "web:upset", "upset", minutes=5)
    taken = queue.take_next(conn, NOON + timedelta(minutes=6), *LI)
    assert taken is not None
    assert taken.conversation == "web:upset"


def test_nobody_else_speaks_to_a_customer_whom_an_agent_has(conn: Connection, queue: Queue) -> None:
    asked = ask(conn)
    queue.assign(conn, NOON, asked.id, *LI)
    with pytest.raises(AlreadyTaken, match="小李"):
        queue.post(conn, NOON, asked.id, "您好", *ZHANG)
    assert said_to_customers(conn) == 0


def test_a_word_to_a_customer_who_waits_is_told_after_the_taking(conn: Connection, queue: Queue) -> None:
    queue.post(conn, NOON, ask(conn).id, "您好", *LI)
    assert owner(conn) == ("agent", "A01")
    assert told(conn) == ["handoff.requested", "handoff.assigned", "message.created"]


@pytest.mark.parametrize(("act", "status"), [("resolve", "resolved"), ("give_back", "returned")])
def test_closing_twice_is_told_once(conn: Connection, queue: Queue, act: str, status: str) -> None:
    asked = ask(conn)
    assert getattr(queue, act)(conn, NOON, asked.id).status == status
    assert getattr(queue, act)(conn, NOON, asked.id).status == status
    assert owner(conn) == ("bot", "")
    assert told(conn) == ["handoff.requested", f"handoff.{status}"]


def test_an_old_handoff_cannot_disturb_the_new_one(conn: Connection, queue: Queue) -> None:
    old = ask(conn)
    queue.resolve(conn, NOON, old.id)
    queue.assign(conn, NOON, ask(conn, minutes=5).id, *ZHANG)
    assert queue.resolve(conn, NOON, old.id).status == "resolved"
    with pytest.raises(NotOpen, match="is resolved"):
        queue.assign(conn, NOON, old.id, *LI)
    assert owner(conn) == ("agent", "A02")


def test_an_agent_may_take_a_message_before_the_desk_opens(conn: Connection, queue: Queue) -> None:
    asked = ask(conn, now=NIGHT)
    assert queue.take_next(conn, NIGHT, *LI) is None
    assert queue.assign(conn, NIGHT, asked.id, *LI).status == "assigned"
    assert queue.open_scheduled(conn, MORNING) == []
    assert owner(conn) == ("agent", "A01")


async def test_many_agents_at_once_each_take_another_customer(store: Store, queue: Queue) -> None:
    await asyncio.gather(*(store.write(lambda conn, n=n: ask(conn, f"web:many-{n}")) for n in range(8)))  # type: ignore[misc]
    taken = await asyncio.gather(
        *(store.write(lambda conn, n=n: queue.take_next(conn, NOON, f"A{n}", "")) for n in range(10))  # type: ignore[misc]
    )
    assert sorted(each.conversation for each in taken if each) == [f"web:many-{n}" for n in range(8)]


async def test_of_many_agents_who_want_one_customer_one_gets_him(store: Store, queue: Queue) -> None:
    asked = await store.write(ask)
    taken = await asyncio.gather(
        *(store.write(lambda conn, n=n: queue.assign(conn, NOON, asked.id, f"A{n}", "")) for n in range(8)),  # type: ignore[misc]
        return_exceptions=True,
    )
    winners = [each for each in taken if isinstance(each, Handoff)]
    assert [type(each) for each in taken].count(AlreadyTaken) == 7
    assert await store.read(owner) == ("agent", winners[0].agent_id)
    assert await store.read(told) == ["handoff.requested", "handoff.assigned"]


async def test_many_requests_at_once_of_one_customer_are_one_handoff(store: Store, queue: Queue) -> None:
    def request(conn: Connection) -> str:
        return queue.request(conn, NOON, CUSTOMER, "requested", "normal", "", None, []).id

    await store.write(lambda conn: lock_conversation(conn, NOON, CUSTOMER))
    asked = await asyncio.gather(*(store.write(request) for _ in range(8)))
    assert set(asked) == {asked[0]}
    assert await store.read(told) == ["handoff.requested"]


async def test_sweeps_at_once_open_a_message_once(store: Store, queue: Queue) -> None:
    await store.write(lambda conn: ask(conn, now=NIGHT))
    opened = await asyncio.gather(
        *(store.write(lambda conn: queue.open_scheduled(conn, MORNING)) for _ in range(4))
    )
    assert sum(map(len, opened)) == 1
    assert await store.read(told) == ["handoff.requested", "handoff.requested"]


@pytest.mark.parametrize("way", ["assign", "take_next"])
async def test_a_customer_who_leaves_while_an_agent_takes_him_is_no_deadlock(
    postgres: PostgresStore, queue: Queue, way: str
) -> None:
    asked = await postgres.write(ask)
    ways: dict[str, Any] = {
        "assign": lambda conn: queue.assign(conn, NOON, asked.id, *LI),
        "take_next": lambda conn: queue.take_next(conn, NOON, *LI),
    }
    async with postgres.engine.begin() as turn:
        await turn.run_sync(lambda conn: lock_conversation(conn, NOON, CUSTOMER))
        agent = asyncio.create_task(postgres.write(ways[way]))
        await asyncio.sleep(0.2)
        await turn.run_sync(lambda conn: queue.leave(conn, NOON, CUSTOMER))
    await asyncio.wait([agent])
    assert isinstance(agent.exception(), NotOpen | None)
    assert await postgres.read(owner) == ("bot", "")


async def test_a_word_that_meets_the_end_of_the_handoff_is_not_said(
    postgres: PostgresStore, queue: Queue
) -> None:
    asked = await postgres.write(ask)
    await postgres.write(lambda conn: queue.assign(conn, NOON, asked.id, *LI))
    async with postgres.engine.begin() as system:
        await system.run_sync(lambda conn: queue.resolve(conn, NOON, asked.id))
        agent = asyncio.create_task(
            postgres.write(lambda conn: queue.post(conn, NOON, asked.id, "您好", *LI))
        )
        await asyncio.sleep(0.2)
    with pytest.raises(NotOpen):
        await agent
    assert await postgres.read(said_to_customers) == 0
    assert await postgres.read(owner) == ("bot", "")


CONVERSATIONS = tuple(f"web:machine-{n}" for n in range(3))
CLOSED = ("resolved", "returned")


class Life(RuleBasedStateMachine):
    """Customers and agents do what they like, also with handoffs that are over."""

    asked = Bundle("asked")

    @initialize()
    def start(self) -> None:
        self.engine = create_engine("sqlite://", poolclass=StaticPool)
        self.conn = self.engine.connect()
        metadata.create_all(self.conn)
        self.queue, self.now = desk(), NOON
        self.wanted: dict[str, str] = {}
        for name in CONVERSATIONS:
            lock_conversation(self.conn, self.now, name)

    def teardown(self) -> None:
        self.conn.close()
        self.engine.dispose()

    @rule(hours=st.sampled_from((1, 7)))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(
        target=asked,
        name=st.sampled_from(CONVERSATIONS),
        reason=st.sampled_from(("requested", "upset", "regulator")),
    )
    def request(self, name: str, reason: str) -> str:
        handoff = ask(self.conn, name, reason, now=self.now)
        assert self.wanted.setdefault(name, handoff.id) == handoff.id
        return handoff.id

    @rule(id=asked, agent=st.sampled_from((LI, ZHANG)))
    def assign(self, id: str, agent: tuple[str, str]) -> None:
        before = lookup.get(self.conn, id)
        try:
            taken = self.queue.assign(self.conn, self.now, id, *agent)
        except AlreadyTaken:
            assert before.status == "assigned"
            assert before.agent_id != agent[0]
        except NotOpen:
            assert before.status in CLOSED
        else:
            assert taken.agent_id == agent[0]

    @rule(agent=st.sampled_from((LI, ZHANG)))
    def take_next(self, agent: tuple[str, str]) -> None:
        waiting = sum(lookup.waiting(self.conn).values())
        taken = self.queue.take_next(self.conn, self.now, *agent)
        assert (taken is None) == (waiting == 0)

    @rule(id=asked, agent=st.sampled_from((LI, ZHANG)))
    def post(self, id: str, agent: tuple[str, str]) -> None:
        before = said_to_customers(self.conn)
        try:
            self.queue.post(self.conn, self.now, id, "您好", *agent)
        except (AlreadyTaken, NotOpen):
            assert said_to_customers(self.conn) == before
        else:
            assert said_to_customers(self.conn) == before + 1

    @rule(id=asked, act=st.sampled_from(("resolve", "give_back")))
    def close(self, id: str, act: str) -> None:
        before = lookup.get(self.conn, id)
        try:
            getattr(self.queue, act)(self.conn, self.now, id)
        except NotOpen:
            assert before.status in CLOSED
        self.wanted = {name: each for name, each in self.wanted.items() if each != id}

    @rule(name=st.sampled_from(CONVERSATIONS))
    def leave(self, name: str) -> None:
        if self.queue.leave(self.conn, self.now, name) is not None:
            del self.wanted[name]

    @rule()
    def sweep(self) -> None:
        self.queue.open_scheduled(self.conn, self.now)

    @invariant()
    def nobody_is_lost_and_the_owner_fits_the_handoff(self) -> None:
        for name in CONVERSATIONS:
            handoff = lookup.open_for(self.conn, name)
            assert (handoff and handoff.id) == self.wanted.get(name)
            assert lock_conversation(self.conn, self.now, name)["handoff"] == self.wanted.get(name, "")
            agent = handoff.agent_id if handoff else ""
            assert owner(self.conn, name) == (OWNERS[handoff.status] if handoff else "bot", agent)
            assert bool(agent) == (handoff is not None and handoff.status == "assigned")

    @invariant()
    def places_in_the_queue_are_one_to_the_last(self) -> None:
        waiting = lookup.list_handoffs(self.conn, "waiting")
        places = [lookup.position(self.conn, each.id) for each in waiting]
        assert places == list(range(1, len(waiting) + 1))

    @invariant()
    def events_have_no_gaps_and_the_last_tells_the_status(self) -> None:
        for name in CONVERSATIONS:
            told = outbox.read(self.conn, name, 0, limit=10_000)
            assert [each["data"]["seq"] for each in told] == list(range(1, len(told) + 1))
            changes = [each["data"]["handoff"] for each in told if "handoff" in each["data"]]
            table = handoffs.c
            rows = self.conn.execute(select(table.id, table.status).where(table.conversation == name))
            assert {each["id"]: each["status"] for each in changes} == {row.id: row.status for row in rows}


Life.TestCase.settings = settings(max_examples=40, stateful_step_count=25)
TestLife = Life.TestCase

"""The human queue: nothing is lost, nobody is served twice, the bot and a person never speak at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import StaticPool

from handoff import lookup, outbox
from handoff.lookup import NotFound
from handoff.priority import priority_of
from handoff.queue import AlreadyTaken, NotOpen, Queue
from handoff.summary import summarise
from handoff.tables import metadata
from tests.conftest import START


class Customers:
    """Whose each conversation is, and what was said to it."""

    def __init__(self) -> None:
        self.owner: dict[str, str] = {}
        self.handoff: dict[str, str] = {}
        self.said: list[tuple[str, str]] = []
        self.memory: dict[str, dict[str, Any]] = {}

    def hand_to(
        self, connection: Connection, conversation: str, handled_by: str, agent: str, handoff: str
    ) -> None:
        self.owner[conversation] = handled_by
        self.handoff[conversation] = handoff

    def say(
        self,
        connection: Connection,
        conversation: str,
        text: str,
        sender: str,
        name: str,
        at: datetime,
        choices: Sequence[str] = (),
        attachments: Sequence[Mapping[str, str]] = (),
    ) -> None:
        if sender == "agent":
            self.said.append((conversation, text))

    def remember(self, connection: Connection, conversation: str, memory: Mapping[str, Any]) -> None:
        self.memory.setdefault(conversation, {}).update(memory)


def in_memory() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    return engine


@pytest.fixture
def conn() -> Iterator[Connection]:
    with in_memory().connect() as connection:
        yield connection


@pytest.fixture
def customers() -> Customers:
    return Customers()


@pytest.fixture
def queue(customers: Customers) -> Queue:
    return Queue(customers, lambda at: 9 <= at.hour < 18)


def ask(
    queue: Queue,
    conn: Connection,
    name: str,
    minute: int = 0,
    priority: str = "normal",
    reason: str = "requested",
) -> Any:
    return queue.request(conn, START + timedelta(minutes=minute), name, reason, priority, "…", None, [])


def test_the_longest_waiting_within_the_highest_priority_is_next(conn: Connection, queue: Queue) -> None:
    first, urgent, second = (
        ask(queue, conn, "web:a"),
        ask(queue, conn, "web:b", 1, reason="regulator"),
        ask(queue, conn, "web:c", 2),
    )
    assert [lookup.position(conn, each.id) for each in (urgent, first, second)] == [1, 2, 3]
    taken = [queue.take_next(conn, START, "A01", "小李") for _ in range(4)]
    assert [each and each.conversation for each in taken] == ["web:b", "web:a", "web:c", None]


def test_asking_again_raises_the_request_and_never_doubles_it(conn: Connection, queue: Queue) -> None:
    ask(queue, conn, "web:a")
    again = ask(queue, conn, "web:a", 5, reason="threat")
    assert again.priority == "urgent"
    assert again.waiting_since == START
    assert len(lookup.list_handoffs(conn)) == 1


def test_two_agents_who_take_the_same_chat_one_gets_it(conn: Connection, queue: Queue) -> None:
    handoff = ask(queue, conn, "web:a")
    assert queue.assign(conn, START, handoff.id, "A01", "小李").agent_id == "A01"
    with pytest.raises(AlreadyTaken, match="小李"):
        queue.assign(conn, START, handoff.id, "A02", "小张")
    assert queue.assign(conn, START, handoff.id, "A01", "小李").agent_id == "A01"


def test_an_agent_is_preferred_by_the_customer_he_knows(conn: Connection, queue: Queue) -> None:
    known = ask(queue, conn, "web:known")
    queue.assign(conn, START, known.id, "A01", "小李")
    queue.resolve(conn, START, known.id)
    ask(queue, conn, "web:new", 10)
    ask(queue, conn, "web:known", 20)
    taken = queue.take_next(conn, START + timedelta(minutes=30), "A01", "小李")
    assert taken is not None
    assert taken.conversation == "web:known"


def test_a_word_of_an_agent_reaches_the_customer_and_takes_the_chat(
    conn: Connection, queue: Queue, customers: Customers
) -> None:
    handoff = ask(queue, conn, "web:a")
    queue.post(conn, START, handoff.id, "您好，我是小李", "A01", "小李")
    assert customers.said == [("web:a", "您好，我是小李")]
    assert customers.owner["web:a"] == "agent"


def test_given_back_it_is_the_bots_again(conn: Connection, queue: Queue, customers: Customers) -> None:
    handoff = ask(queue, conn, "web:a")
    queue.assign(conn, START, handoff.id, "A01", "小李")
    assert queue.give_back(conn, START, handoff.id, "已核实").status == "returned"
    assert customers.owner["web:a"] == "bot"
    with pytest.raises(NotOpen):
        queue.post(conn, START, handoff.id, "还在吗", "A01", "小李")


def test_outside_the_hours_a_message_is_left_and_joins_when_the_desk_opens(
    conn: Connection, queue: Queue, customers: Customers
) -> None:
    evening = START.replace(hour=22)
    left = queue.request(conn, evening, "web:a", "requested", "normal", "…", None, [], "13800138000")
    assert (left.status, customers.owner["web:a"]) == ("scheduled", "bot")
    assert queue.open_scheduled(conn, evening) == []
    assert [each.status for each in queue.open_scheduled(conn, evening + timedelta(hours=12))] == ["waiting"]
    assert customers.owner["web:a"] == "queue"


def test_a_customer_may_leave_the_queue_but_not_an_agent_who_has_him(
    conn: Connection, queue: Queue, customers: Customers
) -> None:
    ask(queue, conn, "web:a")
    queue.leave(conn, START, "web:a")
    assert customers.owner["web:a"] == "bot"
    handoff = ask(queue, conn, "web:b")
    queue.assign(conn, START, handoff.id, "A01", "小李")
    assert queue.leave(conn, START, "web:b") is None
    assert customers.owner["web:b"] == "agent"


def test_an_unknown_handoff_is_told(conn: Connection, queue: Queue) -> None:
    with pytest.raises(NotFound):
        queue.resolve(conn, START, "HO20260101-00001")


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("requested", "normal"), ("regulator", "urgent"), ("upset", "high"), ("not_understood", "normal")],
)
def test_the_reason_makes_the_priority(reason: str, expected: str) -> None:
    assert priority_of(reason) == expected


def test_the_summary_has_the_wish_the_waybills_and_no_phone() -> None:
    said = [
        {"sender": "customer", "text": "查下300100000026"},
        {"sender": "bot", "text": "在北京"},
        {"sender": "customer", "text": "我电话13800138000，转人工"},
    ]
    lines = summarise(
        said, {"intent": "pickup_booking", "slots": {}}, ["CP20261123-00001"], "human"
    ).splitlines()
    assert len(lines) == 2
    assert "300100000026" in lines[0]
    assert "寄件预约" in lines[0]
    assert "CP20261123-00001" in lines[0]
    assert "138****8000" in lines[1]


def test_events_are_read_after_a_number(conn: Connection, queue: Queue) -> None:
    handoff = ask(queue, conn, "web:a")
    queue.assign(conn, START, handoff.id, "A01", "小李")
    queue.resolve(conn, START, handoff.id)
    told = outbox.read(conn, "web:a", 1)
    assert [(each["type"], each["data"]["seq"]) for each in told] == [
        ("handoff.assigned", 2),
        ("handoff.resolved", 3),
    ]

"""Agents come, go and pass chats on: each chat goes at once to whoever may serve it and has room."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from handoff import agents, audit, lookup, notes, presence, transfer
from handoff.queue import Outdated, Queue, QueueRules
from handoff.transfer import By, NotAllowed, NotAvailable
from tests.conftest import START
from tests.test_queue import Customers, ask, in_memory


@pytest.fixture
def conn() -> Iterator[Connection]:
    with in_memory().connect() as connection:
        yield connection


@pytest.fixture
def queue() -> Queue:
    return Queue(Customers(), lambda at: 9 <= at.hour < 18)


def add(
    conn: Connection, login: str, role: str = "agent", room: int = 5, skills: tuple[str, ...] = ()
) -> str:
    return agents.add(conn, START, login, login, role, "", skills=skills, capacity=room).id


def come(queue: Queue, conn: Connection, id: str, status: str = "online") -> list[str]:
    return [each.conversation for each in presence.set_status(queue, conn, START, id, status)]


def by(conn: Connection, id: str) -> By:
    return By(id, agents.get(conn, id))


def holder(conn: Connection, conversation: str) -> tuple[str, str]:
    handoff = lookup.open_for(conn, conversation)
    assert handoff
    return handoff.status, handoff.agent_id


def test_who_comes_gets_as_many_as_he_has_room_for(conn: Connection, queue: Queue) -> None:
    for minute, name in enumerate(("web:a", "web:b", "web:c")):
        ask(queue, conn, name, minute)
    li = add(conn, "li", room=2)
    assert come(queue, conn, li) == ["web:a", "web:b"]
    first = lookup.of_agent(conn, li)[0]
    queue.resolve(conn, START, first.id)
    assert holder(conn, "web:c") == ("assigned", li)


def test_a_request_goes_at_once_to_the_one_with_the_most_room(conn: Connection, queue: Queue) -> None:
    li, wang = add(conn, "li", room=4), add(conn, "wang", room=1)
    come(queue, conn, li)
    come(queue, conn, wang)
    given = [ask(queue, conn, f"web:{name}").agent_id for name in "abcdef"]
    assert sorted(given) == ["", li, li, li, li, wang]


def test_chats_of_one_who_goes_offline_go_to_the_others(conn: Connection, queue: Queue) -> None:
    li, wang = add(conn, "li"), add(conn, "wang")
    come(queue, conn, li)
    ask(queue, conn, "web:a")
    come(queue, conn, wang)
    assert come(queue, conn, li, "offline") == ["web:a"]
    assert holder(conn, "web:a") == ("assigned", wang)


def test_chats_wait_for_one_who_is_away_for_a_moment_only(conn: Connection, queue: Queue) -> None:
    li = add(conn, "li")
    come(queue, conn, li)
    ask(queue, conn, "web:a")
    assert come(queue, conn, li, "away") == []
    before = START + timedelta(minutes=5, seconds=-1)
    assert presence.overdue(conn, before, queue.rules) == []
    [overdue] = presence.overdue(conn, START + timedelta(minutes=5), queue.rules)
    back = transfer.put_back(queue, conn, START, overdue)
    assert back
    assert (back.status, back.in_front) == ("waiting", True)


def test_an_agent_of_whom_nothing_is_heard_has_gone(conn: Connection, queue: Queue) -> None:
    li = add(conn, "li")
    come(queue, conn, li)
    presence.heartbeat(conn, START + timedelta(seconds=30), li)
    assert presence.gone(conn, START + timedelta(seconds=89), queue.rules) == []
    assert presence.gone(conn, START + timedelta(seconds=90), queue.rules) == [li]


def test_what_waits_for_a_supervisor_is_anybodys_when_the_last_one_goes(
    conn: Connection, queue: Queue
) -> None:
    li, zhou = add(conn, "li"), add(conn, "zhou", "supervisor", room=0)
    come(queue, conn, zhou)
    come(queue, conn, li)
    assert ask(queue, conn, "web:a", reason="regulator").status == "waiting"
    come(queue, conn, zhou, "away")
    assert holder(conn, "web:a") == ("assigned", li)


def test_a_chat_is_passed_to_a_colleague_with_a_note(conn: Connection, queue: Queue) -> None:
    li, wang = add(conn, "li"), add(conn, "wang", room=0)
    come(queue, conn, li)
    handoff = ask(queue, conn, "web:a")
    with pytest.raises(NotAvailable, match="wang is offline"):
        transfer.to_agent(queue, conn, START, handoff.id, wang, "", by(conn, li))
    come(queue, conn, wang)
    moved = transfer.to_agent(queue, conn, START, handoff.id, wang, "", by(conn, li), "客户着急")
    assert (moved.agent_id, moved.agent_name) == (wang, "wang")
    assert [each["text"] for each in notes.read(conn, "web:a")] == ["客户着急"]
    assert audit.read(conn, subject=handoff.id)[0]["action"] == "transfer"
    with pytest.raises(Outdated):
        queue.post(conn, START, handoff.id, "您好", wang, "wang", version=handoff.version)


def test_only_a_supervisor_moves_the_chat_of_another(conn: Connection, queue: Queue) -> None:
    li, wang, zhou = add(conn, "li"), add(conn, "wang"), add(conn, "zhou", "supervisor")
    come(queue, conn, li)
    handoff = ask(queue, conn, "web:a")
    come(queue, conn, wang)
    come(queue, conn, zhou)
    with pytest.raises(NotAllowed):
        transfer.to_agent(queue, conn, START, handoff.id, wang, "", by(conn, wang))
    assert transfer.to_agent(queue, conn, START, handoff.id, zhou, "", by(conn, zhou)).agent_id == zhou


def test_a_skill_is_served_by_who_has_it_and_not_by_the_same_again(conn: Connection, queue: Queue) -> None:
    li, wang = add(conn, "li", skills=("理赔",)), add(conn, "wang")
    come(queue, conn, li)
    handoff = ask(queue, conn, "web:a")
    with pytest.raises(NotAvailable, match="理赔"):
        transfer.to_skill(queue, conn, START, handoff.id, "理赔", by(conn, li))
    zhao = add(conn, "zhao", skills=("理赔",))
    come(queue, conn, wang)
    assert transfer.to_skill(queue, conn, START, handoff.id, "理赔", by(conn, li)).status == "waiting"
    assert come(queue, conn, zhao) == ["web:a"]


def test_a_matter_is_escalated_one_step_at_a_time(conn: Connection, queue: Queue) -> None:
    li, zhou = add(conn, "li"), add(conn, "zhou", "supervisor")
    come(queue, conn, li)
    handoff = ask(queue, conn, "web:a")
    with pytest.raises(NotAvailable, match="supervisor"):
        transfer.escalate(queue, conn, START, handoff.id, by(conn, li))
    come(queue, conn, zhou)
    assert transfer.escalate(queue, conn, START, handoff.id, by(conn, li)).agent_id == zhou
    with pytest.raises(NotAvailable, match="manager"):
        transfer.escalate(queue, conn, START, handoff.id, by(conn, zhou))


def test_by_hand_nobody_is_given_a_chat_he_did_not_take(conn: Connection) -> None:
    queue = Queue(Customers(), lambda at: True, QueueRules(automatic=False))
    li = add(conn, "li")
    assert come(queue, conn, li) == []
    assert ask(queue, conn, "web:a").status == "waiting"
    taken = queue.take_next(conn, START, li, "li")
    assert taken
    assert taken.agent_id == li

"""Agents and their sign-in: a first password, lock-out after failures, sessions that can be ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, create_engine

from handoff import agents, sign_in
from handoff.agents import LoginTaken, NoSuchAgent
from handoff.sign_in import LockedOut, SignInRefused, WeakPassword
from handoff.tables import metadata
from tests.conftest import START


@pytest.fixture
def conn() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        yield connection
    engine.dispose()


@pytest.fixture(scope="module")
def password_hash() -> str:
    return sign_in.hash_password("k7mw-x2pd-q9rt")


def li(conn: Connection, password_hash: str = "") -> agents.Agent:
    return agents.add(conn, START, "Li", "小李", "agent", password_hash, skills=["claim", " claim"])


def test_a_new_agent_is_offline_and_must_change_the_password(conn: Connection) -> None:
    added = li(conn)
    assert (added.id, added.login, added.status, added.skills) == ("AG001", "li", "offline", ("claim",))
    assert added.must_change_password
    assert agents.by_login(conn, "LI") == added


def test_a_login_is_given_once(conn: Connection) -> None:
    li(conn)
    with pytest.raises(LoginTaken, match="li"):
        li(conn)


@pytest.mark.parametrize(
    ("login", "name", "role", "fault"),
    [("小李", "小李", "agent", "login"), ("li", " ", "agent", "name"), ("li", "小李", "boss", "role")],
)
def test_a_bad_value_is_told(conn: Connection, login: str, name: str, role: str, fault: str) -> None:
    with pytest.raises(ValueError, match=f"{fault}: expected"):
        agents.add(conn, START, login, name, role, "")


def test_a_supervisor_may_do_what_an_agent_may(conn: Connection) -> None:
    supervisor = agents.change(conn, li(conn).id, role="supervisor")
    assert supervisor.is_at_least("agent")
    assert not supervisor.is_at_least("manager")
    with pytest.raises(NoSuchAgent):
        agents.change(conn, "AG999", role="agent")


def test_the_right_password_opens_a_session(conn: Connection, password_hash: str) -> None:
    id = li(conn, password_hash).id
    found = sign_in.credentials(conn, START, "li")
    assert sign_in.is_right(found, "k7mw-x2pd-q9rt")
    assert not sign_in.is_right(found, "k7mw-x2pd-q9rT")
    token = sign_in.open_session(conn, START, id, "Firefox")
    session = sign_in.find_session(conn, START + timedelta(minutes=5), token)
    assert session is not None
    assert (session.agent.name, session.user_agent) == ("小李", "Firefox")


def test_nobody_signs_in_with_an_unknown_login(conn: Connection) -> None:
    assert not sign_in.is_right(sign_in.credentials(conn, START, "nobody"), "k7mw-x2pd-q9rt")


def test_the_fifth_wrong_password_locks_out_for_a_quarter_of_an_hour(conn: Connection) -> None:
    id = li(conn).id
    for _ in range(5):
        sign_in.credentials(conn, START, "li")
        sign_in.refuse(conn, START, id)
    with pytest.raises(LockedOut):
        sign_in.credentials(conn, START + timedelta(minutes=14), "li")
    assert sign_in.credentials(conn, START + timedelta(minutes=15), "li").id == id


def test_a_session_ends_when_idle_when_ended_and_after_twelve_hours(conn: Connection) -> None:
    id = li(conn).id
    token = sign_in.open_session(conn, START, id)
    assert sign_in.find_session(conn, START + timedelta(hours=2), token) is None
    again = sign_in.open_session(conn, START, id)
    session = sign_in.find_session(conn, START, again)
    assert session is not None
    sign_in.end_sessions(conn, START, id, but=session.token_hash)
    assert sign_in.find_session(conn, START, token) is None
    for hours in range(1, 12):
        sign_in.touch_session(conn, START + timedelta(hours=hours), session.token_hash)
    assert sign_in.find_session(conn, START + timedelta(hours=11.9), again) is not None
    assert sign_in.find_session(conn, START + timedelta(hours=12), again) is None
    sign_in.end_session(conn, START, session.token_hash)
    assert sign_in.sessions_of(conn, START, id) == []


def test_who_has_left_is_signed_out_and_stays_out(conn: Connection, password_hash: str) -> None:
    id = li(conn, password_hash).id
    token = sign_in.open_session(conn, START, id)
    agents.set_active(conn, START, id, False)
    assert sign_in.find_session(conn, START, token) is None
    assert not sign_in.is_right(sign_in.credentials(conn, START, "li"), "k7mw-x2pd-q9rt")
    with pytest.raises(SignInRefused):
        sign_in.open_session(conn, START, id)
    assert agents.list_agents(conn) == []
    assert [each.id for each in agents.list_agents(conn, active=False)] == [id]


@pytest.mark.parametrize("password", ["short", "k7mw-x2pd-q9rt", "xiaoli-xiaoli"])
def test_a_new_password_is_long_and_neither_the_login_nor_the_old_one(password: str) -> None:
    with pytest.raises(WeakPassword):
        sign_in.check_new_password(password, "xiaoli-xiaoli", "k7mw-x2pd-q9rt")

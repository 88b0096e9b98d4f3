"""What agents leave behind: notes, canned answers, read marks, the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, create_engine

from handoff import agents, audit, canned, notes, reading
from handoff.canned import EVERYBODY, NoSuchAnswer, ShortcutTaken
from handoff.tables import metadata
from tests.conftest import START

WEB = "web:records-1"


@pytest.fixture
def conn() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        yield connection
    engine.dispose()


def test_a_whisper_stands_among_the_notes_in_order(conn: Connection) -> None:
    wang = agents.add(conn, START, "wang", "王主管", "supervisor", "")
    notes.add(conn, START, WEB, "HO20261123-00001", wang, "先道歉", whisper=True)
    notes.add(conn, START, WEB, "HO20261123-00001", wang, "已联系网点")
    found = [(note["agent_name"], note["text"], note["whisper"]) for note in notes.read(conn, WEB)]
    assert found == [("王主管", "先道歉", True), ("王主管", "已联系网点", False)]


def test_canned_answers_are_everybodys_and_ones_own(conn: Connection) -> None:
    canned.save(conn, EVERYBODY, "HI", "问候", "您好")
    own = canned.save(conn, "AG001", "bye", "告别", "再见")
    canned.save(conn, "AG002", "bye", "告别", "拜拜")
    assert [each["text"] for each in canned.read(conn, "AG001")] == ["再见", "您好"]
    with pytest.raises(ShortcutTaken):
        canned.save(conn, "AG001", "Bye", "", "又一个")
    canned.save(conn, "AG001", "bye", "告别", "再会", own)
    with pytest.raises(NoSuchAnswer):
        canned.save(conn, "AG002", "mine", "", "不是我的", own)
    canned.remove(conn, "AG002", own)
    canned.remove(conn, "AG001", own)
    assert [each["shortcut"] for each in canned.read(conn, "AG001")] == ["hi"]


def test_a_read_mark_never_goes_back(conn: Connection) -> None:
    for message in (3, 7, 5):
        reading.mark(conn, START, WEB, "AG001", message)
    reading.mark(conn, START, WEB, reading.CUSTOMER, 2)
    assert reading.read_up_to(conn, WEB) == {"AG001": 7, "customer": 2}
    assert reading.read_by(conn, "AG001", [WEB, "web:other"]) == {WEB: 7}


def test_the_audit_log_is_read_newest_first_by_agent_or_subject(conn: Connection) -> None:
    audit.add(conn, START, "AG001", "take_over", "HO20261123-00001", {"from": "AG002"})
    audit.add(conn, START + timedelta(minutes=1), "AG001", "unmask", WEB)
    audit.add(conn, START, "AG002", "unmask", WEB)
    assert [each["action"] for each in audit.read(conn, agent="AG001")] == ["unmask", "take_over"]
    newest = audit.read(conn, subject=WEB)
    assert [each["agent"] for each in newest] == ["AG002", "AG001"]
    assert [each["agent"] for each in audit.read(conn, subject=WEB, before=newest[0]["id"])] == ["AG001"]

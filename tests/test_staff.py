"""Agents from the command line: added, listed, given a new password, removed; and the first of all."""

from __future__ import annotations

import argparse
from datetime import datetime

import pytest
from sqlalchemy import Connection

from bot import agent_commands, staff
from bot.app import App
from bot.config import Settings
from handoff import agents, lookup, presence, sign_in
from handoff import staff as people
from tests.conftest import START
from tests.test_turns import say


def agent(settings: Settings, *words: str) -> int:
    """`python -m bot agent …`."""
    parser = argparse.ArgumentParser()
    agent_commands.add_parser(parser.add_subparsers(), argparse.ArgumentParser(add_help=False))
    return agent_commands.run(settings, parser.parse_args(["agent", *words]))


def test_agents_are_added_listed_and_given_a_new_password(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    added = agent(settings, "add", "Xiaohong", "--name", "小红", "--role", "supervisor", "--skill", "理赔")
    first = capsys.readouterr().out.split()
    again = agent(settings, "add", "xiaohong")
    assert (added, first[0], again) == (0, "xiaohong", 1)
    assert "xiaohong exists" in capsys.readouterr().err
    assert agent(settings, "reset", "xiaohong") == 0
    assert capsys.readouterr().out.split()[1] != first[1]
    assert agent(settings, "list") == 0
    assert capsys.readouterr().out == "AG001\txiaohong\t小红\tsupervisor\toffline\t理赔\n"
    assert agent(settings, "remove", "nobody") == 1
    assert "nobody" in capsys.readouterr().err


async def test_agents_who_were_added_before_the_first_start_have_a_manager_too(app: App) -> None:
    await staff.add_demo(app.store, START)
    first = await staff.add_first(app.store, START)
    assert first is not None
    assert first.agent.role == "manager"


async def test_the_first_sign_in_is_made_once_and_must_be_changed(app: App) -> None:
    first = await staff.add_first(app.store, START)
    assert first
    assert (first.agent.role, first.agent.must_change_password) == ("manager", True)
    found = await app.store.read(lambda c: sign_in.credentials(c, START, first.agent.login))
    assert sign_in.is_right(found, first.password)
    assert await staff.add_first(app.store, START) is None


async def test_who_leaves_gives_back_his_chats_and_is_signed_out(app: App) -> None:
    li, wang = await staff.add_demo(app.store, START)
    await say(app, "m1", "转人工")

    def leave(c: Connection, now: datetime) -> str:
        presence.set_status(app.desk.queue, c, now, li.agent.id, "online")
        token = sign_in.open_session(c, now, li.agent.id)
        presence.set_status(app.desk.queue, c, now, wang.agent.id, "online")
        people.remove(app.desk.queue, c, now, li.agent.id, by="system")
        assert sign_in.find_session(c, now, token) is None
        return lookup.list_handoffs(c, "assigned")[0].agent_id

    assert await app.store.write(lambda c: leave(c, app.desk.now())) == wang.agent.id
    assert [each.login for each in await app.store.read(agents.list_agents)] == ["xiaowang"]

"""The operator's commands: how endpoints do, sending again, a trial, whether both sides hold the same."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot import mirror_commands
from bot.app import App
from bot.config import Settings
from bot.desk import Inbound
from bot.mirror_settings import Endpoint, Mirror
from handoff import lookup
from handoff.mirror import lanes
from tests.conftest import Clock
from tests.mirror_peer import SECRET, Peer, peer

WEB = "web:w-commands-01"


@pytest.fixture
async def crm() -> AsyncIterator[Peer]:
    async with peer() as each:
        yield each


@pytest.fixture
def settings(settings: Settings, crm: Peer) -> Settings:
    endpoint = Endpoint(name="crm", url=crm.url, secret=SECRET, verify_url=crm.url + "/held")
    mirror = Mirror.model_validate({"endpoints": [endpoint], "allow_networks": ["127.0.0.0/8"]})
    return settings.model_copy(update={"mirror": mirror})


async def command(settings: Settings, action: str, **given: Any) -> int:
    arguments = {"name": None, "since": None, "days": 7, "resend": False} | given
    return await mirror_commands.run(settings, argparse.Namespace(action=action, **arguments))


async def test_a_trial_reaches_the_endpoint_signed(
    app: App, settings: Settings, crm: Peer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await command(settings, "test") == 0
    assert capsys.readouterr().out == "crm: ok\n"
    assert ([event["type"] for _, event in crm.calls], crm.forged) == (["mirror.test"], 0)
    assert await command(settings, "test", name="other") == 1
    assert "the settings name: crm" in capsys.readouterr().err


async def test_what_waits_and_what_died_is_listed_and_sent_again(
    app: App, settings: Settings, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    await app.store.write(lambda connection: lanes.register(connection, "crm"))
    await app.desk.answer(Inbound(WEB, "m1", "转人工"))
    letter = {"endpoint": "crm", "conversation": WEB, "seq": 1, "error": "500 no", "at": clock()}
    await app.store.write(lambda c: c.execute(lanes.dead_letters.insert().values(**letter)).rowcount)
    assert await command(settings, "list") == 0
    first, second = capsys.readouterr().out.splitlines()[:2]
    assert first.startswith("crm: up, ")
    assert second.endswith(f"{WEB} 1 handoff.requested  500 no")
    assert await command(settings, "replay", name="crm") == 0
    assert capsys.readouterr().out == "crm: started again, 1 dead letters are sent again\n"
    assert await command(settings, "replay", name="other") == 1


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        ({"status": "waiting", "seq": 3}, []),
        ({"status": "assigned", "seq": 3}, ["waiting here, assigned there"]),
        ({"status": "waiting", "seq": 1}, ["events after 1 missing there"]),
        (None, ["missing there"]),
    ],
)
async def test_both_sides_are_compared(
    app: App,
    settings: Settings,
    crm: Peer,
    capsys: pytest.CaptureFixture[str],
    theirs: dict[str, Any] | None,
    told: list[str],
) -> None:
    await app.store.write(lambda connection: lanes.register(connection, "crm"))
    await app.desk.answer(Inbound(WEB, "m1", "转人工"))
    [handoff] = await app.store.read(lambda connection: lookup.list_handoffs(connection))
    crm.held = [{"id": handoff.id, **theirs}] if theirs else []
    assert await command(settings, "verify", days=3650, resend=True) == (1 if told else 0)
    lines = capsys.readouterr().out.splitlines()
    assert lines[: len(told)] == [f"crm: {handoff.id} {WEB}: {each}" for each in told]
    assert lines[len(told)] == f"crm: {len(told)} differences"

"""The acts of the company's own agents come in signed, each once, in whatever order they arrive."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from bot.app import App
from bot.config import Settings
from bot.desk import Inbound
from handoff import lookup, outbox
from tests.conftest import Clock
from tests.mirror_peer import OLD_SECRET, SECRET, signature

WEB = "web:w-mirror-001"
AGENT = {"id": "7", "name": "小李"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    mirror = settings.mirror.model_copy(
        update={"inbound_secret": SECRET, "previous_inbound_secret": OLD_SECRET}
    )
    return settings.model_copy(update={"mirror": mirror})


@pytest.fixture
async def handoff(app: App) -> str:
    """A customer waits for a person."""
    await app.desk.answer(Inbound(WEB, "m1", "转人工"))
    return await current(app)


async def current(app: App) -> str:
    found = await app.store.read(lambda connection: lookup.list_handoffs(connection))
    return found[0].id


class Company:
    """The company's own desk, which signs by hand."""

    def __init__(self, http: aiohttp.ClientSession, clock: Clock) -> None:
        self.http, self.clock, self.number = http, clock, 0

    async def send(
        self, type: str, data: Any, *, id: str = "", secret: str = SECRET, off: float = 0, at: str = ""
    ) -> tuple[int, dict[str, Any]]:
        self.number += 1
        id = id or f"msg_{self.number}"
        event = {"type": type, "timestamp": at or self.clock().isoformat(), "data": data}
        body = json.dumps(event).encode()
        timestamp = str(int(self.clock().timestamp() + off))
        headers = {
            "webhook-id": id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1a,other {signature(secret, id, timestamp, body)}",
        }
        async with self.http.post("/webhooks/queue", data=body, headers=headers) as response:
            return response.status, await response.json()


@pytest.fixture
def company(chat: aiohttp.ClientSession, clock: Clock) -> Company:
    return Company(chat, clock)


async def said_by_agents(app: App) -> list[str]:
    from bot import messages

    rows = await app.store.read(lambda connection: messages.read_latest(connection, WEB))
    return [row["text"] for row in rows if row["sender"] == "agent"]


async def status(app: App, handoff: str) -> str:
    return (await app.store.read(lambda connection: lookup.get(connection, handoff))).status


async def test_an_agent_of_the_company_takes_answers_and_settles(
    app: App, company: Company, handoff: str
) -> None:
    assert (await company.send("handoff.assigned", {"handoff": handoff, "agent": AGENT}))[0] == 200
    assert await status(app, handoff) == "assigned"
    await company.send("message.created", {"handoff": handoff, "text": "您好", "agent": AGENT})
    await company.send("handoff.resolved", {"handoff": handoff})
    assert await said_by_agents(app) == ["您好"]
    assert await status(app, handoff) == "resolved"


async def test_an_id_that_came_before_is_answered_and_ignored(
    app: App, company: Company, handoff: str
) -> None:
    data = {"handoff": handoff, "text": "您好", "agent": AGENT}
    first = await company.send("message.created", data, id="msg_same")
    again = await company.send("message.created", data, id="msg_same")
    assert first == (200, {"outcome": "done"})
    assert again == (200, {"outcome": "repeated"})
    assert await said_by_agents(app) == ["您好"]


@pytest.mark.parametrize("wrong", [{"secret": "whsec_" + "QUFB" * 8}, {"off": 301}, {"off": -301}])
async def test_what_is_not_genuine_or_not_now_is_401(
    app: App, company: Company, handoff: str, wrong: dict[str, Any]
) -> None:
    code, problem = await company.send("handoff.resolved", {"handoff": handoff}, **wrong)
    assert (code, problem["title"]) == (401, "Unauthorized")
    assert await status(app, handoff) == "waiting"


async def test_the_secret_before_is_valid_while_it_is_replaced(company: Company, handoff: str) -> None:
    assert (await company.send("handoff.resolved", {"handoff": handoff}, secret=OLD_SECRET))[0] == 200


async def test_an_unknown_type_is_accepted_and_ignored(company: Company) -> None:
    assert await company.send("contact.merged", {"x": 1}) == (200, {"outcome": "ignored"})


async def test_a_body_over_1_mib_is_refused(company: Company, handoff: str) -> None:
    code, _ = await company.send("message.created", {"handoff": handoff, "text": "x" * 1_100_000})
    assert code == 413


async def test_a_bad_field_is_named_and_the_same_id_may_come_again_put_right(
    app: App, company: Company, handoff: str
) -> None:
    code, problem = await company.send("message.created", {"handoff": handoff, "text": " "}, id="msg_x")
    assert (code, list(problem["errors"])) == (422, ["data.text"])
    assert (await company.send("message.created", {"handoff": handoff, "text": "好"}, id="msg_x"))[0] == 200
    assert await said_by_agents(app) == ["好"]


async def test_a_message_before_its_assignment_takes_the_customer(
    app: App, company: Company, handoff: str
) -> None:
    await company.send("message.created", {"handoff": handoff, "text": "您好", "agent": AGENT})
    assert await status(app, handoff) == "assigned"
    assert (await company.send("handoff.assigned", {"handoff": handoff, "agent": AGENT}))[0] == 200


async def test_a_word_that_was_said_before_the_end_and_comes_after_it_reaches_the_customer(
    app: App, company: Company, handoff: str, clock: Clock
) -> None:
    before = clock().isoformat()
    clock.forward(seconds=10)
    await company.send("handoff.resolved", {"handoff": handoff})
    data = {"handoff": handoff, "text": "已为您登记", "agent": AGENT}
    assert await company.send("message.created", data, at=before) == (200, {"outcome": "late"})
    assert await company.send("handoff.assigned", data, at=before) == (200, {"outcome": "late"})
    assert await said_by_agents(app) == ["已为您登记"]
    assert await status(app, handoff) == "resolved"


async def test_what_cannot_be_done_is_told_back(company: Company, handoff: str, clock: Clock) -> None:
    await company.send("handoff.assigned", {"handoff": handoff, "agent": AGENT})
    other = {"handoff": handoff, "text": "您好", "agent": {"id": "8", "name": "小张"}}
    code, problem = await company.send("message.created", other)
    assert (code, "小李" in problem["detail"]) == (409, True)
    await company.send("handoff.resolved", {"handoff": handoff})
    clock.forward(seconds=1)
    assert (await company.send("message.created", {"handoff": handoff, "text": "还在吗"}))[0] == 409
    assert (await company.send("handoff.resolved", {"handoff": "HO20260101-00001"}))[0] == 404


async def test_our_own_event_that_comes_back_is_no_new_one(app: App, company: Company, handoff: str) -> None:
    [*_, event] = await app.store.read(lambda connection: outbox.read(connection, WEB, 0))
    assert await company.send(event["type"], event["data"]) == (200, {"outcome": "ignored"})
    data = {"handoff": handoff, "text": "您好"}
    assert await company.send("message.created", data, id="evt_1_1a") == (200, {"outcome": "ignored"})
    assert await said_by_agents(app) == []


async def test_what_an_act_of_theirs_leads_to_tells_that_it_was_theirs(
    app: App, company: Company, handoff: str
) -> None:
    await company.send("message.created", {"handoff": handoff, "text": "您好", "agent": AGENT}, id="msg_me")
    events = await app.store.read(lambda connection: outbox.read(connection, WEB, 0))
    origins = [(each["type"], each["data"].get("origin")) for each in events[-2:]]
    assert origins == [("handoff.assigned", "queue:msg_me"), ("message.created", "queue:msg_me")]

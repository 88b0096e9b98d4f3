"""A company that works in Chatwoot: customers come there whole, and agents answer from there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot import messages
from bot.app import App
from bot.config import Settings
from bot.desk import Inbound
from bot.mirroring import transcript
from handoff import lookup
from handoff.mirror.chatwoot import Chatwoot
from handoff.mirror.chatwoot_api import ChatwootApi
from handoff.mirror.sender import Sender
from handoff.mirror.verify import resend_missing, verify
from handoff.mirror.webhook import open_session
from tests.conftest import Clock
from tests.fake_chatwoot import BOT, HOOK_SECRET, HOOK_TOKEN, PERSON, FakeChatwoot, chatwoot
from tests.test_mirror import LOCAL, waits

WEB = "web:w-chatwoot-01"
LI = {"id": 7, "name": "小李", "type": "user"}
WANG = {"id": 8, "name": "小王", "type": "user"}


@pytest.fixture
async def there(clock: Clock) -> AsyncIterator[FakeChatwoot]:
    async with chatwoot(clock) as each:
        yield each


@pytest.fixture
def settings(settings: Settings, there: FakeChatwoot) -> Settings:
    given = {
        "base_url": there.url,
        "account_id": 3,
        "inbox_id": 4,
        "webhook_secret": HOOK_SECRET,
        "webhook_token": HOOK_TOKEN,
    }
    return settings.model_copy(update={"chatwoot": settings.chatwoot.model_copy(update=given)})


@pytest.fixture
async def target(app: App, there: FakeChatwoot, desk_url: str) -> AsyncIterator[Chatwoot]:
    there.hook = f"{desk_url}/webhooks/chatwoot"
    async with open_session(LOCAL) as session:
        api = ChatwootApi(there.url, 3, 4, PERSON, BOT, session)
        yield Chatwoot(api, app.store, transcript)


@pytest.fixture
async def sender(app: App, target: Chatwoot, clock: Clock) -> Sender:
    each = Sender(app.store, target, clock)
    await each.register()
    return each


@pytest.fixture
async def asked(app: App, there: FakeChatwoot, sender: Sender, clock: Clock) -> dict[str, Any]:
    """A customer asked for a person, and is there."""
    await app.desk.answer(Inbound(WEB, "m1", "你好"))
    clock.forward(seconds=3)
    await app.desk.answer(Inbound(WEB, "m2", "转人工"))
    await waits(clock, sender, seconds=1)
    [one] = there.conversations.values()
    await there.deliver()
    return one


async def said_by_agents(app: App) -> list[tuple[str, str]]:
    rows = await app.store.read(lambda connection: messages.read_latest(connection, WEB))
    return [(row["name"], row["text"]) for row in rows if row["sender"] == "agent"]


async def status(app: App) -> str:
    [found] = await app.store.read(lambda connection: lookup.list_handoffs(connection))
    return found.status


def contents(one: dict[str, Any], *, private: bool = False) -> list[str]:
    return [each["content"] for each in one["messages"] if each["private"] == private]


async def test_a_customer_comes_with_what_was_said_priority_label_and_attributes(
    asked: dict[str, Any], there: FakeChatwoot
) -> None:
    [note] = contents(asked, private=True)
    assert "客户：你好" in note
    assert contents(asked)[0] == "转人工"
    assert (asked["status"], asked["priority"]) == ("open", "medium")
    assert asked["labels"] == ["vip", "yida-requested"]
    assert asked["custom_attributes"]["handoff"].startswith("HO20261123-")
    [contact] = there.contacts.values()
    assert "w-chatwoot-01" not in contact["identifier"]  # A session is the customer's own secret.


async def test_each_further_word_comes_once_and_none_of_ours_comes_back(
    app: App, asked: dict[str, Any], there: FakeChatwoot, sender: Sender, clock: Clock
) -> None:
    await app.desk.answer(Inbound(WEB, "m3", "还在吗"))
    await waits(clock, sender, seconds=1)
    assert set(await there.deliver()) == {"ignored"}
    incoming = [each["content"] for each in asked["messages"] if each["message_type"] == "incoming"]
    assert incoming == ["转人工", "还在吗"]
    assert await said_by_agents(app) == []


async def test_an_agent_there_takes_answers_and_resolves(
    app: App, asked: dict[str, Any], there: FakeChatwoot, sender: Sender, clock: Clock
) -> None:
    there.assign(asked, LI)
    await there.deliver()
    assert await status(app) == "assigned"
    there.say(asked, LI, content="您好")
    there.say(asked, WANG, content="我补充一句")
    there.say(asked, LI, content="内部备注", private=True)
    there.toggle(asked, "resolved")
    before = len(asked["messages"])
    await there.deliver()
    assert await said_by_agents(app) == [("小李", "您好"), ("小王", "我补充一句")]
    assert await status(app) == "resolved"
    await waits(clock, sender, seconds=1)
    assert len(asked["messages"]) == before  # What came from there is there already.
    assert there.answers == [200] * len(there.answers)


async def test_pending_gives_the_customer_back_to_the_bot(
    app: App, asked: dict[str, Any], there: FakeChatwoot
) -> None:
    there.toggle(asked, "pending")
    await there.deliver()
    assert await status(app) == "returned"


async def test_a_message_that_comes_twice_is_said_once(
    app: App, asked: dict[str, Any], there: FakeChatwoot
) -> None:
    there.say(asked, LI, content="您好")
    there.outbox.append({**there.outbox[0], "delivery": "another"})
    assert await there.deliver() == ["done", "repeated"]
    assert await said_by_agents(app) == [("小李", "您好")]


async def test_a_word_after_the_end_is_told_back_to_the_agent(
    app: App, asked: dict[str, Any], there: FakeChatwoot, sender: Sender, clock: Clock
) -> None:
    there.toggle(asked, "resolved")
    await there.deliver()
    clock.forward(seconds=5)
    there.say(asked, LI, content="忘了说")
    assert await there.deliver() == ["refused"]
    await waits(clock, sender, seconds=1)
    assert contents(asked, private=True)[-1] == "未送达客户：会话已不在人工服务中"
    assert await said_by_agents(app) == []


async def test_the_end_of_an_earlier_handoff_does_not_end_the_next(
    app: App, asked: dict[str, Any], there: FakeChatwoot, clock: Clock
) -> None:
    there.toggle(asked, "resolved")
    late = dict(there.outbox[0])
    await there.deliver()
    clock.forward(seconds=5)
    await app.desk.answer(Inbound(WEB, "m9", "转人工"))
    there.outbox.append({**late, "delivery": "again"})
    assert await there.deliver() == ["ignored"]


async def test_what_is_settled_here_is_settled_there(
    app: App, asked: dict[str, Any], there: FakeChatwoot, sender: Sender, clock: Clock
) -> None:
    handoff = asked["custom_attributes"]["handoff"]
    await app.store.write(lambda c: app.desk.queue.resolve(c, clock(), handoff))
    await waits(clock, sender, seconds=1)
    assert asked["status"] == "resolved"
    assert set(await there.deliver()) == {"ignored"}


async def test_an_answer_that_got_lost_doubles_nothing(
    app: App, asked: dict[str, Any], there: FakeChatwoot, sender: Sender, clock: Clock
) -> None:
    failures = iter(["lost", 500, 429])

    def fails(path: str) -> int | str:
        return next(failures, 0) if path.endswith("/messages") else 0

    there.fails = fails
    await app.desk.answer(Inbound(WEB, "m3", "还在吗"))
    for _ in range(5):
        await waits(clock, sender, minutes=40)
    assert [each["content"] for each in asked["messages"]].count("还在吗") == 1


async def test_a_conversation_that_was_deleted_there_begins_anew(
    app: App, asked: dict[str, Any], there: FakeChatwoot, sender: Sender, clock: Clock
) -> None:
    del there.conversations[asked["id"]]
    clock.forward(seconds=1)
    await app.desk.answer(Inbound(WEB, "m3", "还在吗"))
    await waits(clock, sender, seconds=1)
    [anew] = there.conversations.values()
    assert contents(anew)[0] == "还在吗"
    [note] = contents(anew, private=True)
    assert "客户：转人工" in note


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Chatwoot-Timestamp": "1", "X-Chatwoot-Signature": "sha256=00"},
        {"X-Chatwoot-Timestamp": "0" * 13, "X-Chatwoot-Signature": "sha256=00"},
    ],
)
async def test_what_chatwoot_did_not_sign_is_401(
    app: App, asked: dict[str, Any], chat: Any, headers: dict[str, str]
) -> None:
    async with chat.post("/webhooks/chatwoot", data=b"{}", headers=headers) as response:
        assert response.status == 401


async def test_a_version_that_does_not_sign_names_the_token_in_its_address(
    app: App, asked: dict[str, Any], there: FakeChatwoot
) -> None:
    there.signs = False
    there.toggle(asked, "resolved")
    await there.deliver()
    assert (there.answers[-1], await status(app)) == (401, "waiting")
    there.hook += f"?token={HOOK_TOKEN}"
    there.toggle(asked, "resolved")
    await there.deliver()
    assert (there.answers[-1], await status(app)) == (200, "resolved")


async def test_what_is_missing_there_is_found_and_sent_again(
    app: App, asked: dict[str, Any], target: Chatwoot, sender: Sender, clock: Clock
) -> None:
    await app.desk.answer(Inbound(WEB, "m3", "还在吗"))
    await waits(clock, sender, seconds=1)
    since = clock() - timedelta(days=1)
    assert await verify(app.store, target, since, clock()) == []
    asked["messages"] = [each for each in asked["messages"] if each["content"] != "还在吗"]
    asked["status"] = "resolved"
    [found] = await verify(app.store, target, since, clock())
    assert "missing there" in found.what
    await app.store.write(lambda c: resend_missing(c, clock(), "chatwoot", [found]))
    await waits(clock, sender, seconds=1)
    assert "还在吗" in contents(asked)
    [left] = await verify(app.store, target, since, clock())
    assert left.what == "waiting here, resolved/returned there"

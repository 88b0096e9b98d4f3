"""What customers said and sent is deleted when its time is over; what is still open is kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.app import App, uploads_folder
from bot.desk import Inbound
from bot.retention import Sweep
from bot.store import tables
from bot.uploads import Upload, Uploads
from tests.conftest import Clock
from tests.test_chat_page import picture

Talk = Callable[..., Awaitable[None]]
BOOKING = "明天上午来取一箱书,杭州市西湖区文三路90号寄到北京市朝阳区建国路1号,5公斤,我姓王13800138021,收件人李梅13900139021"


@pytest.fixture
def uploads(either_app: App) -> Uploads:
    return Uploads(either_app.store, uploads_folder(either_app.settings))


@pytest.fixture
def talk(either_app: App) -> Talk:
    async def say(conversation: str, *texts: str, upload: Upload | None = None) -> None:
        for number, text in enumerate(texts):
            files = ({"name": "a.png", "url": f"/chat/uploads/{upload.id}"},) if upload else ()
            inbound = Inbound(conversation, f"{conversation}-{number}-{text[:8]}", text, attachments=files)
            await either_app.desk.answer(inbound)

    return say


async def sweep(app: App, uploads: Uploads) -> dict[str, int]:
    return await Sweep(app.store, uploads, app.settings.retention, app.desk.now()).run()


async def count(app: App, name: str) -> int:
    query = select(func.count()).select_from(tables.metadata.tables[name])
    found: int = await app.store.read(lambda connection: connection.execute(query).scalar_one())
    return found


async def test_an_old_conversation_goes_with_its_files(
    either_app: App, clock: Clock, uploads: Uploads, talk: Talk
) -> None:
    upload = await uploads.save(picture(), clock())
    await talk("web:retention-1", "你好", upload=upload)
    assert not any((await sweep(either_app, uploads)).values())
    clock.forward(days=366)
    await talk("web:retention-2", "你好")
    counted = await Sweep(either_app.store, uploads, either_app.settings.retention, clock()).count()
    assert await sweep(either_app, uploads) == counted
    assert (counted["messages"], counted["conversations"], counted["uploads"]) == (2, 1, 1)
    assert await uploads.find(upload.id) is None
    assert not uploads.path(upload).exists()
    assert (await count(either_app, "messages"), await count(either_app, "conversations")) == (2, 1)


async def test_a_file_that_somebody_else_sent_too_stays_on_disk(
    either_app: App, clock: Clock, uploads: Uploads
) -> None:
    old = await uploads.save(picture(), clock())
    clock.forward(days=366)
    new = await uploads.save(picture(), clock())
    await sweep(either_app, uploads)
    assert (await uploads.find(old.id), await uploads.find(new.id)) == (None, new)
    assert uploads.path(new).exists()


async def test_an_open_case_keeps_its_words_and_its_evidence(
    either_app: App, clock: Clock, uploads: Uploads, talk: Talk
) -> None:
    upload = await uploads.save(picture(), clock())
    await talk("web:retention-3", BOOKING, "确认", upload=upload)
    assert await count(either_app, "cases") == 1
    clock.forward(days=2000)
    gone = await sweep(either_app, uploads)
    assert (gone["messages"], gone["conversations"], gone["uploads"], gone["cases"]) == (0, 0, 0, 0)
    assert await uploads.find(upload.id) == upload


async def test_a_case_closed_long_ago_keeps_its_number_and_is_nobodys(
    either_app: App, clock: Clock, uploads: Uploads, talk: Talk
) -> None:
    await talk("web:retention-4", BOOKING, "确认")
    table = tables.cases

    async def cases() -> list[dict[str, Any]]:
        rows = await either_app.store.read(
            lambda connection: connection.execute(select(table)).mappings().all()
        )
        return [dict(row) for row in rows]

    [case] = await cases()
    assert case["phone"] == "13800138021"
    await either_app.store.write(
        lambda connection: connection.execute(update(table).values(status="collected")).close()
    )
    clock.forward(days=1097)
    assert (await sweep(either_app, uploads))["cases"] == 1
    [blank] = await cases()
    assert (blank["number"], blank["kind"], blank["opened_at"]) == (
        case["number"],
        "pickup",
        case["opened_at"],
    )
    assert "13800138021" not in str(blank)
    assert (await sweep(either_app, uploads))["cases"] == 0

"""Groups that Telegram has given another id: their conversations keep the first one in their names."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, select

from bot.store import Store, tables
from bot.store.upsert import insert

TABLE = tables.moved_chats


async def move(store: Store, old: int, new: int) -> None:
    """Note that a chat has moved."""

    def note(connection: Connection) -> None:
        home = connection.execute(_home(old)).scalar_one_or_none() or str(old)
        values = {"channel": "telegram", "chat": str(new), "home": home}
        connection.execute(insert(connection, TABLE).values(**values).on_conflict_do_nothing())

    await store.write(note)


async def home(store: Store, chat: int) -> str | None:
    """The first id of a chat that has moved; None for one that has not."""
    return await store.read(lambda connection: connection.execute(_home(chat)).scalar_one_or_none())


async def now_at(store: Store, home: int) -> int:
    """Where the chat with this first id is now."""
    query = select(TABLE.c.chat).where(TABLE.c.channel == "telegram", TABLE.c.home == str(home))
    chats = await store.read(lambda connection: list(connection.execute(query).scalars()))
    return int(chats[-1]) if chats else home


def _home(chat: int) -> Select[Any]:
    return select(TABLE.c.home).where(TABLE.c.channel == "telegram", TABLE.c.chat == str(chat))

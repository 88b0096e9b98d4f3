"""Whose a WeCom session is, and how our own queue follows it and leads it."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, select, update

from bot import messages
from bot.channels.wechat_api import PlatformApi, Refused
from bot.channels.wecom_heard import Heard
from bot.desk import Desk
from bot.store import tables
from bot.store.upsert import insert
from handoff import lookup, outbox
from handoff.queue import AlreadyTaken, NotOpen, Queue
from handoff.summary import summarise

NEW, BOT, POOL, PERSON, ENDED = 0, 1, 2, 3, 4
"""The platform's `service_state`; only in the first two may the API speak."""
LASTS = timedelta(hours=48)
"""How long a session lasts without its customer."""
SUMMARY_MESSAGES = 10


class Sessions:
    """What the platform said last of each session; asked anew where we do not know."""

    def __init__(self, api: PlatformApi, desk: Desk) -> None:
        self.api, self.desk = api, desk

    async def state(self, chat: str) -> int:
        """Who may speak now; a new session is taken for the bot, so that the platform gives it to nobody."""
        known = await self.desk.store.read(partial(_known, now=self.desk.now(), chat=chat))
        if known is None:
            known = await self.ask(chat)
        if known == NEW:
            await self.move(chat, BOT)
            return BOT
        return known

    async def ask(self, chat: str) -> int:
        """What the platform says."""
        open_kfid, _, customer = chat.partition(":")
        body = {"open_kfid": open_kfid, "external_userid": customer}
        answer = await self.api.post("/cgi-bin/kf/service_state/get", body)
        state = int(answer["service_state"])
        await self.note(chat, state, str(answer.get("servicer_userid", "")))
        return state

    async def move(self, chat: str, state: int) -> None:
        """Change the state; a session that has changed meanwhile is only looked at again."""
        open_kfid, _, customer = chat.partition(":")
        body = {"open_kfid": open_kfid, "external_userid": customer, "service_state": state}
        try:
            await self.api.post("/cgi-bin/kf/service_state/trans", body)
        except Refused:
            await self.ask(chat)
            raise
        await self.note(chat, state)

    async def note(self, chat: str, state: int, servicer: str = "") -> None:
        await self.desk.store.write(
            partial(_note, now=self.desk.now(), chat=chat, state=state, servicer=servicer)
        )


def heard_from(connection: Connection, now: datetime, chat: str) -> None:
    """The customer has written: an ended session begins anew, a running one goes on."""
    table, conversation = tables.wecom_sessions, f"wecom:{chat}"
    state = connection.execute(select(table.c.state).where(table.c.conversation == conversation)).scalar()
    if state == ENDED:
        connection.execute(table.delete().where(table.c.conversation == conversation))
    elif state is not None:
        connection.execute(update(table).where(table.c.conversation == conversation).values(at=now))


def changed(
    connection: Connection, now: datetime, chat: str, state: int, servicer: str, change: Heard
) -> bool:
    """Note what an event says of a session; False where a later one is known, or this one."""
    table = tables.wecom_sessions
    query = select(table.c.changed_at, table.c.changed_by).where(table.c.conversation == f"wecom:{chat}")
    at, by = connection.execute(query).one_or_none() or (None, "")
    if by == change.id or (at is not None and change.at < at):
        return False
    _note(connection, now, chat, state, servicer)
    values = {"changed_at": change.at, "changed_by": change.id}
    connection.execute(update(table).where(table.c.conversation == f"wecom:{chat}").values(**values))
    return True


def taken_by(connection: Connection, now: datetime, queue: Queue, chat: str, servicer: str) -> None:
    """A person has the session in the WeCom client: our queue says so, and the bot is silent."""
    conversation = f"wecom:{chat}"
    if not _exists(connection, conversation):
        return
    handoff = lookup.open_for(connection, conversation)
    if handoff is None:
        said = messages.read_latest(connection, conversation, SUMMARY_MESSAGES)
        summary = summarise([dict(row) for row in said], None, [], "human")
        handoff = queue.request(connection, now, conversation, "requested", "normal", summary, None, [])
    try:
        queue.assign(connection, now, handoff.id, f"wecom:{servicer}", servicer)
    except (AlreadyTaken, NotOpen):
        return


def closed(connection: Connection, now: datetime, queue: Queue, chat: str) -> None:
    """The person has closed the session: what he had is resolved, and the bot answers again."""
    handoff = lookup.open_for(connection, f"wecom:{chat}")
    if handoff is not None and handoff.agent_id.startswith("wecom:"):
        queue.resolve(connection, now, handoff.id)


def said_by(connection: Connection, now: datetime, chat: str, id: str, text: str, servicer: str) -> None:
    """Words that a person has said in the WeCom client, once; the customer has them already."""
    conversation = f"wecom:{chat}"
    table = tables.deliveries
    known = select(table.c.id).where(table.c.sent_as == id)
    if not _exists(connection, conversation) or connection.execute(known).first():
        return
    message = messages.add_outbound(connection, now, conversation, text, sender="agent", name=servicer)
    connection.execute(update(table).where(table.c.message == message).values(status="sent", sent_as=id))
    if lookup.open_for(connection, conversation):
        outbox.message_created(connection, now, conversation, "agent", text, servicer)


def _exists(connection: Connection, conversation: str) -> bool:
    """Lock the conversation, as all who write to it do."""
    table = tables.conversations
    query = select(table.c.name).where(table.c.name == conversation).with_for_update()
    return connection.execute(query).first() is not None


def _known(connection: Connection, now: datetime, chat: str) -> int | None:
    table = tables.wecom_sessions
    query = select(table.c.state).where(table.c.conversation == f"wecom:{chat}", table.c.at > now - LASTS)
    state = connection.execute(query).scalar()
    return None if state is None else int(state)


def _note(connection: Connection, now: datetime, chat: str, state: int, servicer: str) -> None:
    values = {"state": state, "servicer": servicer, "at": now}
    statement = insert(connection, tables.wecom_sessions).values(conversation=f"wecom:{chat}", **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["conversation"], set_=values))

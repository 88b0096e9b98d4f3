"""The events of WeCom customer service: a customer comes in, a word fails, a person takes a session."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection, select, update

from bot import ledger, messages, quota
from bot.channels import wecom_session as session
from bot.channels.wechat_api import PlatformApi, Refused
from bot.channels.wechat_heard import SCENE_WAYBILL
from bot.channels.wecom_heard import Heard
from bot.channels.wecom_text import menu_of
from bot.desk import Desk
from bot.store import tables
from bot.wording import say

log = structlog.get_logger()

WELCOME = timedelta(seconds=20)
"""How long a welcome may be sent after the customer came in."""
WINDOW_OVER, TOO_MANY = 4, 6
"""Kinds of failure after which a word may be sent when the customer comes back."""
FAILURES = {
    1: "the customer-service account is deleted",
    2: "the application is switched off",
    WINDOW_OVER: "48 hours have passed",
    5: "the session is closed",
    TOO_MANY: "more than five words",
    8: "the company is not verified",
    10: "the customer refuses our words",
    11: "the company may not use customer service",
    12: "a link that is not allowed",
    13: "words that are not allowed",
}
PICKED, TRANSFERRED, CLOSED, REOPENED = 1, 2, 3, 4
"""Kinds of session changes."""


class Events:
    """Each may come again when a page is fetched again, and then changes nothing."""

    def __init__(self, api: PlatformApi, desk: Desk) -> None:
        self.api, self.desk = api, desk

    async def take(self, told: Heard) -> None:
        detail = told.detail or {}
        match told.event:
            case "enter_session":
                await self._welcome(told, detail)
            case "msg_send_fail":
                await self.desk.store.write(partial(_failed, detail=detail))
            case "session_status_change":
                await self._session(told, detail)
            case _:
                log.info("wecom event", kind=told.event, status=detail.get("status"))

    async def _welcome(self, told: Heard, detail: Mapping[str, Any]) -> None:
        """A menu to begin with, once in 48 hours, where the platform gives a code for it."""
        code = str(detail.get("welcome_code") or "")
        if not code or told.at + WELCOME < self.desk.now():
            return
        text, choices = say("welcome", company=self.desk.knowledge.company), say("welcome_menu").split("、")
        if waybill := SCENE_WAYBILL.fullmatch(str(detail.get("scene_param", ""))):
            choices.insert(0, say("scanned_waybill", waybill=waybill[1]))
        id = hashlib.sha256(told.id.encode()).hexdigest()[:32]
        body = {"code": code, "msgid": id, **(menu_of(text, choices) or {})}
        try:
            await self.api.post("/cgi-bin/kf/send_msg_on_event", body)
        except Refused as error:
            log.warning("welcome refused", channel="wecom", code=error.code)
            return
        write = partial(_welcomed, now=self.desk.now(), chat=told.chat, text=text, choices=choices, id=id)
        await self.desk.store.write(write)

    async def _session(self, told: Heard, detail: Mapping[str, Any]) -> None:
        def write(connection: Connection) -> None:
            now, queue = self.desk.now(), self.desk.queue
            closed = int(detail.get("change_type") or 0) == CLOSED
            servicer = "" if closed else str(detail.get("new_servicer_userid", ""))
            state = session.ENDED if closed else session.PERSON
            if not session.changed(connection, now, told.chat, state, servicer, told):
                return
            if closed:
                session.closed(connection, now, queue, told.chat)
            else:
                session.taken_by(connection, now, queue, told.chat, servicer)

        await self.desk.store.write(write)
        self.desk.told(f"wecom:{told.chat}")


def _welcomed(
    connection: Connection, now: datetime, chat: str, text: str, choices: list[str], id: str
) -> None:
    conversation, table = f"wecom:{chat}", tables.deliveries
    ledger.lock_conversation(connection, now, conversation)
    message = messages.add_outbound(connection, now, conversation, text, choices=choices)
    connection.execute(update(table).where(table.c.message == message).values(status="sent", sent_as=id))


def _failed(connection: Connection, detail: Mapping[str, Any]) -> None:
    """The platform took a word and could not give it to the customer."""
    table, kind = tables.deliveries, int(detail.get("fail_type") or 0)
    id, reason = str(detail.get("fail_msgid", "")), FAILURES.get(kind, f"failure {kind}")
    sent = select(table.c.conversation, table.c.message).where(
        table.c.sent_as == id, table.c.status == "sent"
    )
    found = connection.execute(sent).all()
    if not found:
        return
    again = kind in (WINDOW_OVER, TOO_MANY)
    values = {"status": "kept" if again else "failed", "error": f"kept: {reason}" if again else reason}
    connection.execute(update(table).where(table.c.sent_as == id, table.c.status == "sent").values(**values))
    if again:
        quota.exhaust(connection, found[0].conversation)
    else:
        lost = update(tables.messages).where(tables.messages.c.id.in_([row.message for row in found]))
        connection.execute(lost.values(undeliverable=reason))

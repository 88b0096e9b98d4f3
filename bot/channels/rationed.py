"""Sends words over a platform that rations them: merged where few are left, one spared for the human."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import Any

import aiohttp
from sqlalchemy import Connection, Select, bindparam, exists, select, text, update

from bot import quota
from bot.channels import Keep, Outbound
from bot.channels.wechat_text import BETWEEN, fits, shown, split
from bot.store import Store, tables
from bot.wording import say

FEW = 2
"""With so many words left or fewer, words that wait are merged into one."""
FOR_HUMAN = 1
"""Words that only a person may use, so that one who takes over is not mute."""
LEASE = timedelta(seconds=60)
NOTHING_LEFT = "kept: the platform allows no more until the customer writes"
SILENCE = (TimeoutError, aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError)
"""The platform took the call and did not answer."""


class QuotaSpent(Exception):
    """The platform says that the customer can be sent nothing more for now."""


class Arrived(Exception):
    """The platform knows the message's id: the customer has it from an earlier try."""


@dataclass(frozen=True)
class Waiting:
    """A word that waits; `parts` of it the customer has already."""

    delivery: int
    message: int
    text: str
    choices: Sequence[str]
    sender: str
    at: datetime
    parts: int
    was_kept: bool
    leased: bool
    last: bool
    """No other reply to the same message follows; a number picks from the choices of the last."""

    @property
    def shown(self) -> str:
        if self.choices and not self.last:
            return self.text + say("choices_in_passing", choices=self.choices)
        return shown(self.text, self.choices)


@dataclass(frozen=True)
class Message:
    """What is sent at once: one word, or several merged. `id` is unique and the same at every try."""

    id: str
    text: str
    word: Waiting
    """The last of its words."""
    whole: bool
    """It is exactly this one word."""
    deliveries: tuple[int, ...]


@dataclass(frozen=True)
class Batch:
    """What one call of `send` is about: messages, and the words that go along with the first."""

    messages: tuple[Message, ...]
    along: tuple[int, ...]


Post = Callable[[Message], Awaitable[None]]


async def send(
    store: Store, now: Callable[[], datetime], conversation: str, word: Outbound, post: Post
) -> None:
    """Send a word as messages of at most 2,048 bytes, and with it those behind it that were kept too.

    With few left it takes along all that wait.

    `post` raises QuotaSpent where the platform counts otherwise than we do, and Arrived. Raises Keep.
    """
    batch = await store.write(partial(_plan, now=now(), conversation=conversation, first=word.id))
    for index, message in enumerate(batch.messages):
        if index:
            await store.write(partial(_count, conversation=conversation, message=message))
        try:
            await post(message)
        except Arrived:
            await store.write(partial(quota.spend, conversation=conversation, words=-1))
        except QuotaSpent as error:
            await store.write(partial(_refused, conversation=conversation, along=batch.along))
            raise Keep(f"{NOTHING_LEFT} ({error})") from None
        except Exception as error:
            # After a silence the customer may have it: it stays counted.
            back = 0 if isinstance(error, SILENCE) else 1
            await store.write(partial(_not_sent, conversation=conversation, along=batch.along, back=back))
            raise
        if len(batch.messages) > 1 or batch.along:
            await store.write(partial(_sent, message=message, along=batch.along))


def merged(taken: Sequence[Waiting]) -> str:
    """Several words in one text, with an opening where they come late."""
    text = BETWEEN.join(word.shown for word in taken)
    opened = BETWEEN.join([say("kept_words"), text])
    return opened if taken[0].was_kept and fits(opened) else text


def as_many_as_fit(wait: Sequence[Waiting]) -> list[Waiting]:
    """The longest beginning of `wait` that is one message; none where the first alone is too long."""
    taken: list[Waiting] = []
    for word in wait:
        if word.parts or not fits(merged([*taken, word])):
            break
        taken.append(word)
    return taken


def waiting(connection: Connection, now: datetime, conversation: str) -> list[Waiting]:
    """The words of a conversation that its customer does not have, oldest first."""
    return read(connection, WAITING, now, of=conversation)


def back(connection: Connection, now: datetime, conversation: str, new: quota.Grant, cause: str) -> None:
    """The customer is back: we may speak again, also what was kept."""
    quota.grant(connection, now, conversation, new, cause)
    connection.execute(RELEASED, {"of": conversation, "now": now})


def _words() -> Select[Any]:
    """The columns of words on their way, for a condition to be added."""
    message, other = tables.messages, tables.messages.alias("other")
    later = exists().where(other.c.reply_to == message.c.reply_to, other.c.id > message.c.id)
    query = select(
        ROW.c.id.label("delivery"),
        ROW.c.message,
        message.c.text,
        message.c.choices,
        message.c.sender,
        message.c.at,
        ROW.c.parts,
        ROW.c.error,
        ROW.c.lease_until,
        later.label("followed"),
    )
    return query.join(message, message.c.id == ROW.c.message).order_by(ROW.c.id)


# Statements of every turn are made once: making one costs as much as running it.
ROW = tables.deliveries
WORDS = _words()
OF = ROW.c.conversation == bindparam("of")
UNSENT = text(f"deliveries.{tables.UNSENT}")
WAITING = WORDS.where(OF, UNSENT).with_for_update(of=ROW)
RELEASED = (
    update(ROW)
    .where(OF, tables.UNSENT, ROW.c.status == "kept")
    .values(status="waiting", next_at=bindparam("now"), lease_until=None)
)


def read(connection: Connection, query: Select[Any], now: datetime, **values: object) -> list[Waiting]:
    """The words of a query made of `WORDS`."""
    return [
        Waiting(
            row["delivery"],
            row["message"],
            row["text"],
            row["choices"],
            row["sender"],
            row["at"],
            row["parts"],
            was_kept=row["error"].startswith("kept"),
            leased=row["lease_until"] is not None and row["lease_until"] > now,
            last=not row["followed"],
        )
        for row in connection.execute(query, values).mappings()
    ]


def mark(connection: Connection, deliveries: Sequence[int], **values: object) -> None:
    """Write what became of words."""
    if deliveries:
        connection.execute(update(ROW).where(ROW.c.id.in_(deliveries)).values(**values))


def _plan(connection: Connection, now: datetime, conversation: str, first: int) -> Batch:
    """Decide what goes now, count its first message, and hold what goes along. Raises Keep."""
    left = quota.left(connection, now, conversation, lock=True)
    count = left.left if left else 0
    behind = [each for each in waiting(connection, now, conversation) if each.message >= first]
    together = behind if count <= FEW else list(takewhile(lambda each: each.was_kept, behind))
    taken = as_many_as_fit(together) or behind[:1]
    kept_back = 0 if any(each.sender == "agent" for each in taken) else FOR_HUMAN
    messages = _messages(conversation, taken)
    if len(messages) > count - kept_back:
        raise Keep(NOTHING_LEFT)
    _count(connection, conversation, messages[0])
    along = messages[0].deliveries[1:]
    mark(connection, along, lease_until=now + LEASE)
    return Batch(messages, along)


def _messages(conversation: str, taken: Sequence[Waiting]) -> tuple[Message, ...]:
    """One message, or the parts of one long word that the customer does not have yet."""
    texts = split(merged(taken))
    word, whole = taken[-1], len(taken) == 1 and len(texts) == 1 and not taken[0].was_kept
    deliveries = tuple(each.delivery for each in taken)
    return tuple(
        Message(_id(conversation, taken, number), text, word, whole, deliveries)
        for number, text in enumerate(texts)
        if number >= taken[0].parts
    )


def _id(conversation: str, taken: Sequence[Waiting], number: int) -> str:
    """32 letters and digits, the same at every try and for nothing else."""
    of = (conversation, taken[0].message, taken[0].at.isoformat(), taken[-1].message, number)
    return hashlib.sha256(repr(of).encode()).hexdigest()[:32]


def _count(connection: Connection, conversation: str, message: Message) -> None:
    """Count a message that is about to be sent, and note as what."""
    quota.spend(connection, conversation)
    mark(connection, message.deliveries, sent_as=message.id)


def _sent(connection: Connection, message: Message, along: Sequence[int]) -> None:
    """Note a part that the customer has now, or the words that went along."""
    if along:
        mark(connection, along, status="sent", error="")
    else:
        mark(connection, [message.word.delivery], parts=tables.deliveries.c.parts + 1)


def _not_sent(connection: Connection, conversation: str, along: Sequence[int], back: int) -> None:
    quota.spend(connection, conversation, -back)
    mark(connection, along, lease_until=None)


def _refused(connection: Connection, conversation: str, along: Sequence[int]) -> None:
    quota.exhaust(connection, conversation)
    mark(connection, along, lease_until=None)

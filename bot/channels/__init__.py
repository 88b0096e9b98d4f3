"""The channels: one file each. A channel verifies, makes an Inbound, sends replies, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web


@dataclass(frozen=True)
class Outbound:
    """A committed word that waits to be sent. `sender` is bot, agent or system; `name` the agent's."""

    id: int
    text: str
    choices: Sequence[str]
    attachments: Sequence[Mapping[str, str]]
    sender: str
    name: str
    answers: str = ""
    """The channel's own id of the customer's message that this answers."""


class RetryLater(Exception):
    """The channel cannot take the word now; try again after so many seconds."""

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Undeliverable(Exception):
    """The channel will never take the word (the customer blocked us, the chat is gone)."""


class Keep(Exception):
    """The platform lets us say no more now; the word is kept until the customer comes back."""


class Channel(Protocol):
    """A channel to which words must be sent; the web chat fetches its own and is none."""

    name: str
    """The part of a conversation's name before the colon."""
    per_second: float
    """Words that the channel takes a second, over all its chats."""

    def routes(self) -> list[web.RouteDef]:
        """What it serves over HTTP, if it is called."""
        ...

    async def start(self) -> None: ...

    async def stop(self) -> None:
        """Finish the turn in hand, then end."""
        ...

    async def send(self, chat: str, word: Outbound) -> None:
        """Send one word to a chat (the part of the name after the colon).

        Raises RetryLater, Keep or Undeliverable; any other error counts as a failed try.
        """
        ...

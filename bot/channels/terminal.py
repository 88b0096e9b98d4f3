"""The desk in a terminal, for trying things: the same turns, choices as numbered lines."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import AsyncExitStack

from rich.console import Console

from bot.app import running
from bot.config import Settings
from bot.desk import Answer, Inbound
from bot.untext import mend
from bot.wording import say


def chat(settings: Settings) -> None:
    """Read lines until end of input or Ctrl-C; each is a customer's message."""
    console = Console(highlight=False, soft_wrap=True)
    conversation = f"terminal:{secrets.token_hex(6)}"
    # The loop rests while a line is typed: a thread that waits for one could not be stopped by Ctrl-C.
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        app = runner.run(stack.enter_async_context(running(settings)))
        try:
            _print(console, say("welcome", company=app.desk.knowledge.company))
            for number, text in enumerate(_lines(console)):
                answer = runner.run(app.desk.answer(Inbound(conversation, str(number), text)))
                _show(console, answer)
        finally:
            runner.run(stack.aclose())


def _lines(console: Console) -> Iterator[str]:
    while True:
        try:
            text = mend(console.input("[bold cyan]您[/] "))
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
        if text.strip():
            yield text


def _show(console: Console, answer: Answer) -> None:
    for said in answer.replies:
        _print(console, said.text)
        for index, choice in enumerate(said.choices, start=1):
            console.print(f"   [dim]{index}.[/]", end=" ")
            console.print(choice, markup=False)


def _print(console: Console, text: str) -> None:
    console.print("[bold green]驿答[/]", end=" ")
    console.print(text, markup=False)

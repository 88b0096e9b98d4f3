"""The desk as a process: starts, says where it is, stops cleanly, and loses nothing that was answered."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from tests.conftest import ROOT

SESSION = "w-serve-0001"


class Process:
    """`python -m bot serve` with a database and a port of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        settings = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
        settings["data"] = str(ROOT / "data")
        self.config = folder / "config.yaml"
        self.config.write_text(yaml.safe_dump(settings, allow_unicode=True), "utf-8")
        self.url = f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        environment = {**os.environ, "YIDA_HTTP__PORT": str(self.port)}
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", "--config", str(self.config),
            cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(30):
            self.said = await self._until_ready()

    async def _until_ready(self) -> str:
        said = ""
        assert self.process.stdout
        while "Ctrl-C" not in said:
            line = await self.process.stdout.readline()
            if not line:
                assert self.process.stderr
                raise AssertionError((await self.process.stderr.read()).decode())
            said += line.decode()
        return said

    async def end(self, by: signal.Signals) -> tuple[int, str]:
        self.process.send_signal(by)
        async with asyncio.timeout(20):
            _, errors = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, errors.decode()

    async def say(self, id: str, text: str) -> dict[str, Any]:
        async with aiohttp.ClientSession(self.url) as session:
            body = {"session": SESSION, "id": id, "text": text}
            async with session.post("/chat/messages", json=body) as response:
                return dict(await response.json())

    async def history(self) -> list[dict[str, Any]]:
        async with (
            aiohttp.ClientSession(self.url) as session,
            session.get("/chat/history", params={"session": SESSION}) as response,
        ):
            return list(await response.json())


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Process]:
    process = Process(tmp_path)
    await process.start()
    yield process
    if process.process.returncode is None:
        process.process.kill()
        await process.process.communicate()


async def test_it_says_where_the_chat_is_what_data_it_runs_on_and_how_to_stop(process: Process) -> None:
    assert f"{process.url}/" in process.said
    assert str(ROOT / "data") in process.said
    assert "Ctrl-C" in process.said
    assert "Sign-in:    admin" in process.said


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_cleanly_with_the_turn_in_hand_finished(
    process: Process, by: signal.Signals
) -> None:
    turns = [asyncio.create_task(process.say(f"m{n}", "查下300100000026")) for n in range(5)]
    await asyncio.sleep(0.05)
    code, errors = await process.end(by)
    answered = [turn.result() for turn in await_done(turns) if turn.exception() is None]
    assert code == 0
    assert "Traceback" not in errors
    assert all("北京" in answer["replies"][0]["text"] for answer in answered)


def await_done(tasks: list[asyncio.Task[dict[str, Any]]]) -> list[asyncio.Task[dict[str, Any]]]:
    return [task for task in tasks if task.done()]


async def test_an_open_stream_does_not_hold_up_the_end(process: Process) -> None:
    async with (
        aiohttp.ClientSession(process.url) as session,
        session.get("/chat/stream", params={"session": SESSION}),
    ):
        code, _ = await process.end(signal.SIGTERM)
    assert code == 0


async def test_a_kill_in_the_middle_loses_nothing_that_was_answered(process: Process) -> None:
    answered: dict[str, str] = {}

    async def talk() -> None:
        for number in range(1000):
            answer = await process.say(f"m{number}", "你好")
            answered[f"m{number}"] = answer["replies"][0]["text"]

    talking = asyncio.create_task(talk())
    while len(answered) < 20:
        await asyncio.sleep(0.01)
    await process.end(signal.SIGKILL)
    talking.cancel()
    await asyncio.gather(talking, return_exceptions=True)
    await process.start()
    history = await process.history()
    said = [each["text"] for each in history if each["from"] == "bot"]
    assert len(said) >= len(answered)
    again = await process.say("m3", "你好")
    assert again["replies"][0]["text"] == answered["m3"]
    assert len(await process.history()) == len(history)


async def test_no_phone_number_stands_in_the_log(process: Process) -> None:
    await process.say("m1", "我要寄书，13800138000")
    _, errors = await process.end(signal.SIGTERM)
    assert re.findall(r"\d{11,}", errors) == []


async def test_a_missing_telegram_token_is_one_log_line(process: Process) -> None:
    _, errors = await process.end(signal.SIGTERM)
    lines = [line for line in errors.splitlines() if "telegram" in line]
    assert len(lines) == 1
    assert "token" in lines[0]


async def test_a_port_that_is_taken_is_told(process: Process, tmp_path: Path) -> None:
    second = Process(tmp_path)
    second.port = process.port
    with pytest.raises(AssertionError, match="cannot listen"):
        await second.start()

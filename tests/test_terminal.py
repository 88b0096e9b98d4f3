"""`python -m bot chat`: the same desk in a terminal."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    settings = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump({**settings, "data": str(ROOT / "data")}, allow_unicode=True), "utf-8")
    return [sys.executable, "-m", "bot", "chat", "--config", str(config)]


def test_a_conversation_in_a_terminal_with_choices_as_numbered_lines(command: list[str]) -> None:
    said = "你好\n1\n茶叶两公斤\n"
    done = subprocess.run(
        command, cwd=ROOT, input=said, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "1. 我要寄件" in done.stdout
    assert "寄什么物品" in done.stdout
    assert "从…寄到…" in done.stdout


def listen_to_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_control_c_ends_it_while_it_waits_for_a_line(command: list[str]) -> None:
    ours, theirs = pty.openpty()
    # A worker of the test runner ignores the signal, and its children would, too.
    chat = subprocess.Popen(
        command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=listen_to_interrupts
    )
    os.close(theirs)
    said = b""
    while "您".encode() + b"\x1b" not in said and "您 ".encode() not in said:
        said += os.read(ours, 4096)
    chat.send_signal(signal.SIGINT)
    assert chat.wait(timeout=10) == 0
    os.close(ours)

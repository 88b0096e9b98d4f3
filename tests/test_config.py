"""Faults in settings and reference data are all told at once, with file, place and what was expected."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.config import read_settings
from bot.reference import read_knowledge
from tests.conftest import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped configuration and data."""
    shutil.copy(ROOT / "config.yaml", tmp_path)
    shutil.copytree(ROOT / "data", tmp_path / "data")
    return tmp_path


def check(folder: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "bot", "check", "--config", str(folder / "config.yaml")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_shipped_configuration_is_sound(folder: Path) -> None:
    assert check(folder) == (0, "ok: settings and reference data are sound\n")


def test_every_fault_is_told_at_once(folder: Path) -> None:
    rates = folder / "data" / "rates.csv"
    rates.write_text(rates.read_text("utf-8").replace("12.00,6.00,2-3", "twelve,6.00,soon", 1), "utf-8")
    areas = folder / "data" / "areas.csv"
    areas.write_text(areas.read_text("utf-8").replace("上海市,,,,yes", "上海市,,,,maybe", 1), "utf-8")
    (folder / "data" / "faq" / "broken.md").write_text(
        "---\nquestions: [几点]\ntopic: other\n---\n{{ nothing }}", "utf-8"
    )
    code, told = check(folder)
    lines = told.splitlines()
    assert code == 1
    for words in (
        ["rates.csv", "first", "twelve"],
        ["rates.csv", "days", "soon"],
        ["areas.csv", "pickup", "maybe"],
        ["broken", "nothing"],
    ):
        assert any(all(word in line for word in words) for line in lines), f"{words} in {told}"


def test_an_unknown_key_and_a_bad_value_are_named(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(
        "htpp: {port: 1}\nhttp: {port: many}\ntimezone: Mars\npickup: {hours: ['20:00', '08:00']}\n", "utf-8"
    )
    _, faults = read_settings(file)
    assert {fault.place for fault in faults} == {"htpp", "http.port", "timezone", "pickup"}
    assert all(fault.file == "config.yaml" for fault in faults)


def test_the_environment_overrides_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIDA_HTTP__PORT", "9090")
    settings, _ = read_settings(folder / "config.yaml")
    assert settings is not None
    assert settings.http.port == 9090


def test_a_secret_is_not_shown_in_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("channels: {telegram: {token: {a: hidden-123}}}\n", "utf-8")
    _, faults = read_settings(file)
    assert faults
    assert "hidden-123" not in " ".join(map(str, faults))


def test_half_a_wechat_channel_is_refused_without_telling_its_secrets(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(
        "channels:\n  wechat: {token: hidden-1, app_id: '', aes_key: hidden-2}\n"
        "  wecom: {corp_id: ww1, kf_secret: hidden-3}\n",
        "utf-8",
    )
    _, faults = read_settings(file)
    told = "\n".join(map(str, faults))
    assert "channels.wechat.aes_key: expected the 43 letters" in told.replace("，", ",")
    assert "channels.wecom: expected also token, aes_key" in told
    assert "hidden" not in told


def test_a_missing_file_and_a_bad_header_are_told(folder: Path) -> None:
    (folder / "data" / "branches.csv").write_text("code,name\nHZ001,杭州\n", "utf-8")
    (folder / "data" / "areas.csv").unlink()
    settings, _ = read_settings(folder / "config.yaml")
    assert settings is not None
    _, faults = read_knowledge(settings)
    told = [str(fault) for fault in faults]
    assert any("branches.csv: header" in line and "province" in line for line in told)
    assert any("areas.csv: file" in line for line in told)


def test_a_time_without_quotes_and_a_database_of_another_kind_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("desk: {hours: [8:00, 20:00]}\ndatabase: {url: 'mysql://me:hidden@host/name'}\n", "utf-8")
    _, faults = read_settings(file)
    told = [str(fault) for fault in faults]
    assert len(told) == 3
    assert "sqlite:///file or postgresql://" in told[0]
    assert "hidden" not in told[0]
    assert all("in quotes, such as '09:00'" in each for each in told[1:])


def test_a_database_that_cannot_be_used_is_told_in_one_line_without_its_password(folder: Path) -> None:
    url = "postgresql://me:hidden@127.0.0.1:1/desk"
    command = [sys.executable, "-m", "bot", "serve", "--config", str(folder / "config.yaml")]
    environment = {**os.environ, "YIDA_DATABASE__URL": url}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("cannot use the database postgresql://me:***@127.0.0.1:1/desk: ")

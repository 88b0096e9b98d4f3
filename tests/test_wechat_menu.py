"""The Official Account's menu: checked before it is sent, set by `python -m bot wechat menu`."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
import yaml

from bot.channels.wechat_menu import SHIPPED, read_menu
from intents.understand import understand
from tests.conftest import ROOT, START, Clock
from tests.fake_wechat import APP_ID, APP_SECRET, TOKEN, FakeWechat


def test_the_shipped_menu_fits() -> None:
    menu, faults = read_menu(SHIPPED)
    assert faults == []
    assert menu[0].json_body() == {"type": "click", "name": "寄件", "key": "我要寄件"}


def test_each_tap_of_the_shipped_menu_is_understood() -> None:
    taps = [item.say for button in read_menu(SHIPPED)[0] for item in (button.items or (button,)) if item.say]
    meant = {say: understand(say, START).intent for say in taps}
    assert meant == {
        "我要寄件": "pickup_booking",
        "查快递": "tracking_query",
        "我的投诉理赔处理到哪了": "case_progress",
        "寄快递多少钱": "faq",
        "我要投诉": "complaint",
        "我要理赔": "claim",
        "转人工": "human",
    }


@pytest.mark.parametrize(
    ("menu", "fault"),
    [
        ("[", "menu.yaml: file: expected valid YAML in UTF-8"),
        ("[]", "menu.yaml: top level: expected 1 to 3 buttons, found '0'"),
        (
            "[{name: 寄快递查快递, say: 寄}]",
            "menu.yaml: 1: expected name of at most 16 bytes, a Chinese character is three",
        ),
        ("[{name: 寄件}]", "menu.yaml: 1: expected one of say, url and scan, or items below a button"),
        (
            "[{name: 查件, items: [{name: 查, say: 查, url: 'https://example.com'}]}]",
            "menu.yaml: 1.items.1: expected one of say, url and scan, or items below a button",
        ),
    ],
)
def test_a_menu_that_does_not_fit_is_refused_with_its_place(tmp_path: Path, menu: str, fault: str) -> None:
    (tmp_path / "menu.yaml").write_text(menu, "utf-8")
    assert [str(each) for each in read_menu(tmp_path / "menu.yaml")[1]] == [fault]


async def test_the_menu_is_set_by_command(tmp_path: Path, clock: Clock) -> None:
    wechat = FakeWechat(clock)
    await wechat.start()
    channel = {"app_id": APP_ID, "app_secret": APP_SECRET, "token": TOKEN, "base_url": wechat.url}
    settings = {"channels": {"wechat": channel}, "data": str(ROOT / "data")}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), "utf-8")
    command = [sys.executable, "-m", "bot", "wechat", "menu", "--config", str(tmp_path / "config.yaml")]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=dict(os.environ), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    await wechat.stop()
    assert (process.returncode, said.decode()) == (0, "the menu is set: 寄件, 查件, 服务\n")
    assert [button["name"] for button in wechat.menus[0]["button"]] == ["寄件", "查件", "服务"]

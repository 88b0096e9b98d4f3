"""The menu of an Official Account: read from a file, checked against the platform's limits, then set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from bot.channels.wechat import account
from bot.channels.wechat_api import PlatformApi
from bot.clock import now
from bot.config import Settings
from bot.store import Store
from faq.faults import Fault

SHIPPED = Path(__file__).with_suffix(".yaml")
OWN = "wechat_menu.yaml"
"""The courier's own, in its data folder, in place of the shipped one."""
MAX_BUTTONS, MAX_ITEMS = 3, 5
MAX_BUTTON_NAME, MAX_ITEM_NAME, MAX_KEY, MAX_URL = 16, 60, 128, 1024
"""UTF-8 bytes."""


class Item(BaseModel):
    """A line that says something, opens a page or scans a barcode."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1)
    say: str = ""
    url: str = ""
    scan: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Item:
        _at_most(self.name, MAX_ITEM_NAME, "name")
        _at_most(self.say, MAX_KEY, "say")
        _at_most(self.url, MAX_URL, "url")
        if self.actions != 1:
            raise ValueError("expected one of say, url and scan, or items below a button")
        return self

    @property
    def actions(self) -> int:
        return sum(map(bool, (self.say, self.url, self.scan)))

    def json_body(self) -> dict[str, Any]:
        """As the platform takes it."""
        if self.url:
            return {"type": "view", "name": self.name, "url": self.url}
        if self.scan:
            return {"type": "scancode_waitmsg", "name": self.name, "key": "scan"}
        return {"type": "click", "name": self.name, "key": self.say}


class Button(Item):
    """One of the three at the bottom: a line by itself, or the head of up to five."""

    items: tuple[Item, ...] = Field(default=(), max_length=MAX_ITEMS)

    @model_validator(mode="after")
    def _short(self) -> Button:
        _at_most(self.name, MAX_BUTTON_NAME, "name")
        return self

    @property
    def actions(self) -> int:
        return super().actions + bool(self.items)

    def json_body(self) -> dict[str, Any]:
        if self.items:
            return {"name": self.name, "sub_button": [each.json_body() for each in self.items]}
        return super().json_body()


Menu = tuple[Button, ...]
MENU: TypeAdapter[Menu] = TypeAdapter(Menu)


def read_menu(path: Path) -> tuple[Menu, list[Fault]]:
    """The menu of a file, or every fault in it."""
    try:
        menu = MENU.validate_python(yaml.safe_load(path.read_text("utf-8")))
    except OSError as error:
        return (), [Fault(str(path), "file", "a readable YAML file", error.strerror or "")]
    except (yaml.YAMLError, UnicodeDecodeError):
        return (), [Fault(path.name, "file", "valid YAML in UTF-8")]
    except ValidationError as error:
        return (), [_fault(path.name, dict(each)) for each in error.errors()]
    if not 1 <= len(menu) <= MAX_BUTTONS:
        return (), [Fault(path.name, "top level", f"1 to {MAX_BUTTONS} buttons", str(len(menu)))]
    return menu, []


def menu_file(settings: Settings) -> Path:
    own = settings.data_folder / OWN
    return own if own.exists() else SHIPPED


async def set_menu(settings: Settings, store: Store, menu: Sequence[Button]) -> None:
    """Put a menu under the account's chat; raises Refused, or an error of the connection."""
    api = PlatformApi(account(settings.channels.wechat), store, lambda: now(settings.zone))
    try:
        await api.post("/cgi-bin/menu/create", {"button": [each.json_body() for each in menu]})
    finally:
        await api.close()


def _at_most(text: str, limit: int, key: str) -> None:
    if len(text.encode()) > limit:
        raise ValueError(f"expected {key} of at most {limit} bytes, a Chinese character is three")


def _fault(file: str, error: dict[str, Any]) -> Fault:
    place = ".".join(str(part + 1) if isinstance(part, int) else part for part in error["loc"])
    expected = str(error["msg"]).removeprefix("Value error, ").removeprefix("expected ")
    return Fault(file, place or "top level", expected)

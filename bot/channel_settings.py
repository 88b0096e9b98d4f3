"""How customers reach the desk: web chat, Telegram, the WeChat Official Account, WeCom customer service."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from bot.section import Section

Origin = Annotated[str, StringConstraints(pattern=r"^https?://[a-z0-9.-]+(:\d{1,5})?$")]
"""Of a site, without a path: https://www.example.com."""


class Webchat(Section):
    enabled: bool = True
    identity_secret: str = ""
    allowed_origins: tuple[Origin, ...] = ()
    """Sites that may show the chat in a frame."""


class Telegram(Section):
    token: str = ""
    mode: Literal["polling", "webhook"] = "polling"
    base_url: str = ""


def _aes_key(value: str) -> str:
    if value and not re.fullmatch("[A-Za-z0-9]{43}", value):
        raise ValueError("expected the 43 letters and digits of the platform's EncodingAESKey")
    return value


AesKey = Annotated[str, AfterValidator(_aes_key)]


def _together(section: Section, *keys: str) -> None:
    """A channel is set up or is not: some of its keys alone serve nobody."""
    given = [key for key in keys if getattr(section, key)]
    if given and len(given) < len(keys):
        missing = ", ".join(key for key in keys if key not in given)
        raise ValueError(f"expected also {missing}")


class WechatQuota(Section):
    message: int = Field(default=5, ge=0)
    message_hours: float = Field(default=48, gt=0)
    event: int = Field(default=3, ge=0)
    event_seconds: float = Field(default=60, gt=0)


class WecomQuota(Section):
    message: int = Field(default=5, ge=0)
    message_hours: float = Field(default=48, gt=0)


class Wechat(Section):
    app_id: str = ""
    app_secret: str = ""
    token: str = ""
    aes_key: AesKey = ""
    require_aes: bool = False
    base_url: str = ""
    answer_seconds: float = Field(default=4.5, gt=0, le=4.8)
    quota: WechatQuota = WechatQuota()

    @model_validator(mode="after")
    def _complete(self) -> Wechat:
        _together(self, "app_id", "token")
        if self.require_aes and not self.aes_key:
            raise ValueError("expected aes_key where require_aes is true")
        return self


class Wecom(Section):
    corp_id: str = ""
    kf_secret: str = ""
    token: str = ""
    aes_key: AesKey = ""
    base_url: str = ""
    people: Literal["desk", "wecom"] = "desk"
    quota: WecomQuota = WecomQuota()

    @model_validator(mode="after")
    def _complete(self) -> Wecom:
        _together(self, "corp_id", "kf_secret", "token", "aes_key")
        return self


class Channels(Section):
    webchat: Webchat = Webchat()
    telegram: Telegram = Telegram()
    wechat: Wechat = Wechat()
    wecom: Wecom = Wecom()

"""config.yaml and the environment → typed settings; an unknown key or a bad value stops the start."""

from __future__ import annotations

from base64 import b64decode
from datetime import date, time
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from faq.faults import Fault

SECRET = ("secret", "token", "url", "key", "salt")
"""Keys whose values may hold a password and are not repeated in a fault."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise ValueError("expected a number above 0")
    return value


Positive = Annotated[Decimal, AfterValidator(_positive)]


def _quoted(value: object) -> object:
    """YAML reads an unquoted 18:00 as the number 1080, which would then be taken for seconds."""
    if isinstance(value, int | float):
        raise ValueError("expected a time in quotes, such as '09:00'")
    return value


Clock = Annotated[time, BeforeValidator(_quoted)]
Origin = Annotated[str, StringConstraints(pattern=r"^https?://[a-z0-9.-]+(:\d{1,5})?$")]
"""Of a site, without a path: https://www.example.com."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Company(Section):
    name: str = "安能快递"
    hotline: str = ""


def _database(url: str) -> str:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in ("sqlite", "postgresql") or not parsed.database:
        raise ValueError("expected sqlite:///file or postgresql://user:password@host/name")
    return url


class Database(Section):
    url: Annotated[str, AfterValidator(_database)] = "sqlite:///var/desk.db"


class Http(Section):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""
    calls_per_minute: int = Field(default=30_000, ge=1)


class Hours(Section):
    hours: tuple[Clock, Clock]

    @model_validator(mode="after")
    def _in_order(self) -> Hours:
        if self.hours[0] >= self.hours[1]:
            raise ValueError("expected the opening before the closing, such as ['09:00', '18:00']")
        return self


class Desk(Hours):
    hours: tuple[Clock, Clock] = (time(9), time(18))
    days: tuple[Weekday, ...] = WEEKDAYS
    closed_days: tuple[date, ...] = ()


class Pickup(Hours):
    hours: tuple[Clock, Clock] = (time(8), time(20))
    lead_minutes: int = Field(default=60, ge=0)
    max_days_ahead: int = Field(default=7, ge=0)
    closed_days: tuple[date, ...] = ()


class Billing(Section):
    round_up_to_kg: Positive = Decimal(1)
    volume_divisor: Positive = Decimal(6000)


class Webchat(Section):
    enabled: bool = True
    identity_secret: str = ""
    allowed_origins: tuple[Origin, ...] = ()
    """Sites that may show the chat in a frame."""


class Telegram(Section):
    token: str = ""
    mode: Literal["polling", "webhook"] = "polling"
    base_url: str = ""


class Wechat(Section):
    app_id: str = ""
    app_secret: str = ""
    token: str = ""
    aes_key: str = ""
    base_url: str = ""


class Wecom(Section):
    corp_id: str = ""
    kf_secret: str = ""
    token: str = ""
    aes_key: str = ""
    base_url: str = ""


class Channels(Section):
    webchat: Webchat = Webchat()
    telegram: Telegram = Telegram()
    wechat: Wechat = Wechat()
    wecom: Wecom = Wecom()


def _webhook_secret(secret: str) -> str:
    """A secret of Standard Webhooks; an empty one is none."""
    try:
        known = b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        known = b""
    if secret and not (secret.startswith("whsec_") and 16 <= len(known) <= 64):
        raise ValueError("expected whsec_ and the base64 of 24 to 64 random bytes")
    return secret


def _http_url(url: str) -> str:
    parsed = urlsplit(url)
    if parsed.scheme not in ("http", "https") or not parsed.hostname:
        raise ValueError("expected http://… or https://…")
    return url.rstrip("/")


WebhookSecret = Annotated[str, AfterValidator(_webhook_secret)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
EVENT = r"^(\*|(handoff|message|case|deadline|conversation)\.(\*|[a-z_]+))$"


class Kuaidi100(Section):
    base_url: str = "https://poll.kuaidi100.com"
    customer: str = ""
    key: str = ""
    company: str = "annengwuliu"
    salt: str = ""
    timeout_seconds: float = Field(default=2.5, gt=0, le=30)

    @model_validator(mode="after")
    def _whole(self) -> Kuaidi100:
        if bool(self.customer) != bool(self.key):
            raise ValueError("expected customer and key together")
        return self


class Tracking(Section):
    kuaidi100: Kuaidi100 = Kuaidi100()


class Endpoint(Section):
    name: Annotated[str, StringConstraints(max_length=100)] = ""
    url: HttpUrl
    secret: Annotated[WebhookSecret, StringConstraints(min_length=1)]
    previous_secret: WebhookSecret = ""
    events: tuple[Annotated[str, StringConstraints(pattern=EVENT)], ...] = ()
    version: Literal[1] = 1
    verify_url: HttpUrl | Literal[""] = ""

    @property
    def title(self) -> str:
        """Its name, or where it is, without what may be a secret in its address."""
        parsed = urlsplit(self.url)
        return self.name or f"{parsed.netloc.rpartition('@')[2]}{parsed.path}"[:100]

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.secret, self.previous_secret)))


class Mirror(Section):
    endpoints: tuple[Endpoint, ...] = ()
    inbound_secret: WebhookSecret = ""
    previous_inbound_secret: WebhookSecret = ""
    allow_networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @property
    def inbound_secrets(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.inbound_secret, self.previous_inbound_secret)))

    @model_validator(mode="after")
    def _each_name_once(self) -> Mirror:
        titles = [each.title for each in self.endpoints]
        for title in titles:
            if titles.count(title) > 1 or title == "chatwoot":
                raise ValueError(f"expected a name of its own for each endpoint, found {title} again")
        return self


class Chatwoot(Section):
    base_url: HttpUrl | Literal[""] = ""
    account_id: int = 0
    inbox_id: int = 0
    api_token: str = ""
    bot_token: str = ""
    webhook_secret: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Chatwoot:
        if self.base_url and not (self.account_id and self.inbox_id and self.api_token):
            raise ValueError("expected account_id, inbox_id and api_token beside base_url")
        return self


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("expected a time zone such as Asia/Shanghai") from None
    return name


class Settings(BaseSettings):
    """All settings; `root` is the folder of the file, where relative paths start."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="YIDA_", env_nested_delimiter="__"
    )

    company: Company = Company()
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    database: Database = Database()
    http: Http = Http()
    data: str = "data"
    desk: Desk = Desk()
    pickup: Pickup = Pickup()
    billing: Billing = Billing()
    channels: Channels = Channels()
    tracking: Tracking = Tracking()
    mirror: Mirror = Mirror()
    chatwoot: Chatwoot = Chatwoot()
    root: Path = Field(default=Path(), exclude=True)

    @model_validator(mode="after")
    def _can_be_called(self) -> Settings:
        if self.channels.telegram.mode == "webhook" and not self.http.public_url:
            raise ValueError("expected http.public_url, where channels.telegram.mode: webhook is called")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def data_folder(self) -> Path:
        return self.root / self.data

    @property
    def address(self) -> str:
        """Where a customer's browser finds the desk."""
        return self.http.public_url or f"http://{self.http.host}:{self.http.port}"


def read_settings(file: Path) -> tuple[Settings | None, list[Fault]]:
    """The settings of a file, or every fault in it."""
    if not file.is_file():
        return None, [Fault(str(file), "file", "a readable configuration file", "none")]
    try:
        data = yaml.safe_load(file.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return None, [Fault(file.name, _line(error), "valid YAML in UTF-8")]
    if data is not None and not isinstance(data, dict):
        return None, [Fault(file.name, "top level", "keys and values")]

    class FileSettings(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, YamlConfigSettingsSource(settings_cls, file)

    try:
        return FileSettings(root=file.resolve().parent), []
    except ValidationError as error:
        return None, [_fault(file.name, dict(each)) for each in error.errors()]


def _line(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}" if mark else "file"


def _fault(file: str, error: dict[str, Any]) -> Fault:
    key = ".".join(str(part) for part in error["loc"]) or "top level"
    if error["type"] == "extra_forbidden":
        return Fault(file, key, "no such key (see docs/configuration.md)", str(error["input"]))
    expected = str(error["msg"])
    for opening in ("Value error, ", "expected ", "Input should be "):
        expected = expected.removeprefix(opening)
    secret = any(word in key for word in SECRET)
    return Fault(file, key, expected, "" if secret else str(error["input"]))

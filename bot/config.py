"""config.yaml and the environment → typed settings; an unknown key or a bad value stops the start."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from itertools import chain, pairwise
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
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

from bot.channel_settings import Channels
from bot.mirror_settings import Chatwoot, Mirror
from bot.section import Section
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
    breaks: tuple[tuple[Clock, Clock], ...] = ()
    work_days: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> Desk:
        times = [self.hours[0], *chain.from_iterable(self.breaks), self.hours[1]]
        if any(before >= after for before, after in pairwise(times)):
            raise ValueError("expected breaks inside the hours, in their order, such as [['12:00', '13:30']]")
        if both := sorted(set(self.closed_days) & set(self.work_days)):
            raise ValueError(f"expected {both[0]} among closed_days or work_days, not both")
        return self


class Queue(Section):
    """How people share the queue; times after which something happens to a chat."""

    automatic: bool = True
    lease_seconds: int = Field(default=60, ge=10)
    away_minutes: int = Field(default=5, ge=1)
    reopen_hours: int = Field(default=24, ge=0)
    ask_rating: bool = True


class Pickup(Hours):
    hours: tuple[Clock, Clock] = (time(8), time(20))
    lead_minutes: int = Field(default=60, ge=0)
    max_days_ahead: int = Field(default=7, ge=0)
    closed_days: tuple[date, ...] = ()


class Billing(Section):
    round_up_to_kg: Positive = Decimal(1)
    volume_divisor: Positive = Decimal(6000)


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


class Retention(Section):
    """Days that what customers said, and whose a closed case was, is kept."""

    conversation_days: int = Field(default=365, ge=1)
    case_days: int = Field(default=1096, ge=1)


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
    queue: Queue = Queue()
    pickup: Pickup = Pickup()
    billing: Billing = Billing()
    channels: Channels = Channels()
    tracking: Tracking = Tracking()
    retention: Retention = Retention()
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
    secret = any(word in key for word in SECRET) or isinstance(error["input"], dict | BaseModel)
    return Fault(file, key, expected, "" if secret else str(error["input"]))

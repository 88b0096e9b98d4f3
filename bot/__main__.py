"""The command line: serve, check, chat, migrate, misunderstood, export, retention, wechat, token, agent."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path

import structlog

from bot import agent_commands, clock, mirror_commands, token_commands
from bot.config import Settings, read_settings
from faq.faults import Fault


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    config = argparse.ArgumentParser(add_help=False)
    config.add_argument("--config", type=Path, default=Path("config.yaml"), help="default: config.yaml")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", parents=[config], help="run the desk")
    commands.add_parser(
        "check", parents=[config], help="read settings and reference data, report every fault"
    )
    commands.add_parser("chat", parents=[config], help="the same desk in a terminal")
    commands.add_parser("migrate", parents=[config], help="bring the database to the newest schema")
    doubted = commands.add_parser(
        "misunderstood",
        parents=[config],
        help="messages that were not understood or were corrected, as JSON Lines for `intents review`",
    )
    doubted.add_argument("--days", type=int, default=30, help="how far back, default 30")
    ledger = commands.add_parser("export", parents=[config], help="write the ledger (台帐) to a file")
    ledger.add_argument("file", type=Path, help="its name ends in .csv or .xlsx")
    ledger.add_argument("--kind", default="", help="only cases of this kind: claim, complaint …")
    ledger.add_argument("--since", type=date.fromisoformat, help="opened on this day or later: 2026-11-01")
    ledger.add_argument("--until", type=date.fromisoformat, help="opened before this day")
    old = commands.add_parser(
        "retention", parents=[config], help="delete what is kept longer than retention.* allows"
    )
    old.add_argument("--dry-run", action="store_true", help="only count it")
    wechat = commands.add_parser("wechat", help="the Official Account")
    menus = wechat.add_subparsers(dest="action", required=True)
    menu = menus.add_parser("menu", parents=[config], help="put the menu under the account's chat")
    menu.add_argument(
        "--file", type=Path, help="default: wechat_menu.yaml of the data folder, or the shipped"
    )
    token = commands.add_parser("token", help="tokens of company systems")
    actions = token.add_subparsers(dest="action", required=True)
    add = actions.add_parser("add", parents=[config], help="print a new token")
    add.add_argument("name")
    add.add_argument(
        "--scope", action="append", metavar="SCOPE", help="such as cases:read; default: everything"
    )
    actions.add_parser("list", parents=[config], help="names, scopes and last use")
    revoke = actions.add_parser("revoke", parents=[config], help="refuse a token from now on")
    revoke.add_argument("name")
    mirror_commands.add_parser(commands, config)
    agent_commands.add_parser(commands, config)
    arguments = parser.parse_args()
    _log_to_stderr()
    settings, faults = read_settings(arguments.config)
    if arguments.command == "check":
        return _check(settings, faults)
    if settings is None:
        return _tell(faults)
    return _run(arguments, settings)


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run a command; what stops it at the start is told without a traceback."""
    from bot.app import BadReference, NoDatabase, StaleModel

    try:
        if arguments.command == "serve":
            return _serve(settings)
        if arguments.command == "chat":
            return _chat(settings)
        if arguments.command == "migrate":
            return asyncio.run(_migrate(settings))
        if arguments.command == "misunderstood":
            return asyncio.run(_misunderstood(settings, arguments.days))
        if arguments.command == "export":
            return asyncio.run(_export(settings, arguments))
        if arguments.command == "agent":
            return agent_commands.run(settings, arguments)
        if arguments.command == "retention":
            return asyncio.run(_delete_old(settings, arguments.dry_run))
        if arguments.command == "wechat":
            return asyncio.run(_set_menu(settings, arguments.file))
        if arguments.command == "mirror":
            return asyncio.run(mirror_commands.run(settings, arguments))
        return asyncio.run(token_commands.run(settings, arguments))
    except BadReference as error:
        return _tell(error.faults)
    except (NoDatabase, StaleModel) as error:
        print(error, file=sys.stderr)
        return 1


def _log_to_stderr() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _tell(faults: list[Fault]) -> int:
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1


def _check(settings: Settings | None, faults: list[Fault]) -> int:
    """Read everything; faults of the settings do not hide those of the data where its folder is known."""
    if settings is not None:
        from bot.channels.wechat_menu import menu_file, read_menu
        from bot.reference import read_demo_shipments, read_knowledge

        faults = [*faults, *read_knowledge(settings)[1], *read_demo_shipments(settings)[1]]
        faults += read_menu(menu_file(settings))[1]
    if faults:
        return _tell(faults)
    print("ok: settings and reference data are sound")
    return 0


def _serve(settings: Settings) -> int:
    from bot.app import App, serve
    from bot.staff import FirstSignIn

    def ready(app: App, first: FirstSignIn | None) -> None:
        print(f"Chat page:  {settings.address}/")
        if first:
            print(f"Sign-in:    {first.agent.login}  {first.password}  (shown once, to be changed)")
        print(f"Data:       {settings.data_folder} ({len(app.desk.knowledge.entries)} FAQ entries)")
        print(f"Database:   {settings.database.url.partition('@')[2] or settings.database.url}")
        print("Stop:       Ctrl-C", flush=True)

    try:
        asyncio.run(serve(settings, ready))
    except OSError as error:
        print(
            f"cannot listen on {settings.http.host}:{settings.http.port}: {error.strerror}", file=sys.stderr
        )
        return 1
    return 0


def _chat(settings: Settings) -> int:
    from bot.channels.terminal import chat

    chat(settings)
    return 0


async def _migrate(settings: Settings) -> int:
    from bot.store.migrate import head
    from bot.store.opening import opened

    async with opened(settings.database.url, settings.root):
        print(f"the database is at revision {head()}")
    return 0


async def _misunderstood(settings: Settings, days: int) -> int:
    from bot import doubts
    from bot.store.opening import opened

    since = clock.now(settings.zone) - timedelta(days=days)
    async with opened(settings.database.url, settings.root) as store:
        rows = await store.read(lambda connection: list(doubts.read(connection, since, settings.zone)))
    for row in rows:
        print(json.dumps(row, ensure_ascii=False))
    return 0


async def _delete_old(settings: Settings, dry: bool) -> int:
    from bot.app import uploads_folder
    from bot.retention import Sweep
    from bot.store.opening import opened
    from bot.uploads import Uploads

    async with opened(settings.database.url, settings.root) as store:
        uploads = Uploads(store, uploads_folder(settings))
        sweep = Sweep(store, uploads, settings.retention, datetime.now(settings.zone))
        counts = await (sweep.count() if dry else sweep.run())
    print("\n".join(f"{name:<14}{count}" for name, count in counts.items()))
    return 0


async def _export(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.cases import PREFIXES
    from bot.export import FORMATS, Wanted, export
    from bot.store.opening import opened

    path: Path = arguments.file
    if path.suffix[1:] not in FORMATS:
        print(f"{path}: expected a name that ends in .{' or .'.join(FORMATS)}", file=sys.stderr)
        return 1
    if arguments.kind and arguments.kind not in PREFIXES:
        print(f"--kind {arguments.kind}: expected one of {', '.join(PREFIXES)}", file=sys.stderr)
        return 1

    def start(day: date | None) -> datetime | None:
        return datetime.combine(day, time.min, settings.zone) if day else None

    wanted = Wanted(kind=arguments.kind, since=start(arguments.since), until=start(arguments.until))
    async with opened(settings.database.url, settings.root) as store:
        try:
            count = await export(store, wanted, path, settings.zone)
        except OSError as error:
            print(f"cannot write {path}: {error.strerror}", file=sys.stderr)
            return 1
    print(f"{path}: {count} cases")
    return 0


async def _set_menu(settings: Settings, file: Path | None) -> int:
    from aiohttp import ClientError

    from bot.channels.wechat_api import Refused
    from bot.channels.wechat_menu import menu_file, read_menu, set_menu
    from bot.store.opening import opened

    if not settings.channels.wechat.app_secret:
        print("channels.wechat.app_secret is not set", file=sys.stderr)
        return 1
    menu, faults = read_menu(file or menu_file(settings))
    if faults:
        return _tell(faults)
    async with opened(settings.database.url, settings.root) as store:
        try:
            await set_menu(settings, store, menu)
        except (Refused, ClientError, TimeoutError) as error:
            print(f"WeChat did not take the menu: {error or type(error).__name__}", file=sys.stderr)
            return 1
    print(f"the menu is set: {', '.join(button.name for button in menu)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
